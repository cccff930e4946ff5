import * as v from "valibot";
import { ownLog } from "../store/keys.js";
import { Count, Json, Texts } from "../store/replies.js";
import { Amendments } from "./amendments.js";
import type { Clock, Cursor } from "./cursor.js";
import { type Event, kindOf } from "./event.js";
import type { Log } from "./log.js";
import type { Member } from "./membership-cache.js";
import { readMarks } from "./read-marks.js";

/**
 * The events for a member after a cursor, up to the n `to`, from the threads' delivery logs; `gaps` are the threads whose logs begin later.
 * Messages have the form that they have now, except in the threads `unfinished`, whose logs were not read to their end.
 */
export type Past = { events: Event[]; to: number; gaps: string[]; unfinished: ReadonlySet<string> };

const ALL_READ: ReadonlySet<string> = new Set();

/**
 * Reads what concerns a member after `cursor` from the threads' delivery logs, up to `clock` and about `limit` events. Without a script:
 * Upstash would lock the whole database while a script finds its own keys and reads all of the logs.
 */
export async function readAfter(log: Log, member: Member, cursor: Cursor, clock: Clock, limit: number): Promise<Past> {
  if (cursor.n >= clock.n) return { events: [], to: clock.n, gaps: [], unfinished: ALL_READ };
  const past = await readOnce(log, member, cursor.n, clock, limit);
  // Everything that was read belongs to a newer version and is skipped; an event for the member may follow.
  if (past.to >= clock.n || past.events.length + past.gaps.length > 0) return past;
  return readAfter(log, member, { epoch: cursor.epoch, n: past.to }, clock, limit);
}

async function readOnce(log: Log, member: Member, n: number, clock: Clock, limit: number): Promise<Past> {
  const [logs, marks] = await Promise.all([readMoved(log, member, n, limit), readMarks(log, member, n, clock.n)]);
  return merge(member, logs, marks, clock.n, limit);
}

async function readMoved(log: Log, member: Member, n: number, limit: number): Promise<ThreadLog[]> {
  const ranges = await movedSince(log, rangesOf(member, n), n);
  const logs: ThreadLog[] = [];
  for (let at = 0; at < ranges.length; at += STREAMS) {
    logs.push(...(await readLogs(log, ranges.slice(at, at + STREAMS), limit)));
  }
  return logs;
}

/** What to read of a thread's log: the events after `start`. Of a thread that the member has left, only the event `only` is delivered. */
type LogRange = { thread: string; start: number; only?: number };
type ThreadLog = LogRange & { entries: LogEntry[]; full: boolean };
type LogEntry = Event & { prev: number };

// A reply of the store has at most 10 MB: this many streams in a request, and this many messages of 16 KiB in all of them.
const STREAMS = 250;
const ENTRIES = 500;
// Up to this many threads, reading all of them costs less than finding out which have moved.
const FEW = 50;
// A shard lists this many moved threads of all users, a thousand in all; on a busy day as many move within minutes. For a cursor that is
// older, the tips of the member's own threads are read, which takes one value per thread.
const NAMES_MAX = 64;

function rangesOf(member: Member, after: number): LogRange[] {
  const ranges: LogRange[] = [{ thread: ownLog(member.entity), start: after }];
  for (const [thread, n] of member.memberships) {
    if (n >= 0) ranges.push({ thread, start: Math.max(after, n - 1) });
    else if (-n > after) ranges.push({ thread, start: -n - 1, only: -n });
  }
  return ranges;
}

/** Drops most of the threads in which nothing has happened since an n. */
async function movedSince(log: Log, ranges: LogRange[], n: number): Promise<LogRange[]> {
  if (ranges.length <= FEW) return ranges;
  const shards = byShard(log, ranges);
  const found = await log.store.transact(v.array(Texts), (batch) => {
    for (const key of shards.keys()) batch.zrange(key, `(${n}`, "+inf", { byScore: true, offset: 0, count: NAMES_MAX });
  });
  const moved = new Set(found.flat());
  const full = [...shards.values()].filter((_, i) => found[i]?.length === NAMES_MAX);
  for (const range of await movedByTips(log, full)) moved.add(range.thread);
  // What was left is told even if its thread is gone, and with it its tip.
  return ranges.filter((range) => range.only !== undefined || moved.has(range.thread));
}

