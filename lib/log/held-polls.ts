import { type Crowd, Crowds } from "./crowds.js";
import type { Clock, Cursor } from "./cursor.js";
import type { Kind } from "./event.js";

/** Why a held poll ends early: the instance closes, its token was revoked or its user banned, or its user or crowd holds too many. */
export type Ending = "closing" | "revoked" | "crowded";

/** Tells that a client has left: the part of an AbortSignal that a held poll uses. */
export type Departure = {
  readonly aborted: boolean;
  addEventListener(type: "abort", leave: () => void): void;
  removeEventListener(type: "abort", leave: () => void): void;
};

/** Serves a held poll without waking it; `own` if an event of its own user rang. Returns whether it did. */
export type Server = (own: boolean) => boolean;

/** A held poll. It is rung when there may be something for it; a ring before it waits is kept. */
export class Poll {
  readonly entity: string;
  readonly sha: string | undefined;
  /** Whether delivery receipts ring it. */
  readonly delivered: boolean;
  /** The cursor of its answer so far. */
  at: Cursor | undefined;
  /** Whether events of its own user do not ring it. */
  patient = false;
  /** Is asked at each ring while the poll waits, before the poll is woken: an open stream is not woken for each event. */
  serve: Server | undefined;
  /** How long it has waited so far, in ms. */
  waited = 0;
  #ending: Ending | undefined;
  #rung = false;
  #wake: (() => void) | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(entity: string, sha: string | undefined, delivered = false) {
    this.entity = entity;
    this.sha = sha;
    this.delivered = delivered;
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  ring(own = false): void {
    // A ring that is scheduled stays so: what is served in the meantime may have been put off until then.
    if (this.#wake !== undefined && this.#ending === undefined && this.serve?.(own)) return;
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#rung = true;
    this.#wake?.();
  }

  /** Rings after `ms`, unless a ring is scheduled already. */
  ringIn(ms: number): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.ring();
    }, ms).unref();
  }

  end(ending: Ending): void {
    this.#ending ??= ending;
    this.ring();
  }

  /** Waits for a ring or an abort, at most `ms`. */
  rung(ms: number, signal: Departure): Promise<void> {
    if (this.#rung || ms <= 0 || signal.aborted) {
      this.#rung = false;
      return Promise.resolve();
    }
    const began = Date.now();
    return new Promise((resolve) => {
      const wake = () => {
        this.waited += Date.now() - began;
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        this.#rung = false;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener("abort", wake);
      this.#wake = wake;
    });
  }
}

// A poll that is rung without an event reads from the store: one per millisecond, or all within a second.
const SPREAD_MS = 1_000;

function spread(polls: Poll[]): void {
  for (const poll of polls) poll.ringIn(Math.random() * Math.min(SPREAD_MS, polls.length));
}

/** A user whom an event concerns; `own` if the user is its author. */
type Concerned = { entity: string; own: boolean };

// This many answers are written at once: waking up the process that reads them costs more than an answer. With more at once, the first of
// them would wait longer.
const AT_ONCE = 8;

// Enough for the tabs and devices of one user; more means a client that polls in a loop.
const MAX_PER_ENTITY = 8;

/** The held polls of this instance. */
export class HeldPolls {
  #held = new Map<string, Poll[]>();
  readonly #crowds = new Crowds<Poll>();
  #size = 0;
  #closed = false;

  get size(): number {
    return this.#size;
  }

  has(entity: string): boolean {
    return this.#held.has(entity);
  }

  /** The users who hold polls here. */
  entities(): string[] {
    return [...this.#held.keys()];
  }

  hold(entity: string, sha: string | undefined, delivered = false, crowd?: Crowd): Poll {
    const poll = new Poll(entity, sha, delivered);
    this.#crowds.add(poll, crowd);
    const mine = this.#held.get(entity);
    if (mine === undefined) this.#held.set(entity, [poll]);
    else mine.push(poll);
    this.#size++;
    if (this.#closed) poll.end("closing");
    // Polls that have ended but are not released yet do not count.
    const waiting = mine?.filter((it) => it.ending === undefined) ?? [];
    if (waiting.length > MAX_PER_ENTITY) waiting[0]?.end("crowded");
    return poll;
  }

  release(poll: Poll): void {
    const mine = this.#held.get(poll.entity) ?? [];
    const at = mine.indexOf(poll);
    if (at < 0) return;
    mine.splice(at, 1);
    this.#crowds.remove(poll);
    this.#size--;
    if (mine.length === 0) this.#held.delete(poll.entity);
  }

  /** Rings the polls of a user for an event of a kind, which may be the user's own. */
  ring(entity: string, kind: Kind, own = false): void {
    for (const poll of this.#held.get(entity) ?? [])
      if ((poll.delivered || kind !== "delivered") && !(own && poll.patient)) poll.ring(own);
  }

  /**
   * Rings as `ring` does, a few polls at a time, which are answered before the next: in a large room, half of the members then wait half as
   * long.
   */
  ringEach(concerned: Iterable<Concerned>, kind: Kind): void {
    const all = [...concerned];
    const ring = (from: number) => {
      for (const { entity, own } of all.slice(from, from + AT_ONCE)) this.ring(entity, kind, own);
    };
    ring(0);
    for (let from = AT_ONCE; from < all.length; from += AT_ONCE) setImmediate(ring, from);
  }

  /** Rings the polls that are behind the clock, and returns their number. */
  ringBehind(clock: Clock): number {
    const behind = [...this.#all()].filter((poll) => poll.at?.epoch !== clock.epoch || poll.at.n < clock.n);
    spread(behind);
    return behind.length;
  }

  ringAll(): void {
    spread([...this.#all()]);
  }

  endTokens(shas: ReadonlySet<string>): void {
    for (const poll of this.#all()) if (poll.sha !== undefined && shas.has(poll.sha)) poll.end("revoked");
  }

  endUser(entity: string): void {
    for (const poll of [...(this.#held.get(entity) ?? [])]) poll.end("revoked");
  }

  /** Ends every poll, and every later one at once. */
  close(): void {
    this.#closed = true;
    for (const poll of this.#all()) poll.end("closing");
  }

  *#all(): Generator<Poll> {
    for (const mine of [...this.#held.values()]) yield* [...mine];
  }
}
