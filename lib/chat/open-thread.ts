import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { encode } from "../store/keys.js";
import { removeAbandoned } from "./abandoned-room.js";
import { splitEntities } from "./entity-chunks.js";
import { CROWDED } from "./membership.js";
import { checkOutcome } from "./outcome.js";

/** The first message of a thread, written together with it: its id, its JSON before and after the seq, and its stamp without the seq. */
export type FirstMessage = { id: string; head: string; tail: string; stamp: string };

/** A thread to be created. */
export type ThreadPlan = {
  kind: "direct" | "room";
  members: string[];
  subject: string | undefined;
  history?: "all" | "joined" | undefined;
};

/** Creates a thread, or finds the direct one. The id of a room that everybody has left is free. Throws `forbidden`. */
export async function open(
  chat: Instance,
  caller: Caller,
  plan: ThreadPlan,
  id: string,
  now: number,
  firstMessage: ((id: string) => FirstMessage | Promise<FirstMessage>) | undefined,
) {
  const opened = await tryOpen(chat, caller, plan, id, now, firstMessage);
  if (opened.tag === "crowded") checkOutcome(opened.tag);
  if (opened.tag !== "left") return opened;
  await removeAbandoned(chat, id);
  return tryOpen(chat, caller, plan, id, now, firstMessage);
}

// Creates a thread, with a first message if one is given; unless its id is taken or, for a direct thread, its members already have one.
// A second attempt finds what the first one created.
// Nothing is written into the keys of a member who blocks the maker of a room, and who does not see it.
// KEYS: clock, thread, events, tips, members, direct (a room: thread), messages part 0, then each member's threads, then each member's
// blocks.
// ARGV: own: kind, id, who (encoded), time, subject or '', number of stanzas, message id or '', message before and after its seq, stamp
// without the seq, "1" if members see only what is sent after they join, then each stanza and the index of the last member that it names, then each member (encoded).
// Returns: {made, id}, {found, id}, {taken, id}, {left, id} if nobody is in it any more, or {crowded, id}.
// The read mark of an added member ends in one half, until the member sends, reads or joins: it shows that the member has not been active
// yet.
const OPEN = writeScript(`
local thread, events, tips, memberSet, direct, messages = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local kind, id, by, timestamp, subject, stanzas = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10])
local messageId, head, tail, stamp, sinceJoined = ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15] == '1'
local members = {}
for i = 16 + 2 * stanzas, #ARGV do members[#members + 1] = ARGV[i] end
${CROWDED}
local function threadsOf(i) return KEYS[7 + i] end
local function blocksOf(i) return KEYS[7 + #members + i] end
if redis.call('HGET', thread, 'born') == tag then return {'made', id} end
if kind == 'direct' then
  local found = redis.call('GET', direct)
  if found then return {'found', found} end
end
if redis.call('EXISTS', thread) == 1 then return {redis.call('ZCARD', memberSet) == 0 and 'left' or 'taken', id} end
local blocked, joined, at = {}, {}, '0'
for i = 1, #members do
  blocked[i] = kind == 'room' and redis.call('HEXISTS', blocksOf(i), by) == 1
  if not blocked[i] and crowded(threadsOf(i)) then return {'crowded', id} end
end
for i = 1, stanzas do
  local stanza, last = ARGV[14 + 2 * i], tonumber(ARGV[15 + 2 * i])
  at = append(events, at, 'join', by, id, stanza)
  for j = #joined + 1, last do joined[j] = at end
end
redis.call('HSET', thread, 'kind', kind, 'created', timestamp, 'updated', timestamp, 'born', tag)
if subject ~= '' then redis.call('HSET', thread, 'subject', subject) end
if sinceJoined then redis.call('HSET', thread, 'history', 'joined') end
if kind == 'room' then redis.call('HSET', thread, 'owners', '1') else redis.call('SET', direct, id) end
batch('HSET', thread, members, function(who)
  local role = kind == 'room' and who == by and 'owner' or 'member'
  return 'role:' .. who, role, 'read:' .. who, who == by and '0' or '0.5'
end)
batch('ZADD', memberSet, members, function(who, i) return string.format('%.4f', joined[i] + (i - 1) / 4096), who end)
for i = 1, #members do
  if blocked[i] then redis.call('HSET', thread, 'unaware:' .. members[i], '1') else redis.call('HSET', threadsOf(i), id, joined[i]) end
end
if messageId ~= '' then
  local first = head .. '1' .. tail
  at = append(events, at, kind == 'direct' and 'direct' or 'post', by, id, '{"type":"message","message":' .. first .. '}')
  redis.call('HSET', thread, 'read:' .. by, '1', 'id:' .. messageId, '1 ' .. stamp)
  redis.call('RPUSH', messages, first)
end
redis.call('HSET', thread, 'seq', messageId == '' and '0' or '1', 'tip', at)
redis.call('ZADD', tips, at, id)
commit()
return {'made', id}
`);

const Opened = v.pipe(
  v.tuple([v.picklist(["made", "found", "taken", "left", "crowded"]), v.string()]),
  v.transform(([tag, id]) => ({ tag, id })),
);

async function tryOpen(
  chat: Instance,
  caller: Caller,
  plan: ThreadPlan,
  id: string,
  now: number,
  firstMessage: ((id: string) => FirstMessage | Promise<FirstMessage>) | undefined,
) {
  const { kind, members } = plan;
  const subject = plan.subject || undefined;
  const history = plan.history === "joined" ? plan.history : undefined;
  const first = (await firstMessage?.(id)) ?? { id: "", head: "", tail: "", stamp: "" };
  const timestamp = new Date(now).toISOString();
  const by = caller.actor.id;
  let named = 0;
  const stanzas = splitEntities(members).flatMap((entities, i) => {
    named += entities.length;
    const more = i === 0 ? { action: "created", kind, subject, history } : { action: "added", kind };
    const stanza = { type: "thread", thread: { id, by, entity: by, timestamp, ...more, entities } };
    return [JSON.stringify(stanza), named];
  });
  return write(
    chat,
    OPEN,
    Opened,
    now,
    [
      chat.keys.thread(id),
      chat.keys.events(id),
      chat.keys.tips(id),
      chat.keys.members(id),
      kind === "direct" ? chat.keys.direct(members) : chat.keys.thread(id),
      chat.keys.messages(id, 0),
      ...members.map(chat.keys.threads),
      ...members.map(chat.keys.blocks),
    ],
    [
      ...[kind, id, encode(by), timestamp, subject ?? "", stanzas.length / 2],
      ...[first.id, first.head, first.tail, first.stamp, history === undefined ? "0" : "1"],
      ...stanzas,
      ...members.map(encode),
    ],
  );
}
