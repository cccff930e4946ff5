import { encode } from "../store/keys.js";
import type { Event } from "./event.js";
import type { Blocked, Memberships } from "./memberships.js";

/** The cache entry of a user; `by` is the encoded entity, as in events, `used` when the entry was last looked up, in ms. */
export type Member = {
  entity: string;
  by: string;
  memberships: Memberships;
  blocked: ReadonlyMap<string, string>;
  used: number;
  /** When the entry was made, in ms. */
  since: number;
  /** When the last answer with stanzas was sent, in ms. */
  answered?: number;
  /** Until when past answers use up the burst, in ms (see stream/pacing). */
  spent: number;
  /** The n up to which receipts have been looked for. */
  received: number;
};

// Most users block nobody; they share one empty map.
const NO_BLOCKS: ReadonlyMap<string, string> = new Map();

/** Creates the cache entry for a user. */
export function createMember(entity: string, memberships: Memberships, blocked: Blocked, now: number): Member {
  const by = encode(entity);
  return {
    entity,
    by,
    memberships,
    blocked: blocked.size === 0 ? NO_BLOCKS : blocked,
    used: now,
    since: now,
    spent: 0,
    received: 0,
  };
}

/** Returns whether an event belongs on a member's stream. Isolation rests on this function alone. */
export function concerns(member: Pick<Member, "by" | "memberships" | "blocked">, event: Event): boolean {
  if (event.kind === "own") return event.by === member.by;
  if (event.kind === "presence")
    return (
      event.by !== member.by &&
      !member.blocked.has(event.by) &&
      threadsOf(event).some((it) => (member.memberships.get(it) ?? 0) > 0)
    );
  const since = member.memberships.get(event.thread);
  if (since === undefined) return false;
  // Of a thread that the member has left, only the leave stanza is delivered, not even messages from before.
  if (since < 0) return event.kind === "leave" && event.n === -since;
  if (event.n < since) return false;
  return (
    event.kind === "post" ||
    event.kind === "read" ||
    (event.kind === "ownread" && event.by === member.by) ||
    event.kind === "direct" ||
    event.kind === "join" ||
    event.kind === "leave" ||
    event.kind === "cut" ||
    ((event.kind === "state" || event.kind === "delivered") && event.by !== member.by && !member.blocked.has(event.by))
  );
}

/** Returns the threads that an event belongs to: one or, for presence, all in which the user has been active. */
export function threadsOf(event: Event): string[] {
  return event.kind === "presence" ? event.thread.split(",") : [event.thread];
}

/** A cache of the memberships of the users who polled here, which follows the joins and leaves on the wire. */
export class MembershipCache {
  #known = new Map<string, Member>();
  #threads = new Map<string, Set<Member>>();

  find(entity: string, now: number): Member | undefined {
    const member = this.#known.get(entity);
    if (member !== undefined) member.used = now;
    return member;
  }

  /** Stores a user's memberships, replacing the entry there was. */
  remember(entity: string, memberships: Memberships, now: number, blocked = NO_BLOCKS): Member {
    this.#drop(entity);
    const member = createMember(entity, memberships, blocked, now);
    this.#known.set(entity, member);
    for (const thread of memberships.keys()) this.#link(thread, member);
    return member;
  }

  /** Applies a join (or, negative, a leave) at n, unless a later one is known already. */
  change(entity: string, thread: string, n: number): void {
    const member = this.#known.get(entity);
    if (member === undefined || Math.abs(member.memberships.get(thread) ?? 0) >= Math.abs(n)) return;
    member.memberships.set(thread, n);
    this.#link(thread, member);
  }

  /** Applies that a user blocks another (encoded) since a time, or (undefined) no longer does. */
  block(entity: string, whom: string, since: string | undefined): void {
    const member = this.#known.get(entity);
    if (member === undefined) return;
    const blocked = new Map(member.blocked);
    if (since === undefined) blocked.delete(whom);
    else blocked.set(whom, since);
    member.blocked = blocked;
  }

  /** Whether a user is known to block another (encoded). */
  blocks(entity: string, whom: string): boolean {
    return this.#known.get(entity)?.blocked.has(whom) ?? false;
  }

  /** Returns the cached users who are, or recently were, members of a thread. */
  of(thread: string): Iterable<Member> {
    return this.#threads.get(thread) ?? [];
  }

  /** Drops every entry. */
  clear(): void {
    this.#known.clear();
    this.#threads.clear();
  }

  /** Drops the entries not used since a time in ms, except those to keep. */
  sweep(before: number, keep: (entity: string) => boolean): void {
    for (const member of [...this.#known.values()]) {
      if (member.used < before && !keep(member.entity)) this.#drop(member.entity);
    }
  }

  #link(thread: string, member: Member): void {
    const present = this.#threads.get(thread);
    if (present === undefined) this.#threads.set(thread, new Set([member]));
    else present.add(member);
  }

  #drop(entity: string): void {
    const member = this.#known.get(entity);
    if (member === undefined) return;
    this.#known.delete(entity);
    for (const thread of member.memberships.keys()) {
      const present = this.#threads.get(thread);
      present?.delete(member);
      if (present?.size === 0) this.#threads.delete(thread);
    }
  }
}
