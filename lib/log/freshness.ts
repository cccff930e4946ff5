import { hasPassed } from "../elapsed.js";

/** The cache whose freshness is watched. */
export type Subject = {
  /** Compares the cache with the log once; rejects if the store does not answer. */
  look(): Promise<void>;
  /** Whether a poll is held. */
  waiting(): boolean;
  /** When the wire last delivered an event, in ms. */
  stirred(): number;
  /** Whether something is due that is done together with a look. */
  due(now: number): boolean;
  /** Called once a second. */
  tick(now: number): void;
};

const TICK_MS = 1_000;
// A timer that is this late shows that the process was suspended, as functions are between requests.
const THAW_MS = 2_500;
const LOOK_MS = 30_000;
// Only a look can find a half-open connection. A wire that falls silent after an event is suspected after ten seconds, once a minute:
// looks are billed. A wire that delivers events needs no look, since dense numbers show what is missing.
const SILENT_MS = 10_000;
const SUSPECT_MS = 60_000;
// A revoked token must be refused within 40 s, whatever is broken (PROFILE §3), so the cache is never trusted longer than this without a
// look.
const TRUST_MS = 35_000;

/** Decides when to compare the cache with the log: regularly while polls are held, after the process was suspended, and on request. */
export class Freshness {
  #subject: Subject;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #ticked = 0;
  #confirmed = 0;
  #suspected = 0;
  #look: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  start(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#ticked = Date.now();
    this.#timer = setInterval(() => this.#tick(Date.now()), TICK_MS).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** Whether the cache can be trusted: the process has not been suspended since the last look. */
  awake(now = Date.now()): boolean {
    if (hasPassed(THAW_MS, this.#ticked, now) || hasPassed(TRUST_MS, this.#confirmed, now)) this.doubt();
    return this.#confirmed > 0;
  }

  /** Distrusts the cache until the next look. */
  doubt(): void {
    this.#confirmed = 0;
  }

  /** Trusts the cache after a look that began at a time in ms, unless the process may have been suspended since then. */
  trust(began: number): void {
    const now = Date.now();
    if (hasPassed(THAW_MS, began, now)) return;
    this.#ticked = now;
    this.#confirmed = began;
  }

  /**
   * Looks at the log; the look begins after this call. Any number of concurrent calls share the look after the current one. If the current
   * one fails, they all fail with it, since a second timeout would be too long.
   */
  confirm(): Promise<void> {
    if (this.#look === undefined) return this.#begin();
    this.#next ??= this.#look
      .finally(() => {
        this.#next = undefined;
      })
      .then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<void> {
    const began = Date.now();
    const look = this.#subject.look().then(() => this.trust(began));
    const done = () => {
      if (this.#look === look) this.#look = undefined;
    };
    this.#look = look;
    look.then(done, done);
    return look;
  }

  #tick(now: number): void {
    const awake = this.awake(now);
    this.#ticked = now;
    this.#subject.tick(now);
    if (!this.#subject.waiting()) return;
    const silent = this.#suspects(now);
    const due = !awake || now - this.#confirmed >= LOOK_MS || this.#subject.due(now);
    if (silent) this.#suspected = now;
    if (due || silent) this.confirm().catch(() => this.doubt());
  }

  #suspects(now: number): boolean {
    const stirred = this.#subject.stirred();
    const isSilent = stirred >= this.#confirmed && hasPassed(SILENT_MS, stirred, now);
    return isSilent && hasPassed(SUSPECT_MS, this.#suspected, now);
  }
}
