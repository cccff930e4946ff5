import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { Blocked } from "../log/memberships.js";
import { decode } from "../store/keys.js";
import { rows } from "../store/redis.js";
import { Count } from "../store/replies.js";

/** The members that a thread lists, the caller always among them; more are only counted. */
const SHOWN = 100;

const MembersRow = v.tuple([v.array(v.string()), Count]);

/** Reads the members of threads, the first ones of each, and how many there are. */
export function listMembers(chat: Instance, threads: readonly string[]): Promise<[string[], number][]> {
  return chat.store.transact(rows(MembersRow, 2), (batch) => {
    for (const id of threads) {
      batch.zrange(chat.keys.members(id), 0, SHOWN - 1);
      batch.zcard(chat.keys.members(id));
    }
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
