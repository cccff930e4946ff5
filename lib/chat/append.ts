import { setImmediate } from "node:timers/promises";
import * as v from "valibot";
import { Fault } from "../fault.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { roleOf } from "../people/system.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { find, isHidden, PART, parseStamp, trim } from "./archive.js";
import { MESSAGE_MAX, type References, referenceArguments, refuseMention, tooLargeMessage } from "./content.js";
import type { FirstMessage } from "./open-thread.js";
import type { Chat } from "./thread.js";

/** The result of sending a message. */
export type Sent = { type: "message"; id: string; thread: string; seq: number; timestamp: string; duplicate?: true };

/** A message to be sent, before its thread and its seq are known. */
export type Draft = {
  id: string;
  fingerprint: string;
  timestamp: string;
  references: References;
  /** Returns the message for a thread, and claims its files for that. */
  inThread(thread: string): Promise<FirstMessage>;
};

// Appends a message, or finds the one that has its id. The references of a message are checked only if it is new.
// In a room that is slow, who is no owner sends one message in so many seconds; the time of the last one is kept for as long.
// KEYS: clock, thread, events, tips, when the sender last sent, messages part k, messages part k + 1.
// ARGV: own: who (encoded), thread id, message id, k, message before and after its seq, stamp without the seq, time,
// the id it replies to or '', the number of its mentions, then every member it mentions, then every user it is meant for (both encoded).
// Returns: {ok, seq, and of its event epoch, n, tag, kind}, {known, "seq timestamp fingerprint"}, {not_member}, {read_only},
// {unknown} if there is no message to reply to, {outsider, which one} for a mention of a non-member, {elsewhere} if somebody it is meant for
// is not a member, {large}, {slow, seconds to wait, seconds between two messages}, or {part, k} if the archive
// has reached another part.
const POST = writeScript(`
local thread, events, tips, sent, guess, mentions = KEYS[2], KEYS[3], KEYS[4], KEYS[5], tonumber(ARGV[8]), 15
local recipients = mentions + tonumber(ARGV[14])
local who, id, messageId, head, tail = ARGV[5], ARGV[6], ARGV[7], ARGV[9], ARGV[10]
local stamp, timestamp, answered = ARGV[11], ARGV[12], ARGV[13]
local fields = {'seq', 'tip', 'role:' .. who, 'id:' .. messageId, 'kind', 'id:' .. answered}
for i = mentions, #ARGV do fields[#fields + 1] = 'role:' .. ARGV[i] end
for _, name in ipairs({'history', 'from:' .. who, 'slow'}) do fields[#fields + 1] = name end
local it = redis.call('HMGET', thread, unpack(fields))
local newest, tip, role, known = tonumber(it[1] or 0), it[2], ${roleOf("it[3]", "who", "it[5]")}, it[4]
local pause = tonumber(it[#fields] or 0)
if not role then return {'not_member'} end
if known then return {'known', known} end
if role == 'visitor' then return {'read_only'} end
if answered ~= '' and not it[6] then return {'unknown'} end
local told = it[6] and string.match(it[6], '^%d+')
if told and ${isHidden("it[#fields - 2]", "it[#fields - 1]", "told")} then return {'unknown'} end
for i = recipients, #ARGV do if not it[i - mentions + 7] then return {'elsewhere'} end end
for i = mentions, recipients - 1 do if not it[i - mentions + 7] then return {'outsider', i - mentions + 1} end end
local seq = newest + 1
local part = math.floor((seq - 1) / ${PART})
local list = KEYS[6 + part - guess]
if part < guess or not list then return {'part', part} end
local number = text(seq)
local message = head .. number .. tail
if #message > ${MESSAGE_MAX} then return {'large'} end
if pause > 0 and role ~= 'owner' then
  local wait = tonumber(redis.call('GET', sent) or 0) + pause * 1000 - now
  if wait > 0 then return {'slow', math.ceil(wait / 1000), pause} end
  redis.call('SET', sent, text(now), 'PX', pause * 1000)
end
local kind = it[5] == 'direct' and 'direct' or 'post'
local at = append(events, tip, kind, who, id, '{"type":"message","message":' .. message .. '}')
redis.call('HSET', thread, 'seq', number, 'tip', at, 'updated', timestamp, 'read:' .. who, number, 'id:' .. messageId, number .. ' ' .. stamp)
redis.call('RPUSH', list, message)
redis.call('ZADD', tips, at, id)
commit()
return {'ok', seq, epoch, at, tag, kind}
`);

