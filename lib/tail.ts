import { Audience, concerns, type Member, placesOf } from "./audience.js";
import { blocked, type Event, invited, moved, revoked } from "./event.js";
import * as log from "./log.js";
import { Lookout, watch } from "./lookout.js";
import { type Poll, Polls } from "./poll.js";
import { Window } from "./window.js";
import { type Line, Wire } from "./wire.js";

// The wire may trail the clock by a moment; what has not come after this long was lost.
const CATCH_UP_MS = 500;
// People who come back within two minutes find their memberships still here.
const FORGET_MS = 120_000;

/** What concerns somebody after a cursor, oldest first, and how far that is all. */
/** Memberships and blocks, and the clock that they are true for. */
export type Standing = { clock: log.Clock; memberships: log.Memberships; blocked: log.Blocked };

export type Slice = { events: Event[]; to: number };

/** SHA-256 of revoked tokens, or "all" when revocations may have been missed. */
export type Revocation = ReadonlySet<string> | "all";

/** The newest part of the log, kept in memory by one subscription to the wire. A cache: only the log is the truth. */
class Tail {
  readonly #polls = new Polls();
  readonly #audience = new Audience();
  readonly #wire = new Wire({
    opened: () => void this.#resume(),
    heard: (line) => this.#heard(line),
    lost: () => this.#lost(),
  });
  readonly #lookout = new Lookout({
    look: () => this.#look(),
    waiting: () => this.#polls.size > 0,
    stirred: () => this.#stirred,
    tick: (now) => this.#audience.sweep(now - FORGET_MS, (entity) => this.#polls.has(entity)),
  });
  readonly #arrivals = new Set<() => void>();
  #onRevoked: (revocation: Revocation) => void = () => undefined;
  #readClock: (held: string[]) => Promise<log.Clock> = log.clock;
  #window: Window | undefined;
  /** What the wire says while the clock is being read. */
  #pending: Line[] | undefined;
  #opened = false;
  #closed = false;
  #stirred = 0;
  #watching = false;

  /** Opens the wire, once. Only the stream function does. */
  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#wire.open();
    this.#lookout.start();
    // Vercel allows 500 ms between this signal and the end.
    process.once("SIGTERM", () => this.close());
  }

  /** Ends every held poll, empty, and lets go of the wire for good. */
  close(): void {
    this.#closed = true;
    this.#polls.endAll("closing");
    this.#wire.close();
    this.#lookout.stop();
  }

  /** Forgets everything and subscribes anew. */
  reset(): void {
    this.#window = undefined;
    this.#pending = undefined;
    this.#forget();
    this.#wire.renew();
    void this.#watch();
  }

  /** Whether this memory may be believed: the wire stands, and no freeze lies between. */
  get trusted(): boolean {
    return this.#ready && this.#lookout.awake();
  }

  /** Sets what is told of revocations. */
  set onRevoked(callback: (revocation: Revocation) => void) {
    this.#onRevoked = callback;
  }

  /** Sets what reads the clock for the regular look, told who holds polls here: what else is due then goes along. */
  set readClock(read: (held: string[]) => Promise<log.Clock>) {
    this.#readClock = read;
  }

  hold(entity: string, sha: string | undefined): Poll {
    const poll = this.#polls.hold(entity, sha);
    if (this.#closed) poll.end("closing");
    if (!this.#ready) void this.#watch();
    return poll;
  }

  release(poll: Poll): void {
    this.#polls.release(poll);
  }

  /** Looks at the log, beginning now: what is answered from memory afterwards is not older than this call. */
  async confirm(): Promise<void> {
    if (this.#ready) await this.#lookout.confirm();
  }

  /** Makes ready to answer for a cursor: after a thaw looks at the log, and gives a trailing wire a moment to bring what the cursor knows. */
  async settle(cursor: log.Cursor): Promise<void> {
    if (this.#ready && !this.#lookout.awake()) await this.#lookout.confirm();
    const window = this.#window;
    if (window !== undefined && this.trusted && window.epoch === cursor.epoch) await this.#reach(window, cursor.n);
  }

  /** Finds memberships that are known here and true now. */
  find(entity: string, now: number): Member | undefined {
    return this.trusted ? this.#audience.find(entity, now) : undefined;
  }

  /** Whether events are sure to ring somebody's polls. Without a wire the watch does. */
  hears(entity: string): boolean {
    return !this.#ready || this.#audience.find(entity, Date.now()) !== undefined;
  }

  /** Remembers memberships that were read together with a clock, and what the wire has said of them since; undefined when that is not known. */
  learn(entity: string, standing: Standing, now: number): Member | undefined {
    const { clock, memberships, blocked } = standing;
    const window = this.#window;
    if (window?.epoch !== clock.epoch || clock.n < window.from) return undefined;
    const member = this.#audience.remember(entity, memberships, now, blocked);
    if (window.covers(clock.n)) for (const event of window.since(clock.n)) this.#move(event);
    return member;
  }

  /** Answers what concerns a member after a cursor, at most `limit` events; undefined when the memory does not reach back. */
  since(member: Member, cursor: log.Cursor, limit: number): Slice | undefined {
    const window = this.#window;
    if (!this.trusted || window?.epoch !== cursor.epoch || !window.covers(cursor.n)) return undefined;
    const events: Event[] = [];
    const now = Date.now();
    for (const event of window.since(cursor.n)) {
      if (!concerns(member, event) || isStale(event, now)) continue;
      if (events.push(event) === limit) return { events, to: event.n };
    }
    return { events, to: window.to };
  }

  get #ready(): boolean {
    return this.#window !== undefined && this.#wire.live && this.#pending === undefined;
  }

  // The subscription stands. When the clock has not moved nothing was missed; else the window begins here.
  async #resume(): Promise<void> {
    const pending: Line[] = [];
    this.#pending = pending;
    const began = Date.now();
    const clock = await log.begin(began).catch(() => undefined);
    if (this.#pending !== pending) return;
    const before = this.#window;
    if (clock === undefined) return this.#wire.renew();
    if (before !== undefined && forked(before, clock, before.to)) return this.#fork(before);
    const missed = before?.epoch !== clock.epoch || before.to !== clock.n;
    if (missed) {
      this.#window = new Window(clock);
      this.#forget();
    }
    this.#pending = undefined;
    this.#lookout.trust(began);
    for (const line of pending) this.#heard(line);
    // Whose memberships are not known here is not rung by events, so everybody asks once more.
    if (missed) this.#polls.ringAll();
  }

  // The window is kept: what it remembers decides, when the wire stands again, whether something was missed.
  #lost(): void {
    this.#pending = undefined;
    this.#lookout.doubt();
    void this.#watch();
  }

  #heard(line: Line): void {
    if (this.#pending !== undefined) {
      this.#pending.push(line);
      return;
    }
    try {
      this.#take(line);
    } catch {
      // An event that cannot be understood is as good as missed.
      this.reset();
    }
  }

  #take(line: Line): void {
    const window = this.#window;
    if (window === undefined) return;
    const outcome = line?.epoch === window.epoch ? window.append(line.event) : "foreign";
    if (line !== undefined && outcome === "new") this.#apply(line.event);
    else if (outcome === "fork") void this.#fork(window);
    else if (outcome !== "known") this.reset();
  }

  #apply(event: Event): void {
    this.#stirred = Date.now();
    event.heard = this.#stirred;
    this.#move(event);
    if (event.kind === "revoke") this.revoke(new Set(revoked(event)));
    for (const arrived of this.#arrivals) arrived();
    if (event.kind === "own") this.#polls.ring(decodeURIComponent(event.by));
    for (const place of placesOf(event)) {
      for (const member of this.#audience.of(place)) if (concerns(member, event)) this.#polls.ring(member.entity);
    }
  }

  /** Ends tokens and the polls that they hold; the wire tells the other instances. */
  revoke(shas: ReadonlySet<string>): void {
    this.#onRevoked(shas);
    this.#polls.endTokens(shas);
  }

  #move(event: Event): void {
    const block = blocked(event);
    if (block !== undefined) this.#audience.block(decodeURIComponent(event.by), block.whom, block.since);
    for (const entity of moved(event)) {
      // Who blocks the inviter is in the room for everybody else, and knows nothing of it.
      if (invited(event) && this.#audience.blocks(entity, event.by)) continue;
      this.#audience.change(entity, event.thread, event.kind === "join" ? event.n : -event.n);
    }
  }

  async #look(): Promise<void> {
    const window = this.#window;
    const reached = window?.to ?? 0;
    const clock = await this.#readClock(this.#polls.entities());
    if (window === undefined || this.#window !== window) return;
    if (clock.epoch !== "" && clock.epoch !== window.epoch) return this.reset();
    if (forked(window, clock, reached)) return this.#fork(window);
    const whole = await this.#reach(window, clock.n);
    if (this.#window !== window) return;
    if (!whole) this.reset();
    else if (forked(window, clock, reached)) await this.#fork(window);
  }

  /** Waits a moment for the wire to bring the event n; tells whether it did. */
  async #reach(window: Window, n: number): Promise<boolean> {
    if (window.to >= n) return true;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#arrivals.delete(arrived);
        resolve();
      };
      const arrived = () => {
        if (window.to >= n || this.#window !== window) done();
      };
      const timer = setTimeout(done, CATCH_UP_MS);
      this.#arrivals.add(arrived);
    });
    return window.to >= n;
  }

  // Only what this process remembers may start an epoch. If the store fails meanwhile, the memory is kept and judges again.
  async #fork(window: Window): Promise<void> {
    this.#lookout.doubt();
    try {
      await log.fork(window.epoch, window.to, Date.now());
      if (this.#window === window) this.reset();
    } catch {
      this.#wire.renew();
    }
  }

  #forget(): void {
    this.#audience.clear();
    this.#onRevoked("all");
  }

  // Without a wire one loop for the whole instance asks the clock, and wakes the polls that it has left behind.
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    await watch(async () => {
      this.#watching = this.#polls.size > 0 && !this.#ready;
      if (!this.#watching) return "done";
      return this.#polls.ringBehind(await log.clock()) > 0 ? "moved" : "still";
    });
  }
}

/** The tail of this process. */
export const tail = new Tail();

// What somebody is doing is no news after ten seconds.
const STATE_MS = 10_000;

function isStale(event: Event, now: number): boolean {
  return event.kind === "state" && now - (event.heard ?? now) > STATE_MS;
}

/** Tells whether the log contradicts what was seen of it: gone, shorter than what was reached, or another event by the same number. */
function forked(window: Window, clock: log.Clock, reached: number): boolean {
  if (clock.epoch === "") return true;
  if (clock.epoch !== window.epoch) return false;
  if (clock.n < reached) return true;
  const tag = window.tagAt(clock.n);
  return tag !== undefined && tag !== clock.tag;
}
