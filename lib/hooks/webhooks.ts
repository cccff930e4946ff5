import type { Target } from "../config-hooks.js";
import type { Log } from "../log/log.js";
import { describeError } from "../logger.js";
import type { Drainer } from "./drainer.js";

// How often an instance that holds polls looks for what other instances have left, and how soon anybody tries again after a failure of the store.
const LOOK_MS = 60_000;

/**
 * Tells the host's server what happened: empties the outbox, in order in each thread, every event at least once under the same id. Any instance may
 * do so; a lease keeps two of them apart. Never delays and never fails a request.
 */
export class Webhooks {
  readonly #log: Log;
  readonly #target: Target;
  readonly #unreadMs: number;
  #drainer: Drainer | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #looked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(log: Log, target: Target, unreadMs: number) {
    this.#log = log;
    this.#target = target;
    this.#unreadMs = unreadMs;
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
    if (now - this.#looked >= LOOK_MS) this.wake();
  }

  /** Empties the outbox. Fulfilled when nothing is left that is due; never rejected. */
  run(): Promise<void> {
    this.#running ??= this.#drain()
      .catch((error) => {
        if (this.#closed) return;
        this.#log.logger.error("webhooks_failed", describeError(error));
        this.#wakeIn(LOOK_MS);
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drainer?.close();
  }

  async #drain(): Promise<void> {
    // Few deployments have webhooks, so a cold start does not load what sends them.
    const loaded = await import("./drainer.js");
    this.#drainer ??= new loaded.Drainer(this.#log, this.#target, this.#unreadMs);
    do {
      this.#again = false;
      const now = Date.now();
      this.#looked = now;
      const next = await this.#drainer.round(now);
      if (next !== undefined && next <= Date.now()) this.#again = true;
      else if (next !== undefined) this.#wakeIn(next - Date.now());
    } while (this.#again && !this.#closed);
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.wake(), Math.min(ms, LOOK_MS)).unref();
  }
}
