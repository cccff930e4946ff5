import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { Memberships } from "../log/memberships.js";
import type { Caller } from "../people/caller.js";
import { countFitting } from "../schema/answer-size.js";
import { pageLimit, ThreadId, Timestamp } from "../schema/field.js";
import { Count } from "../store/replies.js";
import { complete, type Header, headers, type Thread } from "./thread-view.js";

const LISTED_MAX = 100;

// A union would report what the first of the two schemas says.
const Before = v.pipe(
  v.string(),
  v.check((it) => v.is(ThreadId, it) || v.is(Timestamp, it), "must be the id of a thread or an RFC 3339 timestamp"),
  v.transform((it) => (v.is(ThreadId, it) ? it : v.parse(Timestamp, it))),
);

/** A page of the caller's threads: those after the one with this id in the list, or last active before this time; `only` some of them. */
export const ListQuery = v.object({
  limit: v.optional(pageLimit(LISTED_MAX), "50"),
  before: v.exactOptional(Before),
  only: v.exactOptional(v.picklist(["hidden", "pinned"], "must be hidden or pinned")),
});
type Only = v.InferOutput<typeof ListQuery>["only"];

/**
 * A page of threads. One that is shorter than its limit although there are `more`, or that ends among threads of one time, says `before` what
 * the next one begins.
 */
export type ThreadList = { threads: Thread[]; more?: true; before?: string };

// Hidden threads are skipped, or all but some. So many are looked at for each thread of a page, and at once, as the rate limit counts; the page may therefore
// be short, or empty, although there are more.
const LOOKED_AT = 5;
const AT_ONCE = 25;

/**
 * Lists the caller's threads, latest activity first, up to 1 MiB. Throws `thread_not_found` if the page is to begin after a thread that was
 * never the caller's.
 */
export async function list(
  chat: Instance,
  caller: Caller,
  query: { before?: string; limit?: number; only?: Only },
): Promise<ThreadList> {
  const { before, limit = 50, only } = query;
  const { tips, left } = await byActivity(chat, caller);
  const start = before === undefined ? 0 : await startAfter(chat, caller, before, tips, left);
  const found: Header[] = [];
  let at = start;
  const end = Math.min(tips.length, start + AT_ONCE + LOOKED_AT * limit);
  while (at < end && found.length < limit) {
    const some = tips.slice(at, Math.min(end, at + Math.max(AT_ONCE, limit - found.length))).map(({ id }) => id);
    const byId = new Map((await headers(chat, caller, some)).map((header) => [header.id, header]));
    for (const id of some) {
      if (found.length === limit) break;
      const header = byId.get(id);
      if (header !== undefined && isListed(header, only)) found.push(header);
      at += 1;
    }
  }
  const { end: next, isWhole } = await alike(chat, caller, tips, at, found, only);
  const threads = await complete(chat, caller, found);
  const fitting = Math.max(1, countFitting(threads.map((it) => JSON.stringify(it))));
  const page = threads.slice(0, fitting);
  const isCut = fitting < threads.length;
  const last = isCut ? page.at(-1)?.id : tips[next - 1]?.id;
  const endsEarly = isCut || !isWhole || (page.length < limit && next < tips.length);
  return { threads: page, ...(endsEarly && last !== undefined ? { more: true, before: last } : {}) };
}

/** Whether a list has a thread: a hidden one is only in that of the hidden ones. */
function isListed({ hidden, pinned }: Header, only: Only): boolean {
  return (hidden === true) === (only === "hidden") && (only !== "pinned" || pinned === true);
}

/** A thread, and the n of its newest lasting event. */
export type Tip = { id: string; n: number };

