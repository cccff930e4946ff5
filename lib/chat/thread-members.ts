import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { Blocked } from "../log/memberships.js";
import { decode } from "../store/keys.js";
import { Count, Texts } from "../store/replies.js";

/** The members that a thread lists, the caller always among them; more are only counted. */
const SHOWN = 100;

/** Reads the members of threads, the first ones of each, and how many there are, which is asked only of large threads. */
export async function listMembers(chat: Instance, threads: readonly string[]): Promise<[string[], number][]> {
  if (threads.length === 0) return [];
  const first = await chat.store.transact(v.array(Texts), (batch) => {
    for (const id of threads) batch.zrange(chat.keys.members(id), 0, SHOWN);
  });
  const large = threads.filter((_, i) => (first[i]?.length ?? 0) > SHOWN);
  const counts =
    large.length === 0
      ? []
      : await chat.store.transact(v.array(Count), (batch) => {
          for (const id of large) batch.zcard(chat.keys.members(id));
        });
  const countOf = new Map(large.map((id, i) => [id, counts[i] ?? 0]));
  return threads.map((id, i) => {
    const members = first[i] ?? [];
    return [members.slice(0, SHOWN), countOf.get(id) ?? members.length];
  });
}

/** Reads whom a user, given encoded, blocks. */
export async function blockedBy(chat: Instance, user: string): Promise<Blocked> {
  const [blocked] = await chat.store.transact(v.tuple([Blocked]), (batch) =>
    batch.hgetall(chat.keys.blocks(decode(user))),
  );
  return blocked;
}

/**
 * Puts the caller in the place of the last one where a thread has more members than it lists: a client reads its own role and read mark
 * there.
 */
export function withCaller(me: string, first: readonly string[], memberCount: number): readonly string[] {
  if (memberCount <= SHOWN || first.includes(me)) return first;
  return [...first.slice(0, SHOWN - 1), me];
}

/** Whether the caller blocks all other members of a thread, whose messages are then not unread. */
export function areBlocked(me: string, blocked: Blocked, shown: readonly string[], memberCount: number): boolean {
  return memberCount > 1 && memberCount === shown.length && shown.every((who) => who === me || blocked.has(who));
}
