import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { Fault } from "../fault.js";
import { tail } from "../log/tail.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Message } from "../schema/stanza.js";
import * as keys from "../store/keys.js";
import { PART, parseStamp, trim } from "./archive.js";
import { checkSize, MESSAGE_MAX, polish, tooLargeMessage } from "./content.js";
import { fingerprint } from "./fingerprint.js";
import { checkFirst, type References, refuseMention, spell } from "./reference.js";
import * as thread from "./thread.js";

export type Sent = { type: "message"; id: string; thread: string; seq: number; timestamp: string; duplicate?: true };

/**
 * Sends a message, or answers again for one that was already sent. Finds or makes the thread when the message names people instead.
 * Throws `thread_not_found`, `cannot_send`, `id_conflict`, `no_recipient`, `not_a_contact`, `message_not_found`, `invalid`, `too_large`.
 */
export async function send(caller: Caller, message: Message, now: number): Promise<Sent> {
  const draft = compose(caller, message, now);
  if (message.thread !== undefined) return sendTo(caller, message.thread, message.to, draft, now);
  if (message.to === undefined) throw new Fault("no_recipient");
  return (
    (await sendDirect(caller, message.to, draft, now)) ?? (await sendDirect(caller, message.to, draft, now)) ?? lost()
  );
}

async function sendDirect(caller: Caller, to: string[], draft: Draft, now: number): Promise<Sent | undefined> {
  const { id, made } = await thread.direct(caller, to, now, opening(caller, to, draft));
  if (made) return done(1, id, draft);
  const sent = await post(caller, id, draft, now);
  if (sent === undefined) thread.forgetDirect();
  return sent;
}

async function sendTo(caller: Caller, id: string, to: string[] | undefined, draft: Draft, now: number): Promise<Sent> {
  const sent = await post(caller, id, draft, now);
  if (sent !== undefined) return sent;
  if (to === undefined) return lost();
  try {
    await thread.room(caller, { id, members: to }, now, opening(caller, to, draft));
    return await done(1, id, draft);
  } catch (error) {
    // Somebody else's, or just made by another request of this sender's: a second attempt tells.
    if (!(error instanceof Fault && error.code === "thread_conflict")) throw error;
    return (await post(caller, id, draft, now)) ?? lost();
  }
}

/** Writes a draft as the first message of a thread of the caller and others. */
function opening(caller: Caller, to: string[], draft: Draft): (thread: string) => thread.First {
  return (id) => {
    checkFirst(draft.references, [caller.actor.id, ...to]);
    return draft.write(id);
  };
}

function lost(): never {
  throw new Fault("thread_not_found");
}

/** A message as it will be delivered, but for its thread and its number. */
type Draft = {
  id: string;
  fingerprint: string;
  timestamp: string;
  references: References;
  write(thread: string): thread.First;
};

function compose(caller: Caller, message: Message, now: number): Draft {
  const content = polish(message.content);
  const id = message.id ?? uuid();
  const timestamp = new Date(now).toISOString();
  const said = fingerprint(content);
  const fields = { ...content, id, timestamp, sender: caller.actor };
  const stamp = `${timestamp} ${keys.encode(caller.actor.id)} ${said}`;
  const write = (to: string) => ({ id: id.toLowerCase(), stamp, ...around({ thread: to, ...fields }) });
  return { id, fingerprint: said, timestamp, references: content, write };
}

// The seq is put in by the script that counts, and looks again: its name and at least one digit.
const SEQ_BYTES = '"seq":,'.length + 1;

/** Writes a message as JSON, before and after its seq. */
function around(message: object): { head: string; tail: string } {
  const rest = checkSize(JSON.stringify(message), SEQ_BYTES);
  return { head: '{"seq":', tail: `,${rest.slice(1)}` };
}

