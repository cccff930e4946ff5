import { linked } from "./abort.js";

/** Time and chance, so that tests can choose both. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
  /** Fulfils after `ms`, or as soon as `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
};

export const clock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
      if (signal.aborted) done();
    }),
};

// A server that restarts is back within a second; one that is trampled needs longer.
const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * Chooses how long to stay away after so many failures in a row: anything up to a bound that doubles (full jitter), so that
 * many clients do not come back at once.
 */
export function delay(failures: number, random: number): number {
  return random * Math.min(MOST_MS, FIRST_MS * 2 ** (failures - 1));
}

/** Stays away for at least `least` ms, which was asked for, and then for `more`, which a wake-up cuts short. */
export class Rest {
  #clock: Clock;
  #awake: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take(least: number, more: number, signal: AbortSignal): Promise<void> {
    this.#awake = new AbortController();
    const either = linked(signal, this.#awake.signal);
    if (least > 0) await this.#clock.wait(least, signal);
    await this.#clock.wait(more, either.signal);
    either.done();
  }

  wake(): void {
    this.#awake?.abort();
  }
}
