import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import { isSystem } from "../people/system.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { discardFiles } from "./file-record.js";

/** The messages in one list of the archive; the archive of a thread is a sequence of such lists, its parts. */
export const PART = 256;

/** What a thread's hash stores about a message: `seq timestamp sender fingerprint`, and after a change a fifth word. */
export type Stamp = {
  text: string;
  seq: number;
  timestamp: string;
  sender: string;
  fingerprint: string;
  retracted: boolean;
};

/** Parses a stamp; undefined if the text is not one. */
export function parseStamp(text: string): Stamp | undefined {
  const [seq, timestamp, sender, fingerprint, version] = text.split(" ");
  if (!seq || !timestamp || !sender || !fingerprint) return undefined;
  return { text, seq: Number(seq), timestamp, sender, fingerprint, retracted: version === RETRACTED };
}

/** The fifth word in the stamp of a retracted message. */
export const RETRACTED = "retracted";

/** A message in the archive, the caller's role in its thread, and whether the caller cannot read it, since they joined later. */
export type ArchivedMessage = { role: string; stamp: Stamp; message: string; hidden: boolean };

/** Returns the seq up to which a member cannot read a thread: where only what was sent since they joined is shown, that at the joining. */
export function hiddenUpTo(history: string | null, joined: number | null): number {
  return history === "joined" ? (joined ?? 0) : 0;
}

/** Lua: an expression for the same question about one message. All three are Lua, too: `history` and `from:<who>` of the thread's hash, and the seq. */
export function isHidden(history: string, from: string, seq: string): string {
  return `(${history} == 'joined' and tonumber(${seq}) <= tonumber(${from} or 0))`;
}

/**
 * Finds a message by its id, in two plain reads. The result may be stale, so a script that acts on it must compare the stamp. Only the
 * primary is believed that something does not exist. Throws `thread_not_found`, and `message_not_found` also for a retracted message.
 */
export async function find(chat: Instance, caller: Caller, thread: string, id: string): Promise<ArchivedMessage> {
  try {
    return await findBy(chat, "readAnywhere", caller, thread, id);
  } catch (error) {
    if (!(error instanceof Fault && error.status === 404)) throw error;
    return findBy(chat, "transact", caller, thread, id);
  }
}

const RoleAndStamp = v.tuple([
  v.tuple([v.nullable(v.string()), v.nullable(v.string()), v.nullable(v.string()), v.nullable(Count)]),
]);
const StoredMessage = v.tuple([v.nullable(v.string())]);

async function findBy(
  chat: Instance,
  read: "readAnywhere" | "transact",
  caller: Caller,
  thread: string,
  id: string,
): Promise<ArchivedMessage> {
  const { store } = chat;
  const who = encode(caller.actor.id);
  const [[role, text, history, from]] = await store[read](RoleAndStamp, (batch) =>
    batch.hmget(chat.keys.thread(thread), `role:${who}`, `id:${id.toLowerCase()}`, "history", `from:${who}`),
  );
  if (role === null && !isSystem(caller)) throw new Fault("thread_not_found");
  const stamp = text === null ? undefined : parseStamp(text);
  if (stamp === undefined || stamp.retracted) throw new Fault("message_not_found");
  const [message] = await store[read](StoredMessage, (batch) =>
    batch.lindex(listOf(chat, thread, stamp.seq), indexOf(stamp.seq)),
  );
  // It may have been retracted since its stamp was read.
  if (message === null || TOMBSTONE.test(message)) throw new Fault("message_not_found");
  return {
    role: isSystem(caller) ? "owner" : (role ?? ""),
    stamp,
    message,
    hidden: stamp.seq <= hiddenUpTo(history, from),
  };
}

/**
 * What the JSON of a message that was retracted ends with. Only the server can write this end: it owns the property name, and a quote within a text
 * is escaped.
 */
export const TOMBSTONE = /,"retracted":"[^"\\]*"\}$/;

/** Returns the key of the list that holds a message, by its seq. */
export function listOf(chat: Pick<Instance, "keys">, thread: string, seq: number): string {
  return chat.keys.messages(thread, Math.floor((seq - 1) / PART));
}

/** Returns the index of a message in its list, by its seq. */
export function indexOf(seq: number): number {
  return (seq - 1) % PART;
}

// Deletes the oldest list of a thread's archive, with the stamps and reactions of its messages, unless another instance has.
// KEYS: thread, the list, reactions. ARGV: first seq of the list, first seq after it, then the fields of its ids.
// Returns: how many fields were deleted.
const TRIM = `
if tonumber(redis.call('HGET', KEYS[1], 'first') or 1) ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'first', ARGV[2])
redis.call('DEL', KEYS[2])
local gone = 0
for seq = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do redis.call('HDEL', KEYS[3], string.format('%.0f', seq)) end
for i = 3, #ARGV do gone = gone + redis.call('HDEL', KEYS[1], ARGV[i]) end
return gone
`;

const First = v.tuple([v.tuple([v.nullable(Count)])]);
const Id = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ id: v.string(), attachments: v.optional(v.array(v.object({ file: v.optional(v.unknown()) })), () => []) }),
);

// A thread is trimmed once for every list that it fills. After CHAT_HISTORY was lowered it has more to catch up with.
const LISTS_AT_ONCE = 8;

/** Deletes the oldest lists of a thread's archive, up to eight of those that lie more than CHAT_HISTORY messages before `seq`. */
export async function trim(chat: Instance, id: string, seq: number): Promise<void> {
  const [[kept]] = await chat.store.transact(First, (batch) => batch.hmget(chat.keys.thread(id), "first"));
  for (let first = kept ?? 1, lists = 0; lists < LISTS_AT_ONCE; first += PART, lists++) {
    if (first + PART > seq - chat.config.history) return;
    await trimList(chat, id, first);
  }
}

async function trimList(chat: Instance, id: string, first: number): Promise<void> {
  const list = chat.keys.messages(id, (first - 1) / PART);
  const [messages] = await chat.store.transact(v.tuple([v.array(Id)]), (batch) => batch.lrange(list, 0, -1));
  for (const { id: message, attachments } of messages) {
    const files = attachments.flatMap(({ file }) => (typeof file === "string" ? [file] : []));
    if (files.length > 0) await discardFiles(chat, id, message, files);
  }
  const ids = messages.map((message) => `id:${message.id.toLowerCase()}`);
  await chat.store.runScript(
    TRIM,
    Count,
    [chat.keys.thread(id), list, chat.keys.reactions(id)],
    [first, first + PART, ...ids],
  );
}
