import { encode } from "../store/keys.js";
import type { Event } from "./event.js";
import type { Blocked, Memberships } from "./memberships.js";

/** Somebody whose memberships are known here; `by` is the entity as events spell it. */
export type Member = {
  entity: string;
  by: string;
  memberships: Memberships;
  blocked: ReadonlyMap<string, string>;
  used: number;
  /** When they came to be known here, in ms. */
  since: number;
  /** When their stream was last answered with something, in ms. */
  answered?: number;
  /** Up to when their answers use up what they may be given at once, in ms. */
  spent: number;
  /** The n up to which it was looked what they have received. */
  received: number;
};

// Most people block nobody, and need no map of their own for that.
const NOBODY: Blocked = new Map();

/** Makes the picture of somebody who is met for the first time. */
export function meet(entity: string, memberships: Memberships, blocked: Blocked, now: number): Member {
  const by = encode(entity);
  return {
    entity,
    by,
    memberships,
    blocked: blocked.size === 0 ? NOBODY : blocked,
    used: now,
    since: now,
    spent: 0,
    received: 0,
  };
}

/** Tells whether an event belongs on somebody's stream: isolation is this sentence. */
export function concerns(member: Pick<Member, "by" | "memberships" | "blocked">, event: Event): boolean {
  if (event.kind === "own") return event.by === member.by;
  if (event.kind === "presence")
    return (
      event.by !== member.by &&
      !member.blocked.has(event.by) &&
      placesOf(event).some((it) => (member.memberships.get(it) ?? 0) > 0)
    );
  const since = member.memberships.get(event.thread);
  if (since === undefined) return false;
  // Of a thread that was left nothing is delivered but the stanza that says so, not even what was sent before.
  if (since < 0) return event.kind === "leave" && event.n === -since;
  if (event.n < since) return false;
  return (
    event.kind === "post" ||
    event.kind === "direct" ||
    event.kind === "join" ||
    event.kind === "leave" ||
    ((event.kind === "state" || event.kind === "delivered") && event.by !== member.by && !member.blocked.has(event.by))
  );
}

/** The threads that an event is told in: one or, of somebody's presence, all in which they have shown themselves. */
export function placesOf(event: Event): string[] {
  return event.kind === "presence" ? event.thread.split(",") : [event.thread];
}

/** Who is in which thread, as far as this instance was asked: a cache that follows the joins and leaves on the wire. */
export class Audience {
  #known = new Map<string, Member>();
  #threads = new Map<string, Set<Member>>();

  find(entity: string, now: number): Member | undefined {
    const member = this.#known.get(entity);
    if (member !== undefined) member.used = now;
    return member;
  }

  /** Remembers somebody's memberships in place of what was known. */
  remember(entity: string, memberships: Memberships, now: number, blocked = NOBODY): Member {
    this.#drop(entity);
    const member = meet(entity, memberships, blocked, now);
    this.#known.set(entity, member);
    for (const thread of memberships.keys()) this.#link(thread, member);
    return member;
  }

  /** Applies a joining (or, negative, a leaving) at n, unless something later is known already. */
  change(entity: string, thread: string, n: number): void {
    const member = this.#known.get(entity);
    if (member === undefined || Math.abs(member.memberships.get(thread) ?? 0) >= Math.abs(n)) return;
    member.memberships.set(thread, n);
    this.#link(thread, member);
  }

  /** Applies that somebody blocks another (encoded) since a time, or (undefined) no longer does. */
  block(entity: string, whom: string, since: string | undefined): void {
    const member = this.#known.get(entity);
    if (member === undefined) return;
    const blocked = new Map(member.blocked);
    if (since === undefined) blocked.delete(whom);
    else blocked.set(whom, since);
    member.blocked = blocked;
  }

  /** Whether somebody is known to block another (encoded). */
  blocks(entity: string, whom: string): boolean {
    return this.#known.get(entity)?.blocked.has(whom) ?? false;
  }

  /** Everybody known who is, or lately was, in a thread. */
  of(thread: string): Iterable<Member> {
    return this.#threads.get(thread) ?? [];
  }

  /** Forgets everybody. */
  clear(): void {
    this.#known.clear();
    this.#threads.clear();
  }

  /** Forgets those whom nobody has asked about since a time in ms, but for those to keep. */
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
