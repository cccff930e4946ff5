import { decode } from "../store/keys.js";
import { Condition } from "./condition.js";
import type { Clock, Cursor } from "./cursor.js";
import { blocked, deliveredSeq, type Event, invited, moved } from "./event.js";
import { EventWindow } from "./event-window.js";
import type { Horizon } from "./log.js";
import { concerns, type Member, MembershipCache, placesOf } from "./membership-cache.js";
import type { Snapshot } from "./memberships.js";
import type { WireEvent } from "./wire.js";

// The wire may trail the clock by a moment; what has not come after this long was lost.
const CATCH_UP_MS = 500;
// People who come back within two minutes find their memberships still here.
const FORGET_MS = 120_000;
// What was told to have been received is only remembered so that it is not told again.
const DELIVERED_MAX = 10_000;
// What somebody is doing is no news after ten seconds.
const STATE_MS = 10_000;

/** What concerns somebody after a cursor, oldest first, and how far that is all. */
export type Slice = { events: Event[]; to: number };

/** What an instance remembers: the newest events, and who is in the threads that they belong to. */
export class TailMemory {
  readonly #window: EventWindow;
  readonly #horizon: Horizon;
  readonly #memberships = new MembershipCache();
  readonly #delivered = new Map<string, number>();
  readonly #caughtUp = new Condition(CATCH_UP_MS);
  /** The n up to which the wire itself has brought what is here. */
  #brought: number;
  #stirred = 0;

  /** Begins at a clock: everything after it is to be heard. */
  constructor(clock: Clock, horizon: Horizon) {
    this.#horizon = horizon;
    this.#window = new EventWindow(clock);
    this.#brought = clock.n;
  }

  get epoch(): string {
    return this.#window.epoch;
  }

  /** The n of the newest event. */
  get to(): number {
    return this.#window.to;
  }

  /** When the wire last said something, in ms. */
  get stirred(): number {
    return this.#stirred;
  }

  /** Takes what the wire says. `foreign`: it cannot be read, or is of another epoch; else as `EventWindow.append`. */
  apply(line: WireEvent | undefined): "new" | "known" | "hole" | "fork" | "foreign" {
    if (line?.epoch !== this.epoch) return "foreign";
    this.#stirred = Date.now();
    const outcome = this.#window.append(line.event);
    if (outcome === "new" || outcome === "known") this.#brought = Math.max(this.#brought, line.event.n);
    if (outcome === "new") this.#note(line.event);
    else this.#caughtUp.recheck();
    return outcome;
  }

  /** Takes what this process itself has written, if nothing comes before it that is not here yet; tells whether it did. The wire will bring what is known then. */
  applyOwn({ epoch, event }: WireEvent): boolean {
    if (epoch !== this.epoch || event.n !== this.to + 1) return false;
    this.#window.append(event);
    this.#note(event);
    return true;
  }

  /** Names everybody known whom an event concerns; its author, who knows it, last and as such. */
  *concerned(event: Event): Generator<{ entity: string; own: boolean }> {
    let author = event.kind === "own" ? decode(event.by) : undefined;
    for (const place of placesOf(event)) {
      for (const member of this.#memberships.of(place)) {
        if (!concerns(member, event)) continue;
        if (member.by === event.by) author = member.entity;
        else yield { entity: member.entity, own: false };
      }
    }
    if (author !== undefined) yield { entity: author, own: true };
  }

  /** Waits a moment until the event n is here; tells whether it is. */
  reach(n: number): Promise<boolean> {
    return this.#caughtUp.wait(() => this.to >= n);
  }

  /** Waits a moment until the wire itself has brought the event n; tells whether it did. What was anticipated is no sign that it speaks. */
  hear(n: number): Promise<boolean> {
    return this.#caughtUp.wait(() => this.#brought >= n);
  }

  /** Counts what is here as brought: the wire stands anew, and nothing was missed. */
  settle(): void {
    this.#brought = this.to;
  }

  find(entity: string, now: number): Member | undefined {
    return this.#memberships.find(entity, now);
  }

  /** Remembers memberships that were read together with a clock, and what the wire has said of them since; undefined when that is not known. */
  learn(entity: string, { clock, memberships, blocked }: Snapshot, now: number): Member | undefined {
    if (clock.epoch !== this.epoch || clock.n < this.#window.from) return undefined;
    const member = this.#memberships.remember(entity, memberships, now, blocked);
    if (this.#window.covers(clock.n)) for (const event of this.#window.since(clock.n)) this.#move(event);
    return member;
  }

  /**
   * Answers what concerns a member after a cursor, at most `limit` events, with what others have received if they ask for it;
   * undefined when it is not remembered that far back.
   */
  since(member: Member, cursor: Cursor, limit: number, delivered: boolean): Slice | undefined {
    if (cursor.epoch !== this.epoch || !this.#window.covers(cursor.n)) return undefined;
    const events: Event[] = [];
    const now = Date.now();
    for (const event of this.#window.since(cursor.n)) {
      if (!concerns(member, event) || isStale(event, now)) continue;
      if (event.kind === "delivered" && !delivered) continue;
      if (events.push(event) === limit) return { events, to: event.n };
    }
    return { events, to: this.to };
  }

  /** Whether there may be something for a member after a cursor that others did. */
  hasNews(member: Member, cursor: Cursor): boolean {
    if (cursor.epoch !== this.epoch || !this.#window.covers(cursor.n)) return true;
    for (const event of this.#window.since(cursor.n))
      if (event.by !== member.by && concerns(member, event)) return true;
    return false;
  }

  /** Names the messages of others in direct threads that somebody has who holds a cursor, as far as they are remembered and were not named before. */
  *received(member: Member, cursor: Cursor): Generator<Event> {
    if (cursor.epoch !== this.epoch || !this.#window.covers(cursor.n)) return;
    for (const event of this.#window.since(Math.max(this.#window.from, member.received))) {
      if (event.n > cursor.n) break;
      if (event.kind === "direct" && event.by !== member.by && concerns(member, event)) yield event;
    }
    member.received = Math.max(member.received, cursor.n);
  }

  /** Tells up to which seq it was told here that somebody (encoded) has received a thread. */
  deliveredTo(who: string, thread: string): number {
    return this.#delivered.get(`${thread} ${who}`) ?? 0;
  }

  /** Tells whether the log contradicts what was seen of it: gone, shorter than what was reached, or another event by the same number. */
  contradicts(clock: Clock, reached: number): boolean {
    if (clock.epoch === "") return true;
    if (clock.epoch !== this.epoch) return false;
    if (clock.n < reached) return true;
    const tag = this.#window.tagAt(clock.n);
    return tag !== undefined && tag !== clock.tag;
  }

  /** Forgets those who have not asked for a while, but for those to keep. */
  sweep(now: number, keep: (entity: string) => boolean): void {
    this.#memberships.sweep(now - FORGET_MS, keep);
  }

  #note(event: Event): void {
    event.heard = Date.now();
    this.#horizon.see(event.n);
    this.#move(event);
    this.#caughtUp.recheck();
  }

  #move(event: Event): void {
    if (event.kind === "delivered") this.#deliver(event);
    const block = blocked(event);
    if (block !== undefined) this.#memberships.block(decode(event.by), block.whom, block.since);
    for (const entity of moved(event)) {
      // Who blocks the inviter is in the room for everybody else, and knows nothing of it.
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

function isStale(event: Event, now: number): boolean {
  return event.kind === "state" && now - (event.heard ?? now) > STATE_MS;
}
