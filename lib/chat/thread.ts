import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { BoundedMap } from "../bounded-map.js";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import { type Caller, checkContacts } from "../people/caller.js";
import type { NewThread } from "../schema/stanza.js";
import { encode } from "../store/keys.js";

/** The context of the functions of this layer: the instance, and caches that save commands. */
export type Chat = Instance & {
  /** Key of a direct thread → its id. The direct thread of a set of members never changes, so it is looked up once. */
  readonly directs: BoundedMap<string, string>;
  /** Thread → the newest part of its archive. A wrong guess costs one more attempt. */
  readonly parts: BoundedMap<string, number>;
};

const DIRECTS_MAX = 10_000;
const PARTS_MAX = 50_000;

/** Creates the caches of `Chat`. */
export function createCaches() {
  return { directs: new BoundedMap<string, string>(DIRECTS_MAX), parts: new BoundedMap<string, number>(PARTS_MAX) };
}

/** The first message of a thread, written together with it: its id, its JSON before and after the seq, and its stamp without the seq. */
export type FirstMessage = { id: string; head: string; tail: string; stamp: string };

/** Finds the direct thread of the caller and others, or creates it, with a first message if one is given. Throws `not_a_contact`. */
export async function direct(
  chat: Chat,
  caller: Caller,
  others: readonly string[],
  now: number,
  firstMessage?: (id: string) => FirstMessage,
  subject?: string,
): Promise<{ id: string; made: boolean }> {
  const members = [...new Set([caller.actor.id, ...others])];
  checkContacts(caller, members);
  const key = chat.keys.direct(members);
  // The cache is used only for a message, which is sent again if its thread no longer exists; anything else would not notice.
  const known = (firstMessage && chat.directs.get(key)) ?? (await lookUp(chat, key));
  if (known !== undefined) return { id: chat.directs.set(key, known), made: false };
  const opened = await open(chat, caller, { kind: "direct", members, subject }, uuid(), now, firstMessage);
  return { id: chat.directs.set(key, opened.id), made: opened.tag === "made" };
}

/**
 * Creates a room that the caller owns, with a first message if one is given. Throws `thread_conflict` for a taken id, `not_a_contact`,
 * `too_large`.
 */
export async function room(
  chat: Chat,
  caller: Caller,
  request: Omit<NewThread, "kind">,
  now: number,
  firstMessage?: (id: string) => FirstMessage,
): Promise<string> {
  const members = [...new Set([caller.actor.id, ...request.members])];
  checkContacts(caller, members);
  if (members.length > chat.config.roomMax)
    throw new Fault("too_large", { detail: `A room has at most ${chat.config.roomMax} members` });
  const { id = uuid(), subject } = request;
  const opened = await open(chat, caller, { kind: "room", members, subject }, id, now, firstMessage);
  if (opened.tag !== "made") throw new Fault("thread_conflict");
  return opened.id;
}

/** Finds or creates the thread that a request describes. Throws as `direct` and `room` do. */
export async function make(
  chat: Chat,
  caller: Caller,
  request: NewThread,
  now: number,
): Promise<{ id: string; made: boolean }> {
  return request.kind === "direct"
    ? direct(chat, caller, request.members, now, undefined, request.subject)
    : { id: await room(chat, caller, request, now), made: true };
}

// Creates a thread, with a first message if one is given; unless its id is taken or, for a direct thread, its members already have one.
// A second attempt finds what the first one created.
// KEYS: clock, thread, events, tips, members, direct (a room: thread), messages part 0, then each member's threads, then each member's
// blocks.
// ARGV: own: kind, id, who (encoded), time, subject or '', stanza, message id or '', message before and after its seq, stamp without
// the seq, then each member (encoded).
// Returns: {made, id}, {found, id} or {taken, id}.
// The read mark of an added member ends in one half, until the member sends, reads or joins: it shows that the member has not been active
// yet.
const OPEN = writeScript(`
local thread, events, tips, memberSet, direct, messages = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local kind, id, by, timestamp, subject, stanza = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local messageId, head, tail, stamp = ARGV[11], ARGV[12], ARGV[13], ARGV[14]
local members = {}
for i = 15, #ARGV do members[i - 14] = ARGV[i] end
local function threadsOf(i) return KEYS[7 + i] end
local function blocksOf(i) return KEYS[7 + #members + i] end
if redis.call('HGET', thread, 'born') == tag then return {'made', id} end
if kind == 'direct' then
  local found = redis.call('GET', direct)
  if found then return {'found', found} end
end
if redis.call('EXISTS', thread) == 1 then return {'taken', id} end
local at = append(events, '0', 'join', by, id, stanza)
redis.call('HSET', thread, 'kind', kind, 'created', timestamp, 'updated', timestamp, 'born', tag)
if subject ~= '' then redis.call('HSET', thread, 'subject', subject) end
if kind == 'room' then redis.call('HSET', thread, 'owners', '1') else redis.call('SET', direct, id) end
batch('HSET', thread, members, function(who)
  local role = kind == 'room' and who == by and 'owner' or 'member'
  return 'role:' .. who, role, 'read:' .. who, who == by and '0' or '0.5'
end)
batch('ZADD', memberSet, members, function(who, i) return string.format('%.4f', at + (i - 1) / 4096), who end)
for i = 1, #members do
  local blocked = kind == 'room' and redis.call('HEXISTS', blocksOf(i), by) == 1
  redis.call('HSET', threadsOf(i), id, blocked and '0' or at)
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
  v.tuple([v.picklist(["made", "found", "taken"]), v.string()]),
  v.transform(([tag, id]) => ({ tag, id })),
);

function open(
  chat: Chat,
  caller: Caller,
  plan: { kind: "direct" | "room"; members: string[]; subject: string | undefined },
  id: string,
  now: number,
  firstMessage: ((id: string) => FirstMessage) | undefined,
) {
  const { kind, members, subject } = plan;
  const first = firstMessage?.(id) ?? { id: "", head: "", tail: "", stamp: "" };
  const timestamp = new Date(now).toISOString();
  const by = caller.actor.id;
  const stanza = {
    type: "thread",
    thread: { id, action: "created", by, entity: by, timestamp, kind, subject, entities: members },
  };
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
      ...[kind, id, encode(by), timestamp, subject ?? "", JSON.stringify(stanza)],
      ...[first.id, first.head, first.tail, first.stamp],
      ...members.map(encode),
    ],
  );
}

async function lookUp(chat: Chat, key: string): Promise<string | undefined> {
  const [id] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) => batch.get(key));
  return id ?? undefined;
}
