import * as v from "valibot";
import type { Caller } from "./caller.js";
import { config } from "./config.js";
import { Fault } from "./fault.js";
import * as keys from "./keys.js";
import * as log from "./log.js";
import * as redis from "./redis.js";
import { countFitting } from "./size.js";
import { Whole } from "./stanza.js";

/** Messages a list of the archive holds; the archive of a thread is a row of such lists. */
export const PART = 256;

export const HistoryQuery = v.object({
  before: v.exactOptional(Whole),
  after: v.exactOptional(Whole),
  limit: v.exactOptional(
    v.pipe(
      Whole,
      v.minValue(1, "must be at least 1"),
      v.transform((it) => Math.min(it, 100)),
    ),
  ),
});
export type HistoryQuery = v.InferOutput<typeof HistoryQuery>;

/** A page of the archive: messages as JSON in delivered form, ascending, and the range that is kept. */
export type Page = { messages: string[]; first: number; last: number };

/** Reads a page of a thread's messages: the oldest after `after`, else the newest below `before`. Throws `thread_not_found`. */
export async function page(caller: Caller, id: string, query: HistoryQuery): Promise<Page> {
  const { first, last } = await range(caller, id);
  const limit = query.limit ?? 50;
  const to = Math.min(last, (query.before ?? last + 1) - 1);
  const from = Math.max(first, query.after === undefined ? to - limit + 1 : query.after + 1);
  const until = Math.min(to, from + limit - 1);
  if (until < from) return { messages: [], first, last };
  const all = await slice(id, from, until);
  if (query.after !== undefined) return { messages: all.slice(0, countFitting(all)), first, last };
  return { messages: all.slice(all.length - countFitting(all.toReversed())), first, last };
}

const Range = v.tuple([v.nullable(v.string()), v.nullable(log.Count), v.nullable(log.Count)]);

async function range(caller: Caller, id: string): Promise<{ first: number; last: number }> {
  const fields = [`role:${keys.encode(caller.actor.id)}`, "first", "seq"] as const;
  const [[role, first, last]] = await redis.read(v.tuple([Range]), (reading) =>
    reading.hmget(keys.thread(id), ...fields),
  );
  if (role === null) throw new Fault("thread_not_found");
  return { first: first ?? 1, last: last ?? 0 };
}

/** Reads the messages `from` to `until`, which lie in two lists at most. */
async function slice(id: string, from: number, until: number): Promise<string[]> {
  const part = Math.floor((from - 1) / PART);
  const offset = part * PART + 1;
  const lists = await redis.read(v.array(v.array(v.string())), (reading) => {
    reading.lrange(keys.messages(id, part), from - offset, until - offset);
    if (until >= offset + PART) reading.lrange(keys.messages(id, part + 1), 0, until - offset - PART);
  });
  return lists.flat();
}

// Drops the oldest list of a thread's archive and what was remembered of its messages, unless another did.
// KEYS: thread, the list. ARGV: first seq of the list, first seq after it, then the fields of its ids. Returns: how many fields went.
const TRIM = `
if tonumber(redis.call('HGET', KEYS[1], 'first') or 1) ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'first', ARGV[2])
redis.call('DEL', KEYS[2])
local gone = 0
for i = 3, #ARGV do gone = gone + redis.call('HDEL', KEYS[1], ARGV[i]) end
return gone
`;

const First = v.tuple([v.tuple([v.nullable(log.Count)])]);
const Id = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string() }));

/** Drops whole lists of a thread's archive that lie beyond CHAT_HISTORY messages before `seq`. */
export async function trim(id: string, seq: number): Promise<void> {
  const [[kept]] = await redis.read(First, (reading) => reading.hmget(keys.thread(id), "first"));
  const first = kept ?? 1;
  if (first + PART > seq - config.history) return;
  const list = keys.messages(id, (first - 1) / PART);
  const [messages] = await redis.read(v.tuple([v.array(Id)]), (reading) => reading.lrange(list, 0, -1));
  const ids = messages.map((message) => `id:${message.id.toLowerCase()}`);
  await redis.run(TRIM, log.Count, [keys.thread(id), list], [first, first + PART, ...ids]);
}
