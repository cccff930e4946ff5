import * as v from "valibot";
import { Fault } from "../fault.js";
import { Blocked } from "../log/memberships.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { countFitting } from "../schema/answer-size.js";
import { Whole } from "../schema/field.js";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";
import { indexOf, listOf, PART } from "./archive.js";
import { veilMessage } from "./block.js";
import { withReactions } from "./reaction.js";

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
  const { first, last, blocked } = await range(caller, id);
  const limit = query.limit ?? 50;
  const to = Math.min(last, (query.before ?? last + 1) - 1);
  const from = Math.max(first, query.after === undefined ? to - limit + 1 : query.after + 1);
  const until = Math.min(to, from + limit - 1);
  if (until < from) return { messages: [], first, last };
  const all = (await slice(id, from, until)).map((message) => veilMessage(blocked, message));
  if (query.after !== undefined) return { messages: all.slice(0, countFitting(all)), first, last };
  return { messages: all.slice(all.length - countFitting(all.toReversed())), first, last };
}

const text = v.nullable(v.string());
const Range = v.tuple([v.tuple([text, text, v.nullable(log.Count), v.nullable(log.Count)]), Blocked]);

/** Reads what is kept of a thread, and whose messages in it are veiled. */
async function range(caller: Caller, id: string): Promise<{ first: number; last: number; blocked: Blocked }> {
  const me = caller.actor.id;
  const [[role, kind, first, last], blocked] = await redis.read(Range, (reading) => {
    reading.hmget(keys.thread(id), `role:${keys.encode(me)}`, "kind", "first", "seq");
    reading.hgetall(keys.blocks(me));
  });
  if (role === null) throw new Fault("thread_not_found");
  return { first: first ?? 1, last: last ?? 0, blocked: kind === "direct" ? blocked : new Map() };
}

/** Reads the messages `from` to `until`, which lie in two lists at most, each with the reactions that it carries. */
async function slice(id: string, from: number, until: number): Promise<string[]> {
  const numbers = Array.from({ length: until - from + 1 }, (_, i) => from + i);
  const split = numbers.findIndex((seq) => indexOf(seq) === PART - 1) + from;
  const [reactions, ...lists] = await redis.read(Slices, (reading) => {
    reading.hmget(keys.reactions(id), `${from}`, ...numbers.slice(1).map(String));
    reading.lrange(listOf(id, from), indexOf(from), indexOf(from) + until - from);
    if (split >= from && split < until) reading.lrange(listOf(id, until), 0, indexOf(until));
  });
  return lists.flat().map((message, i) => withReactions(message, reactions[i] ?? null));
}

const Slices = v.tupleWithRest([v.array(v.nullable(v.string()))], v.array(log.Json));
