import { decode } from "../store/keys.js";
import { Condition } from "./condition.js";
import type { Clock, Cursor } from "./cursor.js";
import { blocked, deliveredSeq, type Event, invited, isOwn, isStale, moved } from "./event.js";
import { EventWindow } from "./event-window.js";
import type { Horizon } from "./log.js";
import { concerns, type Member, MembershipCache, threadsOf } from "./membership-cache.js";
import type { Snapshot } from "./memberships.js";
import type { WireEvent } from "./wire.js";

// The wire may lag behind the clock; an event that has not arrived after this time is lost.
const CATCH_UP_MS = 500;
// So many events may have happened that the wire of this instance has yet to bring.
const LAG_EVENTS = 1_000;
// The memberships of users who poll again within two minutes are still cached.
const FORGET_MS = 120_000;
// Delivery receipts are remembered only so that they are not sent again.
const DELIVERED_MAX = 10_000;

/** The events for a member after a cursor, oldest first, complete up to the n `to`. */
export type Slice = { events: Event[]; to: number };

/** The memory of a tail: the newest events, and the memberships of the users who poll here. */
export class TailMemory {
  readonly #window: EventWindow;
  readonly #horizon: Horizon;
  readonly #memberships = new MembershipCache();
  readonly #delivered = new Map<string, number>();
  readonly #caughtUp = new Condition(CATCH_UP_MS);
  /** The n up to which the wire itself has delivered the events. */
  #wireTo: number;
  #stirred = 0;

  /** Begins at a clock; every later event must be applied. */
  constructor(clock: Clock, horizon: Horizon) {
    this.#horizon = horizon;
    this.#window = new EventWindow(clock);
    this.#wireTo = clock.n;
  }

  get epoch(): string {
    return this.#window.epoch;
  }

  /** The n of the newest event. */
  get to(): number {
    return this.#window.to;
  }

  /** When the wire last delivered an event, in ms. */
  get stirred(): number {
    return this.#stirred;
  }

  /** Applies an event from the wire. `foreign`: it could not be parsed, or is of another epoch; else as `EventWindow.append`. */
  apply(line: WireEvent | undefined): "new" | "known" | "hole" | "fork" | "foreign" {
    if (line?.epoch !== this.epoch) return "foreign";
    this.#stirred = Date.now();
    const outcome = this.#window.append(line.event);
    if (outcome === "new" || outcome === "known") this.#wireTo = Math.max(this.#wireTo, line.event.n);
    if (outcome === "new") this.#note(line.event);
    else this.#caughtUp.recheck();
    return outcome;
  }

  /** Applies an event of this instance if it is the next one, and returns whether it is. The wire delivers it again later. */
  applyOwn({ epoch, event }: WireEvent): boolean {
    if (epoch !== this.epoch || event.n !== this.to + 1) return false;
    this.#window.append(event);
    this.#note(event);
    return true;
  }

  /** Yields the cached users whom an event concerns; its author, for whom it is no news, last. */
  *concerned(event: Event): Generator<{ entity: string; own: boolean }> {
    let author = isOwn(event) ? decode(event.by) : undefined;
    for (const thread of isOwn(event) ? [] : threadsOf(event)) {
      for (const member of this.#memberships.of(thread)) {
        if (!concerns(member, event)) continue;
        if (member.by === event.by) author = member.entity;
        else yield { entity: member.entity, own: false };
      }
    }
    if (author !== undefined) yield { entity: author, own: true };
  }

  /** Waits for the event n, at most 500 ms, and returns whether it is here. */
  reach(n: number): Promise<boolean> {
    return this.#caughtUp.wait(() => this.to >= n);
  }

  /** Waits until the wire itself has delivered the event n, at most 500 ms, and returns whether it has; own events prove nothing. */
  hear(n: number): Promise<boolean> {
    return this.#caughtUp.wait(() => this.#wireTo >= n);
  }

  /** Counts all events as delivered by the wire: it is open again, and nothing was missed. */
  settle(): void {
    this.#wireTo = this.to;
  }

  find(entity: string, now: number): Member | undefined {
    return this.#memberships.find(entity, now);
  }

