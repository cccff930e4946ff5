export type Subject = {
  /** Holds the memory of this process against the log once; rejects when the store does not answer. */
  look(): Promise<void>;
  /** Whether anybody waits. */
  waiting(): boolean;
  /** When something last happened, in ms. */
  stirred(): number;
  /** Whether something that goes along with a look cannot wait. */
  due(now: number): boolean;
  /** Called once a second. */
  tick(now: number): void;
};

const TICK_MS = 1_000;
// Timers that stood still this long mean that the process did: a frozen function, a stopped one.
const THAW_MS = 2_500;
const LOOK_MS = 30_000;
// A half-open connection says nothing; only a look finds it. A wire that falls silent while people talk is suspected after ten
// seconds, once a minute: looks are billed. One that talks needs no look, since dense numbers show what is missing.
const SILENT_MS = 10_000;
const SUSPECT_MS = 60_000;
// A revoked token is refused within 40 s whatever is broken (PROFILE §3), so nothing is believed longer than this without a look.
const TRUST_MS = 35_000;

/** Decides when the log must be looked at: regularly while somebody waits, after every thaw, and when it is asked for. */
export class Freshness {
  #subject: Subject;
  #timer: NodeJS.Timeout | undefined;
  #ticked = 0;
  #confirmed = 0;
  #suspected = 0;
  #look: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#ticked = Date.now();
    this.#timer = setInterval(() => this.#tick(Date.now()), TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether what was known before still counts: the process has run without a pause since it was last confirmed. */
  awake(now = Date.now()): boolean {
    if (now - this.#ticked > THAW_MS || now - this.#confirmed > TRUST_MS) this.doubt();
    return this.#confirmed > 0;
  }

  /** Counts what is known as unconfirmed until the next look. */
  doubt(): void {
    this.#confirmed = 0;
  }

  /** Counts what is known as confirmed by a look that began at a time in ms; not if the process may have stood still since then. */
  trust(began: number): void {
    const now = Date.now();
    if (now - began > THAW_MS) return;
    this.#ticked = now;
    this.#confirmed = began;
  }

  /**
   * Looks at the log, beginning after this call. However many ask at once, there is one look, and one more after it.
   * If the one under way fails, that is the answer to all: who waits for a second failure is told too late.
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
    return stirred >= this.#confirmed && now - stirred >= SILENT_MS && now - this.#suspected >= SUSPECT_MS;
  }
}