const Posted = v.union([
  v.tuple([v.literal("ok"), Count, v.string(), Count, v.string(), v.picklist(["direct", "post"])]),
  v.tuple([v.literal("known"), v.string()]),
  v.tuple([v.literal("part"), Count]),
  v.tuple([v.literal("not_member")]),
  v.tuple([v.literal("read_only")]),
  v.tuple([v.literal("unknown")]),
  v.tuple([v.literal("outsider"), Count]),
  v.tuple([v.literal("elsewhere")]),
  v.tuple([v.literal("large")]),
  v.tuple([v.literal("slow"), Count, Count]),
]);

/**
 * Appends a draft to a thread; undefined if there is no such thread, or the caller is not a member of it. Throws `thread_conflict` if one of
 * the users that it is meant for is not a member: it must not go to others. Throws `slow_mode` if the room makes the caller wait.
 */
export async function post(
  chat: Chat,
  caller: Caller,
  id: string,
  draft: Draft,
  now: number,
  to: readonly string[] = [],
): Promise<Sent | undefined> {
  const by = encode(caller.actor.id);
  const message = await draft.inThread(id);
  for (let part = chat.parts.get(id) ?? 0; ; ) {
    const reply = await tryPart(chat, by, id, draft, message, part, now, to);
    if (reply[0] === "not_member") return undefined;
    if (reply[0] === "read_only") throw new Fault("cannot_send");
    if (reply[0] === "unknown") throw new Fault("message_not_found");
    if (reply[0] === "outsider") return refuseMention("message", draft.references, reply[1]);
    if (reply[0] === "elsewhere") throw new Fault("thread_conflict", { detail: NOT_THESE });
    if (reply[0] === "large") return tooLargeMessage();
    if (reply[0] === "slow") return refuseHaste(reply[1], reply[2]);
    if (reply[0] === "known") return duplicate(reply[1], id, draft, by);
    if (reply[0] === "ok") {
      const [, seq, epoch, n, tag, kind] = reply;
      const body = `{"type":"message","message":${message.head}${seq}${message.tail}}`;
      chat.tail.applyOwn({ epoch, event: { n, tag, kind, by, thread: id, body } });
      // The recipients are written to in this turn of the event loop, the sender in the next: the message matters more than its result.
      await setImmediate();
      return appended(chat, seq, id, draft);
    }
    part = chat.parts.set(id, reply[1]);
  }
}

const NOT_THESE =
  "The thread has this id, but not all of these members: choose another id, or leave out the recipients";

function refuseHaste(retryAfter: number, pause: number): never {
  throw new Fault("slow_mode", { detail: `Members send one message in ${pause} s here`, retryAfter });
}

/** Returns the result of a message that was appended, and trims the archive if a new part has begun. */
export async function appended(chat: Chat, seq: number, id: string, draft: Draft): Promise<Sent> {
  chat.parts.set(id, Math.floor((seq - 1) / PART));
  if (seq % PART === 1) await trim(chat, id, seq);
  return { type: "message", id: draft.id, thread: id, seq, timestamp: draft.timestamp };
}

/** Runs the script once, for an archive whose newest part is `part` or the one after it. */
function tryPart(
  chat: Chat,
  by: string,
  id: string,
  draft: Draft,
  { head, tail, stamp }: FirstMessage,
  part: number,
  now: number,
  to: readonly string[],
) {
  const { keys } = chat;
  return write(
    chat,
    POST,
    Posted,
    now,
    [
      ...[keys.thread(id), keys.events(id), keys.tips(id), keys.sent(id, by)],
      ...[keys.messages(id, part), keys.messages(id, part + 1)],
    ],
    [
      ...[by, id, draft.id.toLowerCase(), part, head, tail, stamp, draft.timestamp],
      ...referenceArguments(draft.references),
      ...to.map(encode),
    ],
  );
}

/** Returns the result of a message that was accepted before; undefined if there is none with this id and content. */
export async function duplicateOf(
  chat: Chat,
  caller: Caller,
  thread: string,
  id: string,
  hash: string,
): Promise<Sent | undefined> {
  const found = await find(chat, caller, thread, id).catch(() => undefined);
  if (found?.stamp.sender !== encode(caller.actor.id) || found.stamp.fingerprint !== hash) return undefined;
  const { seq, timestamp } = found.stamp;
  return { type: "message", id, thread, seq, timestamp, duplicate: true };
}

function duplicate(text: string, id: string, draft: Draft, by: string): Sent {
  const stamp = parseStamp(text);
  if (stamp?.sender !== by || stamp.fingerprint !== draft.fingerprint) throw new Fault("id_conflict");
  return { type: "message", id: draft.id, thread: id, seq: stamp.seq, timestamp: stamp.timestamp, duplicate: true };
}
