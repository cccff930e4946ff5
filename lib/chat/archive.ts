import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";

/** Messages a list of the archive holds; the archive of a thread is a row of such lists. */
export const PART = 256;

/** What a thread's hash remembers of a message: `seq timestamp sender fingerprint`, and after a change a fifth word. */
export type Stamp = {
  text: string;
  seq: number;
  timestamp: string;
  sender: string;
  fingerprint: string;
  retracted: boolean;
};

/** Reads a stamp; undefined when it is none. */
export function parseStamp(text: string): Stamp | undefined {
  const [seq, timestamp, sender, fingerprint, version] = text.split(" ");
  if (!seq || !timestamp || !sender || !fingerprint) return undefined;
  return { text, seq: Number(seq), timestamp, sender, fingerprint, retracted: version === RETRACTED };
}

/** The fifth word of a stamp whose message was retracted. */
export const RETRACTED = "retracted";

/** A message as the archive holds it, and the caller's role in its thread. */
export type Found = { role: string; stamp: Stamp; message: string };

/**
 * Finds a message by its id, at the price of two plain reads; what they say may be old, so whoever acts on it compares the stamp.
 * That something is not there is said only by the primary. Throws `thread_not_found`, and `message_not_found` also for one that was retracted.
 */
export async function find(chat: Instance, caller: Caller, thread: string, id: string): Promise<Found> {
  try {
    return await seek(chat, chat.store.readAnywhere, caller, thread, id);
  } catch (error) {
    if (!(error instanceof Fault && error.status === 404)) throw error;
    return seek(chat, chat.store.transact, caller, thread, id);
  }
}

const Standing = v.tuple([v.tuple([v.nullable(v.string()), v.nullable(v.string())])]);
const Entry = v.tuple([v.nullable(v.string())]);

async function seek(
  chat: Instance,
  read: typeof chat.store.transact,
  caller: Caller,
  thread: string,
  id: string,
): Promise<Found> {
  const [[role, text]] = await read(Standing, (batch) =>
    batch.hmget(chat.keys.thread(thread), `role:${encode(caller.actor.id)}`, `id:${id.toLowerCase()}`),
  );
  if (role === null) throw new Fault("thread_not_found");
  const stamp = text === null ? undefined : parseStamp(text);
  if (stamp === undefined || stamp.retracted) throw new Fault("message_not_found");
  const [message] = await read(Entry, (batch) => batch.lindex(listOf(chat, thread, stamp.seq), indexOf(stamp.seq)));
  if (message === null) throw new Fault("message_not_found");
  return { role, stamp, message };
}

/** The list that holds a message, by its seq. */
export function listOf(chat: Instance, thread: string, seq: number): string {
  return chat.keys.messages(thread, Math.floor((seq - 1) / PART));
}

/** Where in its list a message stands, by its seq. */
export function indexOf(seq: number): number {
  return (seq - 1) % PART;
}

// Drops the oldest list of a thread's archive and what was remembered of its messages, unless another did.
// KEYS: thread, the list, reactions. ARGV: first seq of the list, first seq after it, then the fields of its ids. Returns: how many fields went.
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
const Id = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string() }));

/** Drops whole lists of a thread's archive that lie beyond CHAT_HISTORY messages before `seq`. */
export async function trim(chat: Instance, id: string, seq: number): Promise<void> {
  const [[kept]] = await chat.store.transact(First, (batch) => batch.hmget(chat.keys.thread(id), "first"));
  const first = kept ?? 1;
  if (first + PART > seq - chat.config.history) return;
  const list = chat.keys.messages(id, (first - 1) / PART);
  const [messages] = await chat.store.transact(v.tuple([v.array(Id)]), (batch) => batch.lrange(list, 0, -1));
  const ids = messages.map((message) => `id:${message.id.toLowerCase()}`);
  await chat.store.runScript(
    TRIM,
    Count,
    [chat.keys.thread(id), list, chat.keys.reactions(id)],
    [first, first + PART, ...ids],
  );
}