// Appends one message, or finds the one that has its id. What a message refers to is looked for only when it is new.
// KEYS: clock, thread, events, tips, messages part k, messages part k + 1.
// ARGV: own: who (encoded), thread id, message id, k, message before and after its seq, what to remember after the seq, time,
// the id it answers or '', then everybody it mentions (encoded).
// Returns: {ok, seq, and of its event epoch, n, tag, kind}, {known, "seq timestamp fingerprint"}, {stranger}, {voiceless},
// {unknown}: there is nothing to answer, {outsider, which one}, {large} or {part, k}: the archive stands at another part.
const POST = `
local fields = {'seq', 'tip', 'role:' .. ARGV[5], 'id:' .. ARGV[7], 'kind', 'id:' .. ARGV[13]}
for i = 14, #ARGV do fields[i - 7] = 'role:' .. ARGV[i] end
local it = redis.call('HMGET', KEYS[2], unpack(fields))
if not it[3] then return {'stranger'} end
if it[4] then return {'known', it[4]} end
if it[3] == 'visitor' then return {'voiceless'} end
if ARGV[13] ~= '' and not it[6] then return {'unknown'} end
for i = 14, #ARGV do if not it[i - 7] then return {'outsider', i - 13} end end
local seq = tonumber(it[1]) + 1
local part = math.floor((seq - 1) / ${PART})
local list = KEYS[5 + part - tonumber(ARGV[8])]
if part < tonumber(ARGV[8]) or not list then return {'part', part} end
local number = text(seq)
local message = ARGV[9] .. number .. ARGV[10]
if #message > ${MESSAGE_MAX} then return {'large'} end
local kind = it[5] == 'direct' and 'direct' or 'post'
local at = append(KEYS[3], it[2], kind, ARGV[5], ARGV[6], '{"type":"message","message":' .. message .. '}')
redis.call('HSET', KEYS[2], 'seq', number, 'tip', at, 'updated', ARGV[12], 'read:' .. ARGV[5], number, 'id:' .. ARGV[7], number .. ' ' .. ARGV[11])
redis.call('RPUSH', list, message)
redis.call('ZADD', KEYS[4], at, ARGV[6])
commit()
return {'ok', seq, epoch, at, ARGV[3], kind}
`;

const Posted = v.union([
  v.tuple([v.literal("ok"), log.Count, v.string(), log.Count, v.string(), v.picklist(["direct", "post"])]),
  v.tuple([v.literal("known"), v.string()]),
  v.tuple([v.literal("part"), log.Count]),
  v.tuple([v.literal("stranger")]),
  v.tuple([v.literal("voiceless")]),
  v.tuple([v.literal("unknown")]),
  v.tuple([v.literal("outsider"), log.Count]),
  v.tuple([v.literal("large")]),
]);

/** Appends a draft to a thread; undefined when there is no such thread, or it is not the sender's. */
async function post(caller: Caller, id: string, draft: Draft, now: number): Promise<Sent | undefined> {
  const by = keys.encode(caller.actor.id);
  const { head, tail: rest, stamp } = draft.write(id);
  for (let part = parts.get(id) ?? 0; ; ) {
    const reply = await log.write(
      POST,
      Posted,
      now,
      [keys.thread(id), keys.events(id), keys.tips(id), keys.messages(id, part), keys.messages(id, part + 1)],
      [by, id, draft.id.toLowerCase(), part, head, rest, stamp, draft.timestamp, ...spell(draft.references)],
    );
    if (reply[0] === "stranger") return undefined;
    if (reply[0] === "voiceless") throw new Fault("cannot_send");
    if (reply[0] === "unknown") throw new Fault("message_not_found");
    if (reply[0] === "outsider") return refuseMention("message", draft.references, reply[1]);
    if (reply[0] === "large") return tooLargeMessage();
    if (reply[0] === "known") return again(reply[1], id, draft, by);
    if (reply[0] === "ok") {
      const [, seq, epoch, n, tag, kind] = reply;
      const body = `{"type":"message","message":${head}${seq}${rest}}`;
      tail.anticipate({ epoch, event: { n, tag, kind, by, thread: id, body } });
      return done(seq, id, draft);
    }
    part = remember(id, reply[1]);
  }
}

async function done(seq: number, id: string, draft: Draft): Promise<Sent> {
  remember(id, Math.floor((seq - 1) / PART));
  if (seq % PART === 1) await trim(id, seq);
  return { type: "message", id: draft.id, thread: id, seq, timestamp: draft.timestamp };
}

function again(text: string, id: string, draft: Draft, by: string): Sent {
  const stamp = parseStamp(text);
  if (stamp?.sender !== by || stamp.fingerprint !== draft.fingerprint) throw new Fault("id_conflict");
  return { type: "message", id: draft.id, thread: id, seq: stamp.seq, timestamp: stamp.timestamp, duplicate: true };
}

// Where each thread's archive stands, so that a message names the right list at once; a wrong guess costs one more attempt.
const parts = new Map<string, number>();
const PARTS_MAX = 50_000;

function remember(id: string, part: number): number {
  if (parts.size >= PARTS_MAX) parts.clear();
  parts.set(id, part);
  return part;
}
