import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { Blocked } from "../log/memberships.js";
import type { Caller } from "../people/caller.js";
import { isSystem } from "../people/system.js";
import { Entity } from "../schema/actor.js";
import { countFitting } from "../schema/answer-size.js";
import { pageLimit, Uuid, Whole } from "../schema/field.js";
import { encode } from "../store/keys.js";
import { Count, Json } from "../store/replies.js";
import { hiddenUpTo, indexOf, listOf, PART, parseStamp } from "./archive.js";
import { redactMessage } from "./block.js";
import { withReactions } from "./reaction.js";

const PAGE_MAX = 100;

// A union would report what the first of the two schemas says.
const Place = v.pipe(
  v.string(),
  v.check((it) => v.is(Whole, it) || v.is(Uuid, it), "must be the seq or the id of a message"),
  v.transform((it) => (v.is(Whole, it) ? v.parse(Whole, it) : it)),
);

const entries = {
  before: v.exactOptional(Whole),
  after: v.exactOptional(Whole),
  around: v.exactOptional(Place),
  limit: v.exactOptional(pageLimit(PAGE_MAX)),
};
const MUST_BE_ALONE = "must be without before and after";
type Way = { before?: number; after?: number; around?: number | string };
const isOneWay = ({ before, after, around }: Way) =>
  around === undefined || (before === undefined && after === undefined);

/** The query for a page of a thread's history. */
export const HistoryQuery = v.pipe(
  v.object(entries),
  v.forward(
    v.check((it) => isOneWay(it), MUST_BE_ALONE),
    ["around"],
  ),
);
export type HistoryQuery = v.InferOutput<typeof HistoryQuery>;

/** The same of any thread, for the host's server, which may say as whom it reads. */
export const AnyHistoryQuery = v.pipe(
  v.object({ ...entries, as: v.exactOptional(Entity) }),
  v.forward(
    v.check((it) => isOneWay(it), MUST_BE_ALONE),
    ["around"],
  ),
);

/** A page of the archive: messages in JSON as they are delivered, ascending, and the first and last seq that the archive has for the caller. */
export type Page = { messages: string[]; first: number; last: number };

/**
 * Reads a page of a thread's messages: those around `around`, the oldest after `after`, else the newest before `before`. Throws
 * `thread_not_found`, and `message_not_found` for a message to look around that the caller cannot read.
 */
export async function page(chat: Instance, caller: Caller, id: string, query: HistoryQuery): Promise<Page> {
  const { first, last, blocked, seq } = await range(chat, caller, id, query.around);
  const limit = query.limit ?? 50;
  if (query.around !== undefined) {
    if (seq === undefined || seq < first || seq > last) throw new Fault("message_not_found");
    return { messages: await around(chat, id, { first, last, blocked, seq }, limit), first, last };
  }
  const to = Math.min(last, (query.before ?? last + 1) - 1);
  const from = Math.max(first, query.after === undefined ? to - limit + 1 : query.after + 1);
  const until = Math.min(to, from + limit - 1);
  if (until < from) return { messages: [], first, last };
  const all = (await slice(chat, id, from, until)).map((message) => redactMessage(blocked, message));
  if (query.after !== undefined) return { messages: all.slice(0, fitting(all)), first, last };
  return { messages: all.slice(all.length - fitting(all.toReversed())), first, last };
}

/** Reads the messages around one of a range, as many before as after it where there are as many; those farthest from it do not fit first. */
async function around(chat: Instance, id: string, range: Range & { seq: number }, limit: number): Promise<string[]> {
  const { first, last, blocked, seq } = range;
  const from = Math.max(first, Math.min(seq - Math.floor(limit / 2), last - limit + 1));
  const all = await slice(chat, id, from, Math.min(last, from + limit - 1));
  const byDistance = all
    .map((message) => ({ message: redactMessage(blocked, message), at: seqOf(message) }))
    .sort((a, b) => Math.abs(a.at - seq) - Math.abs(b.at - seq));
  const nearest = byDistance.slice(0, fitting(byDistance.map(({ message }) => message)));
  return nearest.sort((a, b) => a.at - b.at).map(({ message }) => message);
}

/** Counts the messages that fit into a page. There is always one, or what lies behind it could not be reached. */
function fitting(messages: readonly string[]): number {
  return Math.max(1, countFitting(messages));
}

const text = v.nullable(v.string());
const number = v.nullable(Count);
const RangeReply = v.tuple([v.tuple([text, text, number, number, text, number, text]), Blocked]);

/** The first and last seq that a caller can read, and the users whose messages between them are redacted. */
export type Range = { first: number; last: number; blocked: Blocked };

/**
 * Reads the range of a thread's archive that the caller can read, and the seq of a message that is named by its seq or its id; that is
 * undefined for an id that no message of the thread has.
 */
export async function range(
  chat: Instance,
  caller: Caller,
  id: string,
  named?: number | string,
): Promise<Range & { seq: number | undefined }> {
  const me = caller.actor.id;
  const own = [`role:${encode(me)}`, `from:${encode(me)}`];
  const stamp = `id:${`${named ?? ""}`.toLowerCase()}`;
  const [[kind, history, kept, last, role, joined, found], blocked] = await chat.store.transact(RangeReply, (batch) => {
    batch.hmget(chat.keys.thread(id), "kind", "history", "first", "seq", ...own, stamp);
    batch.hgetall(chat.keys.blocks(me));
  });
  if (role === null && !(isSystem(caller) && kind !== null)) throw new Fault("thread_not_found");
  const first = Math.max(kept ?? 1, hiddenUpTo(history, joined) + 1);
  const seq = typeof named === "number" ? named : parseStamp(found ?? "")?.seq;
  return { first, last: last ?? 0, blocked: kind === "direct" ? blocked : new Map(), seq };
}

/** Reads the messages `from` to `until`, which lie in two lists at most, each with its reactions. */
async function slice(chat: Instance, id: string, from: number, until: number): Promise<string[]> {
  const numbers = Array.from({ length: until - from + 1 }, (_, i) => from + i);
  const split = numbers.findIndex((seq) => indexOf(seq) === PART - 1) + from;
  const [reactions, ...lists] = await chat.store.transact(Slices, (batch) => {
    batch.hmget(chat.keys.reactions(id), `${from}`, ...numbers.slice(1).map(String));
    batch.lrange(listOf(chat, id, from), indexOf(from), indexOf(from) + until - from);
    if (split >= from && split < until) batch.lrange(listOf(chat, id, until), 0, indexOf(until));
  });
  // Not by the index: the older of two lists may have been trimmed meanwhile.
  return lists.flat().map((message) => withReactions(message, reactions[seqOf(message) - from] ?? null));
}

// As messages are stored. An edit keeps the order of the properties; a tombstone begins with its id.
const SEQ = /^\{"seq":(\d{1,15}),/;
const AnyMessage = v.pipe(v.string(), v.parseJson(), v.object({ seq: v.number() }));

function seqOf(message: string): number {
  return Number(SEQ.exec(message)?.[1] ?? v.parse(AnyMessage, message).seq);
}

const Slices = v.tupleWithRest([v.array(v.nullable(v.string()))], v.array(Json));
