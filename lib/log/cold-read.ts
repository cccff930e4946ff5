import * as v from "valibot";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";
import { type Event, isKind } from "./event.js";
import type { Member } from "./membership-cache.js";
import { Blocked, Memberships } from "./memberships.js";
import type { Standing } from "./tail-memory.js";
import * as log from "./write.js";

/** How what makes a standing is replied: the clock, the memberships, the blocks. */
export const StandingReply = v.tuple([log.ClockFields, Memberships, Blocked]);

/** Reads somebody's memberships, whom they block, and the clock that this is true for. */
export async function standing(entity: string): Promise<Standing> {
  const before = log.horizon();
  const reply = await redis.read(StandingReply, (reading) => {
    reading.hmget(keys.clock, ...log.CLOCK_FIELDS);
    reading.hgetall(keys.threads(entity));
    reading.hgetall(keys.blocks(entity));
  });
  return judge(before, reply);
}

/** Makes a standing of what was read after the log had been seen to go so far. A store that was emptied begins anew: a cursor needs an epoch. */
export async function judge(
  before: number,
  [seen, memberships, blocked]: v.InferOutput<typeof StandingReply>,
): Promise<Standing> {
  const clock = await log.witness(before, seen);
  return { clock: clock.epoch === "" ? await log.begin(Date.now()) : clock, memberships, blocked };
}

/** What the threads' delivery logs hold for somebody after a cursor; `gaps` are the threads whose logs begin later. */
export type Past = { events: Event[]; to: number; gaps: string[] };

/**
 * Reads what concerns a member after `cursor`, up to `clock` and about `limit` events, from the threads' logs.
 * Without Lua: a script that finds its keys inside would lock the whole database on Upstash, for as long as all of them take.
 */
export async function after(member: Member, cursor: log.Cursor, clock: log.Clock, limit: number): Promise<Past> {
  if (cursor.n >= clock.n) return { events: [], to: clock.n, gaps: [] };
  const places = await movedSince(placesOf(member, cursor), cursor.n);
  const logs: Log[] = [];
  for (let at = 0; at < places.length; at += STREAMS) {
    logs.push(...(await readLogs(places.slice(at, at + STREAMS), limit)));
  }
  return merge(logs, clock.n, limit);
}

/** Where to begin in a thread's log. Of a thread that was left only the event `only` is delivered. */
type Place = { thread: string; start: number; only?: number };
type Log = Place & { entries: Entry[]; full: boolean };
type Entry = Event & { prev: number };

// Answers of the store hold 10 MB at most: so many streams a request, and so many messages of 16 KiB in all of them.
const STREAMS = 250;
const ENTRIES = 500;
// For fewer threads than this, asking which of them moved costs more than reading them.
const FEW = 50;
// So many threads of anybody a shard, a thousand in all, move within minutes of a busy day: whoever was away for longer
// asks for the tips of their own, which takes a reply a thread.
const NAMES_MAX = 64;

function placesOf(member: Member, cursor: log.Cursor): Place[] {
  const places: Place[] = [{ thread: keys.ownLog(member.entity), start: cursor.n }];
  for (const [thread, n] of member.memberships) {
    if (n >= 0) places.push({ thread, start: Math.max(cursor.n, n - 1) });
    else if (-n > cursor.n) places.push({ thread, start: -n - 1, only: -n });
  }
  return places;
}

/** Leaves out the threads in which nothing has happened since; one more may stay than is needed. */
async function movedSince(places: Place[], n: number): Promise<Place[]> {
  if (places.length <= FEW) return places;
  const shards = byShard(places);
  const found = await redis.read(v.array(log.Texts), (reading) => {
    for (const key of shards.keys())
      reading.zrange(key, `(${n}`, "+inf", { byScore: true, offset: 0, count: NAMES_MAX });
  });
  const moved = new Set(found.flat());
  const full = [...shards.values()].filter((_, i) => found[i]?.length === NAMES_MAX);
  for (const place of await amongMany(full)) moved.add(place.thread);
  return places.filter((place) => moved.has(place.thread));
}

/** Asks for the tips of the threads alone, where since the cursor too much has happened to name it all. */
async function amongMany(shards: Place[][]): Promise<Place[]> {
  if (shards.length === 0) return [];
  const tips = await redis.read(v.array(v.array(v.nullable(log.Count))), (reading) => {
    for (const some of shards)
      reading.zmscore(
        keys.tips(some[0]?.thread ?? ""),
        some.map((place) => place.thread),
      );
  });
  return shards.flatMap((some, i) => some.filter((place, j) => (tips[i]?.[j] ?? 0) > place.start));
}

function byShard(places: Place[]): Map<string, Place[]> {
  const shards = new Map<string, Place[]>();
  for (const place of places) {
    const key = keys.tips(place.thread);
    const shard = shards.get(key);
    if (shard === undefined) shards.set(key, [place]);
    else shard.push(place);
  }
  return shards;
}

// Names stand before values, in the order in which `append` writes them.
const Fields = v.pipe(
  v.tuple([
    v.literal("p"),
    log.Count,
    v.literal("k"),
    v.string(),
    v.literal("b"),
    v.string(),
    v.literal("e"),
    log.Json,
  ]),
  v.transform(([, prev, , kind, , by, , body]) => ({ prev, kind: isKind(kind) ? kind : ("post" as const), by, body })),
);
const EntryId = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}-0$/),
  v.transform((id) => Number(id.slice(0, -2))),
);
const Streams = v.nullable(v.array(v.tuple([v.string(), v.array(v.tuple([EntryId, Fields]))])));

async function readLogs(places: Place[], limit: number): Promise<Log[]> {
  if (places.length === 0) return [];
  const count = Math.max(1, Math.min(limit + 1, Math.floor(ENTRIES / places.length)));
  const [streams] = await redis.read(v.tuple([Streams]), (reading) => {
    reading.xread(
      places.map((place) => keys.events(place.thread)),
      places.map((place) => `${place.start}-0`),
      { count },
    );
  });
  const byKey = new Map(streams ?? []);
  return places.map((place) => {
    const raw = byKey.get(keys.events(place.thread)) ?? [];
    return {
      ...place,
      full: raw.length === count,
      entries: raw.map(([n, it]) => ({ n, tag: "", thread: place.thread, ...it })),
    };
  });
}

/** Orders the logs by the global clock. What lies behind the end of a log that was not read to its end must wait. */
function merge(logs: Log[], clock: number, limit: number): Past {
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

function hasGap(it: Log, clock: number): boolean {
  const first = it.entries[0];
  return it.only === undefined && first !== undefined && first.n <= clock && first.prev > it.start;
}

// The log of a thread that was left long ago may no longer hold the event that says so; what matters of it is known.
function leaving(it: Log, n: number): Event[] {
  const kept = it.entries.find((event) => event.n === n);
  if (kept !== undefined) return [kept];
  const body = JSON.stringify({ type: "thread", thread: { id: it.thread, action: "removed" } });
  return [{ n, tag: "", kind: "leave", by: "-", thread: it.thread, body }];
}
