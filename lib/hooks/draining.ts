import { hasPassed } from "../elapsed.js";
import type { Log } from "../log/log.js";
import { describeError } from "../logger.js";

// How often an instance that holds polls looks for what other instances have left, and how soon anybody tries again after a failure of the store.
const LOOK_MS = 60_000;

/** Sends what waits in an outbox, round by round. */
export type Rounds = {
  /** Sends what is due, and returns when the next round is, in ms; undefined if nothing waits. */
  round(now: number): Promise<number | undefined>;
  close(): void;
};

/**
 * Empties an outbox: every event at least once. Any instance may do so; a lease keeps two of them apart. Never delays and never fails a request.
 * What does the sending is loaded when there is something to send.
 */
export class Draining {
  readonly #log: Pick<Log, "logger">;
  readonly #failure: string;
  readonly #load: () => Promise<Rounds>;
  #rounds: Rounds | undefined;
  #running: Promise<boolean> | undefined;
  #again = false;
  #closed = false;
  #looked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `failure` is what the log calls a failure. */
  constructor(log: Pick<Log, "logger">, failure: string, load: () => Promise<Rounds>) {
    this.#log = log;
    this.#failure = failure;
    this.#load = load;
  }

  /** Begins to empty the outbox, unless that is under way. */
  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    if (this.#running !== undefined) return;
    const run = this.run();
    // Vercel would let the function sleep when its response is sent; elsewhere this does nothing.
    void import("@vercel/functions").then(
      ({ waitUntil }) => waitUntil(run),
      () => {},
    );
  }

  /** Looks for what other instances have left, at most once a minute: called by an instance that holds polls. */
  look(now: number): void {
    if (hasPassed(LOOK_MS, this.#looked, now)) this.wake();
  }

  /** Empties the outbox. Returns, when nothing is left that is due, whether it could; never rejected. */
  run(): Promise<boolean> {
    this.#running ??= this.#drain()
      .then(
        () => true,
        (error) => {
          if (this.#closed) return false;
          this.#log.logger.error(this.#failure, describeError(error));
          this.#wakeIn(LOOK_MS);
          return false;
        },
      )
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#rounds?.close();
  }

  async #drain(): Promise<void> {
    this.#rounds ??= await this.#load();
    do {
      this.#again = false;
      const now = Date.now();
      this.#looked = now;
      const next = await this.#rounds.round(now);
      if (next !== undefined && next <= Date.now()) this.#again = true;
      else if (next !== undefined) this.#wakeIn(next - Date.now());
    } while (this.#again && !this.#closed);
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.wake(), Math.min(ms, LOOK_MS)).unref();
  }
}
