import * as v from "valibot";
import type { Log } from "../log/log.js";
import { Memberships } from "../log/memberships.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";

// The number of fields in a request, so that it stays near 1 MB for a user with thousands of threads.
const FIELDS = 20_000;

/**
 * Finds the users who share a thread with another user: looks up that user's threads in the memberships of each, however many these are.
 */
export async function sharingThread(chat: Log, me: string, others: readonly string[]): Promise<string[]> {
  return [...(await sharedThreads(chat, me, others)).keys()];
}

// Where not all threads can be looked at, the newest of them suffice.
const LOOKED_AT = 20;

/**
 * Finds the users who have shown themselves in a thread that they share with another user: who have sent, read or joined by their own action
 * in one of the twenty that this one joined last.
 */
export async function shownTo(chat: Log, me: string, others: readonly string[]): Promise<string[]> {
  const shared = await sharedThreads(chat, me, others, LOOKED_AT);
  // One command for each thread, however many share it.
  const sharing = new Map<string, [string, ...string[]]>();
  for (const [entity, threads] of shared)
    for (const thread of threads) sharing.set(thread, [entity, ...(sharing.get(thread) ?? [])]);
  if (sharing.size === 0) return [];
  const marks = await chat.store.transact(v.array(v.array(v.nullable(v.string()))), (batch) => {
    for (const [thread, [first, ...rest]] of sharing)
      batch.hmget(chat.keys.thread(thread), `read:${encode(first)}`, ...rest.map((it) => `read:${encode(it)}`));
  });
  const shown = new Set(
    [...sharing.values()].flatMap((all, i) => all.filter((_, j) => hasShown(marks[i]?.[j] ?? null))),
  );
  return [...shared.keys()].filter((entity) => shown.has(entity));
}

/**
 * Whether a member has shown themselves in a thread, by the read mark there: that of a member who was only added ends in a half, until the
 * member sends, reads or joins.
 */
export function hasShown(mark: string | null): boolean {
  return mark !== null && !mark.includes(".");
}

/** Finds the threads that each of `others` shares with a user, of those that the user joined last; users without one are left out. */
async function sharedThreads(
  chat: Log,
  me: string,
  others: readonly string[],
  most = Number.POSITIVE_INFINITY,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (others.length === 0) return found;
  const [memberships] = await chat.store.transact(v.tuple([Memberships]), (batch) =>
    batch.hgetall(chat.keys.threads(me)),
  );
  const mine = [...memberships]
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([thread]) => thread);
  const [first, ...rest] = mine;
  if (first === undefined) return found;
  const step = Math.max(1, Math.floor(FIELDS / mine.length));
  for (let at = 0; at < others.length; at += step) {
    const some = others.slice(at, at + step);
    const rows = await chat.store.transact(v.array(v.array(v.nullable(Count))), (batch) => {
      for (const entity of some) batch.hmget(chat.keys.threads(entity), first, ...rest);
    });
    for (const [i, entity] of some.entries()) {
      const shared = mine.filter((_, j) => (rows[i]?.[j] ?? -1) > 0);
      if (shared.length > 0) found.set(entity, shared);
    }
  }
  const missing = others.filter((entity) => !found.has(entity));
  for (const [entity, shared] of await unawares(chat, mine.slice(0, LOOKED_AT), missing)) found.set(entity, shared);
  return found;
}

/**
 * Finds the threads to which users belong who do not see them, because they block whoever added them. These threads are not in their
 * memberships, but nobody may notice that.
 */
async function unawares(chat: Log, threads: readonly string[], entities: readonly string[]) {
  const [first, ...rest] = entities.map((entity) => `role:${encode(entity)}`);
  if (first === undefined) return new Map<string, string[]>();
  const roles = await chat.store.transact(v.array(v.array(v.nullable(v.string()))), (batch) => {
    for (const thread of threads) batch.hmget(chat.keys.thread(thread), first, ...rest);
  });
  const found = entities.map((entity, i): [string, string[]] => [entity, threads.filter((_, j) => roles[j]?.[i])]);
  return new Map(found.filter(([, shared]) => shared.length > 0));
}