/** Orders the caller's threads by their newest events; `left` tells of threads that the caller has left when that was. */
export async function byActivity(
  chat: Instance,
  caller: Caller,
): Promise<{ tips: Tip[]; left: ReadonlyMap<string, number> }> {
  const [memberships] = await chat.store.transact(v.tuple([Memberships]), (batch) =>
    batch.hgetall(chat.keys.threads(caller.actor.id)),
  );
  chat.threadCounts.note(caller.actor.id, memberships);
  const shards = new Map<string, string[]>();
  const left = new Map<string, number>();
  for (const [id, n] of memberships) {
    const key = chat.keys.tips(id);
    if (n > 0) shards.set(key, [...(shards.get(key) ?? []), id]);
    else left.set(id, -n);
  }
  if (shards.size === 0) return { tips: [], left };
  const scores = await chat.store.transact(v.array(v.array(v.nullable(Count))), (batch) => {
    for (const [key, ids] of shards) batch.zmscore(key, ids);
  });
  const tips = [...shards.values()].flatMap((ids, i) => ids.map((id, j) => ({ id, n: scores[i]?.[j] ?? 0 })));
  return { tips: tips.sort((a, b) => b.n - a.n), left };
}

/** Returns the index in the list at which a page begins. */
async function startAfter(
  chat: Instance,
  caller: Caller,
  before: string,
  tips: readonly Tip[],
  left: ReadonlyMap<string, number>,
): Promise<number> {
  const known = tips.findIndex(({ id }) => id === before);
  if (known >= 0) return known + 1;
  if (v.is(Timestamp, before)) return startBefore(chat, caller, before, tips);
  const gone = left.get(before);
  if (gone === undefined) throw new Fault("thread_not_found");
  const n = await tipBefore(chat, before, gone);
  const start = tips.findIndex((tip) => tip.n < n);
  return start < 0 ? tips.length : start;
}

const Previous = v.tuple([v.array(v.tuple([v.pipe(v.string(), v.regex(/^\d{1,15}-0$/)), v.unknown()]))]);

/** Finds where a thread that the caller has left stood before that, which was an event itself; of a room that is gone, where that event stood. */
async function tipBefore(chat: Instance, id: string, n: number): Promise<number> {
  const [[previous]] = await chat.store.transact(Previous, (batch) =>
    batch.xrevrange(chat.keys.events(id), `${n - 1}-0`, "-", 1),
  );
  return previous === undefined ? n : Number(previous[0].slice(0, -2));
}

// A list is as long as a user has threads. It is narrowed to an eighth with each look, so that few threads are looked at.
const PROBES = 7;

/** Finds the first thread that was last active before a time. */
async function startBefore(chat: Instance, caller: Caller, time: string, tips: readonly Tip[]): Promise<number> {
  let [low, high] = [0, tips.length];
  while (low < high) {
    const step = Math.max(1, Math.floor((high - low) / (PROBES + 1)));
    const probes: number[] = [];
    for (let at = low; at < high && probes.length <= PROBES; at += step) probes.push(at);
    const found = await headers(
      chat,
      caller,
      probes.map((at) => tips[at]?.id ?? ""),
    );
    const updated = new Map(found.map((header) => [header.id, header.updated]));
    const isBefore = (at: number) => (updated.get(tips[at]?.id ?? "") ?? "") < time;
    const first = probes.findIndex(isBefore);
    const [under, over] = [first < 0 ? probes.at(-1) : probes[first - 1], first < 0 ? high : probes[first]];
    [low, high] = [under === undefined ? low : under + 1, over ?? high];
  }
  return low;
}

/**
 * Adds to a page those that follow and were not active before its last one: the next page may begin before that one's time. Clocks of
 * instances differ by some milliseconds, and two threads may be active within one. Returns where the page ends, and whether those are
 * all: as many as a page can hold are looked at, in few steps, since most pages have none to add.
 */
async function alike(
  chat: Instance,
  caller: Caller,
  tips: readonly Tip[],
  at: number,
  found: Header[],
  only: Only,
): Promise<{ end: number; isWhole: boolean }> {
  const last = found.at(-1)?.updated;
  if (last === undefined) return { end: at, isWhole: true };
  let end = at;
  for (let size = 1; end < tips.length && end - at < LISTED_MAX; size *= 4) {
    const some = tips.slice(end, Math.min(end + size, at + LISTED_MAX)).map(({ id }) => id);
    const byId = new Map((await headers(chat, caller, some)).map((header) => [header.id, header]));
    for (const id of some) {
      const header = byId.get(id);
      if (header && header.updated < last) return { end, isWhole: true };
      if (header && isListed(header, only)) found.push(header);
      end += 1;
    }
  }
  return { end, isWhole: end === tips.length };
}