  /** Caches the memberships of a snapshot, updated by later events; undefined if the window does not reach back to its clock. */
  learn(entity: string, { clock, memberships, blocked }: Snapshot, now: number): Member | undefined {
    if (clock.epoch !== this.epoch || clock.n < this.#window.from) return undefined;
    const member = this.#memberships.remember(entity, memberships, now, blocked);
    if (this.#window.covers(clock.n)) for (const event of this.#window.since(clock.n)) this.#move(event);
    return member;
  }

  /**
   * Returns what concerns a member after a cursor, at most `limit` events, with delivery receipts if `delivered`; undefined if the window
   * does not reach back to the cursor, or the log has been cut since.
   */
  since(member: Member, cursor: Cursor, limit: number, delivered: boolean): Slice | undefined {
    if (cursor.epoch !== this.epoch || !this.#window.covers(cursor.n)) return undefined;
    const events: Event[] = [];
    const now = Date.now();
    for (const event of this.#window.since(cursor.n)) {
      if (event.isSuperseded || !concerns(member, event) || isStale(event, now)) continue;
      if (event.kind === "cut") return undefined;
      if (event.kind === "delivered" && !delivered) continue;
      if (events.push(event) === limit) return { events, to: event.n };
    }
    return { events, to: this.to };
  }

  /** Whether a cursor lies before this memory, far beyond it, or in another epoch. A wire that lags a little does not count. */
  isBeyond({ epoch, n }: Cursor): boolean {
    return epoch !== this.epoch || n < this.#window.from || n > this.to + LAG_EVENTS;
  }

  /** Returns when the first event after a cursor was received here, in ms; undefined for none, or if the window does not reach back so far. */
  receivedAfter(cursor: Cursor): number | undefined {
    if (cursor.epoch !== this.epoch || !this.#window.covers(cursor.n)) return undefined;
    return this.#window.next(cursor.n)?.receivedAt;
  }

  /** Returns whether there may be an event of another user for a member after a cursor. */
  hasNews(member: Member, cursor: Cursor): boolean {
    if (cursor.epoch !== this.epoch || !this.#window.covers(cursor.n)) return true;
    return this.#window.since(cursor.n).some((event) => event.by !== member.by && concerns(member, event));
  }

  /** Yields, once each, the events of others in direct threads that a member with a cursor has received. */
  *received(member: Member, cursor: Cursor): Generator<Event> {
    if (cursor.epoch !== this.epoch || !this.#window.covers(cursor.n)) return;
    for (const event of this.#window.since(Math.max(this.#window.from, member.received))) {
      if (event.n > cursor.n) break;
      if (event.kind === "direct" && event.by !== member.by && concerns(member, event)) yield event;
    }
    member.received = Math.max(member.received, cursor.n);
  }

  /** Returns the seq up to which a user (encoded) has received a thread, by the newest delivery receipt here. */
  deliveredTo(who: string, thread: string): number {
    return this.#delivered.get(`${thread} ${who}`) ?? 0;
  }

  /** Returns whether the log contradicts this memory: it is empty, too short, or has another event under a known number. */
  contradicts(clock: Clock, reached: number): boolean {
    if (clock.epoch === "") return true;
    if (clock.epoch !== this.epoch) return false;
    if (clock.n < reached) return true;
    const tag = this.#window.tagAt(clock.n);
    return tag !== undefined && tag !== clock.tag;
  }

  /** Drops the memberships of users who have not polled for two minutes, except those to keep. */
  sweep(now: number, keep: (entity: string) => boolean): void {
    this.#memberships.sweep(now - FORGET_MS, keep);
  }

  #note(event: Event): void {
    event.receivedAt = Date.now();
    this.#horizon.see(event.n);
    this.#move(event);
    this.#caughtUp.recheck();
  }

  #move(event: Event): void {
    if (event.kind === "delivered") this.#deliver(event);
    const block = blocked(event);
    if (block !== undefined) this.#memberships.block(decode(event.by), block.whom, block.since);
    for (const entity of moved(event)) {
      // A user who blocks the inviter is a member for everyone else, but does not see the room.
      if (invited(event) && this.#memberships.blocks(entity, event.by)) continue;
      this.#memberships.change(entity, event.thread, event.kind === "join" ? event.n : -event.n);
    }
  }

  #deliver(event: Event): void {
    if (this.#delivered.size >= DELIVERED_MAX) this.#delivered.clear();
    const seq = Math.max(deliveredSeq(event), this.deliveredTo(event.by, event.thread));
    this.#delivered.set(`${event.thread} ${event.by}`, seq);
  }
}
