import type { Clock, Cursor } from "./cursor.js";
import type { Kind } from "./event.js";

/** Why a held poll is over before its time: the instance closes, its token was revoked, its user holds too many. */
export type Ending = "closing" | "revoked" | "crowded";

/** One held poll. It is rung when something may be there for it; a ring before it waits is kept. */
export class Poll {
  readonly entity: string;
  readonly sha: string | undefined;
  /** Whether it is rung by what others have received. */
  readonly delivered: boolean;
  /** Up to where it has been answered. */
  at: Cursor | undefined;
  /** Whether what its user did themselves does not ring it. */
  patient = false;
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

  ring(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#rung = true;
    this.#wake?.();
  }

  /** Rings at a random moment of the next `ms`, unless it is about to already. */
  ringWithin(ms: number): void {
    this.#soon ??= setTimeout(() => this.ring(), Math.random() * ms).unref();
  }

  end(ending: Ending): void {
    this.#ending ??= ending;
    this.ring();
  }

  /** Waits for a ring, `ms` milliseconds at most, or an abort. */
  rung(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#rung || ms <= 0 || signal.aborted) {
      this.#rung = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const wake = () => {
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

// Whoever is rung without an event asks the store: one a millisecond, or all within a second.
const SPREAD_MS = 1_000;

function spread(polls: Poll[]): void {
  for (const poll of polls) poll.ringWithin(Math.min(SPREAD_MS, polls.length));
}

/** Somebody whom an event concerns; `own` if it is their own doing. */
type Concerned = { entity: string; own: boolean };

// So many answers are written in one go: whoever reads them is woken once for all, which costs more than an answer does. More at
// once would keep the first of them waiting.
const AT_ONCE = 8;

// Enough for the tabs and devices of one person; beyond that something asks in a loop.
const MAX_PER_ENTITY = 8;

/** The held polls of this instance. */
export class HeldPolls {
  #held = new Map<string, Poll[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(entity: string): boolean {
    return this.#held.has(entity);
  }

  /** Who holds polls here. */
  entities(): string[] {
    return [...this.#held.keys()];
  }

  hold(entity: string, sha: string | undefined, delivered = false): Poll {
    const poll = new Poll(entity, sha, delivered);
    const mine = this.#held.get(entity);
    if (mine === undefined) this.#held.set(entity, [poll]);
    else mine.push(poll);
    this.#size++;
    // Those that have been ended but not yet released hold no place.
    const waiting = mine?.filter((it) => it.ending === undefined) ?? [];
    if (waiting.length > MAX_PER_ENTITY) waiting[0]?.end("crowded");
    return poll;
  }

  release(poll: Poll): void {
    const mine = this.#held.get(poll.entity) ?? [];
    const at = mine.indexOf(poll);
    if (at < 0) return;
    mine.splice(at, 1);
    this.#size--;
    if (mine.length === 0) this.#held.delete(poll.entity);
  }

  /** Rings those of somebody whom a kind of event concerns, which may be their own doing. */
  ring(entity: string, kind: Kind, own = false): void {
    for (const poll of this.#held.get(entity) ?? []) {
      if ((poll.delivered || kind !== "delivered") && !(own && poll.patient)) poll.ring();
    }
  }

  /** Rings as `ring` does, a few at a time, and lets those be answered before the next: half of a large room has then heard when half of the work is done. */
  ringEach(concerned: Iterable<Concerned>, kind: Kind): void {
    const all = [...concerned];
    const ring = (from: number) => {
      for (const { entity, own } of all.slice(from, from + AT_ONCE)) this.ring(entity, kind, own);
    };
    ring(0);
    for (let from = AT_ONCE; from < all.length; from += AT_ONCE) setImmediate(ring, from);
  }

  /** Rings those that do not stand at the clock, and counts them. */
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

  endAll(ending: Ending): void {
    for (const poll of this.#all()) poll.end(ending);
  }

  *#all(): Generator<Poll> {
    for (const mine of [...this.#held.values()]) yield* [...mine];
  }
}
