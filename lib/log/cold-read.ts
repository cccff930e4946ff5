import * as v from "valibot";
import { ownLog } from "../store/keys.js";
import { Count, Json, Texts } from "../store/replies.js";
import type { Clock, Cursor } from "./cursor.js";
import { type Event, kindOf } from "./event.js";
import type { Log } from "./log.js";
import type { Member } from "./membership-cache.js";

/** What the threads' delivery logs hold for somebody after a cursor; `gaps` are the threads whose logs begin later. */
export type Past = { events: Event[]; to: number; gaps: string[] };

/**
 * Reads what concerns a member after `cursor`, up to `clock` and about `limit` events, from the threads' logs.
 * Without Lua: a script that finds its keys inside would lock the whole database on Upstash, for as long as all of them take.
 */
export async function readAfter(log: Log, member: Member, cursor: Cursor, clock: Clock, limit: number): Promise<Past> {
  if (cursor.n >= clock.n) return { events: [], to: clock.n, gaps: [] };
  const places = await movedSince(log, placesOf(member, cursor), cursor.n);
  const logs: ThreadLog[] = [];
  for (let at = 0; at < places.length; at += STREAMS) {
    logs.push(...(await readLogs(log, places.slice(at, at + STREAMS), limit)));
  }
  return merge(logs, clock.n, limit);
}

/** Where to begin in a thread's log. Of a thread that was left only the event `only` is delivered. */
type Place = { thread: string; start: number; only?: number };
type ThreadLog = Place & { entries: LogEntry[]; full: boolean };
type LogEntry = Event & { prev: number };

// Answers of the store hold 10 MB at most: so many streams a request, and so many messages of 16 KiB in all of them.
const STREAMS = 250;
const ENTRIES = 500;
// For fewer threads than this, asking which of them moved costs more than reading them.
const FEW = 50;
// So many threads of anybody a shard, a thousand in all, move within minutes of a busy day: whoever was away for longer
// asks for the tips of their own, which takes a reply a thread.
const NAMES_MAX = 64;

function placesOf(member: Member, cursor: Cursor): Place[] {
  const places: Place[] = [{ thread: ownLog(member.entity), start: cursor.n }];
  for (const [thread, n] of member.memberships) {
    if (n >= 0) places.push({ thread, start: Math.max(cursor.n, n - 1) });
    else if (-n > cursor.n) places.push({ thread, start: -n - 1, only: -n });
  }
  return places;
}

/** Leaves out the threads in which nothing has happened since; one more may stay than is needed. */
async function movedSince(log: Log, places: Place[], n: number): Promise<Place[]> {
  if (places.length <= FEW) return places;
  const shards = byShard(log, places);
  const found = await log.store.transact(v.array(Texts), (batch) => {
    for (const key of shards.keys()) batch.zrange(key, `(${n}`, "+inf", { byScore: true, offset: 0, count: NAMES_MAX });
  });
  const moved = new Set(found.flat());
  const full = [...shards.values()].filter((_, i) => found[i]?.length === NAMES_MAX);
  for (const place of await amongMany(log, full)) moved.add(place.thread);
  return places.filter((place) => moved.has(place.thread));
}

/** Asks for the tips of the threads alone, where since the cursor too much has happened to name it all. */
async function amongMany(log: Log, shards: Place[][]): Promise<Place[]> {
  if (shards.length === 0) return [];
  const tips = await log.store.transact(v.array(v.array(v.nullable(Count))), (batch) => {
    for (const some of shards)
      batch.zmscore(
        log.keys.tips(some[0]?.thread ?? ""),
        some.map((place) => place.thread),
      );
  });
  return shards.flatMap((some, i) => some.filter((place, j) => (tips[i]?.[j] ?? 0) > place.start));
}

function byShard(log: Log, places: Place[]): Map<string, Place[]> {
  const shards = new Map<string, Place[]>();
  for (const place of places) {
    const key = log.keys.tips(place.thread);
    const shard = shards.get(key);
    if (shard === undefined) shards.set(key, [place]);
    else shard.push(place);
  }
  return shards;
}

// An entry of a newer version may have other fields: it counts, and is skipped.
const Fields = v.pipe(
  v.array(v.string()),
  v.transform((flat) => {
    const fields = new Map<string, string>();
    for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] ?? "", flat[i + 1] ?? "");
    const { success, output } = v.safeParse(Entry, Object.fromEntries(fields));
    return success ? output : { prev: 0, kind: "opaque" as const, by: "-", body: "" };
  }),
);
const Entry = v.pipe(
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

async function readLogs(log: Log, places: Place[], limit: number): Promise<ThreadLog[]> {
  if (places.length === 0) return [];
  const count = Math.max(1, Math.min(limit + 1, Math.floor(ENTRIES / places.length)));
  const [streams] = await log.store.transact(v.tuple([Streams]), (batch) => {
    batch.xread(
      places.map((place) => log.keys.events(place.thread)),
      places.map((place) => `${place.start}-0`),
      { count },
    );
  });
  const byKey = new Map(streams ?? []);
  return places.map((place) => {
    const raw = byKey.get(log.keys.events(place.thread)) ?? [];
    return {
      ...place,
      full: raw.length === count,
      entries: raw.map(([n, it]) => ({ n, tag: "", thread: place.thread, ...it })),
    };
  });
}

/** Orders the logs by the global clock. What lies behind the end of a log that was not read to its end must wait. */
function merge(logs: ThreadLog[], clock: number, limit: number): Past {
  let bound = clock;
  for (const it of logs) {
    const last = it.entries.at(-1);
    if (it.full && it.only === undefined && last !== undefined) bound = Math.min(bound, last.n);
  }
  const gaps = logs.filter((it) => hasGap(it, clock)).map((it) => it.thread);
  const events = logs
    .flatMap((it) => (it.only === undefined ? it.entries : leaving(it, it.only)))
    .filter((event) => event.n <= bound)
    .sort((a, b) => a.n - b.n);
  if (events.length <= limit) return { events, to: bound, gaps };
  const cut = events.slice(0, limit);
  return { events: cut, to: cut.at(-1)?.n ?? bound, gaps };
}

function hasGap(it: ThreadLog, clock: number): boolean {
  const first = it.entries[0];
  return it.only === undefined && first !== undefined && first.n <= clock && first.prev > it.start;
}

// The log of a thread that was left long ago may no longer hold the event that says so; what matters of it is known.
function leaving(it: ThreadLog, n: number): Event[] {
  const kept = it.entries.find((event) => event.n === n);
  if (kept !== undefined) return [kept];
  const body = JSON.stringify({ type: "thread", thread: { id: it.thread, action: "removed" } });
  return [{ n, tag: "", kind: "leave", by: "-", thread: it.thread, body }];
}