/** Reads the tips of the threads themselves, in shards where too many threads have moved to list them all. */
async function movedByTips(log: Log, shards: LogRange[][]): Promise<LogRange[]> {
  if (shards.length === 0) return [];
  const tips = await log.store.transact(v.array(v.array(v.nullable(Count))), (batch) => {
    for (const some of shards)
      batch.zmscore(
        log.keys.tips(some[0]?.thread ?? ""),
        some.map((range) => range.thread),
      );
  });
  return shards.flatMap((some, i) => some.filter((range, j) => (tips[i]?.[j] ?? 0) > range.start));
}

function byShard(log: Log, ranges: LogRange[]): Map<string, LogRange[]> {
  const shards = new Map<string, LogRange[]>();
  for (const range of ranges) {
    const key = log.keys.tips(range.thread);
    const shard = shards.get(key);
    if (shard === undefined) shards.set(key, [range]);
    else shard.push(range);
  }
  return shards;
}

// An entry of a newer version may have other fields. It is skipped, but its number counts. If it does not name its predecessor in `p`, a
// gap before it cannot be excluded.
const Fields = v.pipe(
  v.array(v.string()),
  v.transform((flat) => {
    const fields = new Map<string, string>();
    for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] ?? "", flat[i + 1] ?? "");
    const { success, output } = v.safeParse(EntryFields, Object.fromEntries(fields));
    if (success) return output;
    const prev = v.safeParse(Count, fields.get("p"));
    return { prev: prev.success ? prev.output : Number.POSITIVE_INFINITY, kind: "opaque" as const, by: "-", body: "" };
  }),
);
const EntryFields = v.pipe(
  v.object({ p: Count, k: v.string(), b: v.string(), e: v.string() }),
  v.transform(({ p: prev, k, b: by, e: body }) => {
    const kind = kindOf(k);
    return { prev, kind: kind === "opaque" || v.is(Json, body) ? kind : ("opaque" as const), by, body };
  }),
);
const EntryId = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}-0$/),
  v.transform((id) => Number(id.slice(0, -2))),
);
const Streams = v.nullable(v.array(v.tuple([v.string(), v.array(v.tuple([EntryId, Fields]))])));

async function readLogs(log: Log, ranges: LogRange[], limit: number): Promise<ThreadLog[]> {
  if (ranges.length === 0) return [];
  const count = Math.max(1, Math.min(limit + 1, Math.floor(ENTRIES / ranges.length)));
  const [streams] = await log.store.transact(v.tuple([Streams]), (batch) => {
    batch.xread(
      ranges.map((range) => log.keys.events(range.thread)),
      ranges.map((range) => `${range.start}-0`),
      { count },
    );
  });
  const byKey = new Map(streams ?? []);
  return ranges.map((range) => {
    const raw = byKey.get(log.keys.events(range.thread)) ?? [];
    const entries = raw.map(([n, it]) => ({ n, tag: "", thread: range.thread, ...it }));
    const amendments = new Amendments();
    for (const entry of entries) amendments.add(entry);
    return { ...range, full: raw.length === count, entries };
  });
}

/** Merges the logs, and what users have read, by the global clock, up to where the first log ends that was not read completely. */
function merge({ entity }: Member, logs: ThreadLog[], marks: readonly Event[], clock: number, limit: number): Past {
  let bound = clock;
  for (const it of logs) {
    const last = it.entries.at(-1);
    if (it.full && it.only === undefined && last !== undefined) bound = Math.min(bound, last.n);
  }
  const gaps = logs.filter((it) => hasGap(it, clock)).map((it) => it.thread);
  const unfinished = new Set(logs.filter((it) => it.full).map((it) => it.thread));
  const events = logs
    .flatMap((it): readonly Event[] => (it.only === undefined ? it.entries : leaving(it, it.only, entity)))
    .concat(marks)
    .filter((event) => event.n <= bound && event.kind !== "opaque" && event.kind !== "cut")
    .sort((a, b) => a.n - b.n);
  if (events.length <= limit) return { events, to: bound, gaps, unfinished };
  const cut = events.slice(0, limit);
  return { events: cut, to: cut.at(-1)?.n ?? bound, gaps, unfinished };
}

function hasGap(it: ThreadLog, clock: number): boolean {
  const first = it.entries[0];
  return it.only === undefined && first !== undefined && first.n <= clock && first.prev > it.start;
}

// The log of a thread that the member left long ago may no longer have the leave event; what it must say is known. Clients look for themselves
// among the `entities`.
function leaving(it: ThreadLog, n: number, entity: string): Event[] {
  const kept = it.entries.find((event) => event.n === n);
  if (kept !== undefined) return [kept];
  const body = JSON.stringify({ type: "thread", thread: { id: it.thread, action: "removed", entities: [entity] } });
  return [{ n, tag: "", kind: "leave", by: "-", thread: it.thread, body }];
}
