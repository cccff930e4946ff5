import { linked } from "./abort.js";

/** Time and randomness, injected so that tests can control both. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
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

// A server that restarts is back within a second; an overloaded one needs longer.
const FIRST_MS = 500;
const MAX_MS = 30_000;

/**
 * Returns how many ms to wait after so many failures in a row: a random time up to a bound that doubles with each failure (full
 * jitter), so that many clients do not retry at once.
 */
export function backoff(failures: number, random: number): number {
  return random * Math.min(MAX_MS, FIRST_MS * 2 ** (failures - 1));
}

/** A pause between two attempts that can be cut short. */
export class Pause {
  #clock: Clock;
  #requested: AbortController | undefined;
  #awake: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for the `seconds` that the server requested, and then for `more` ms, which any `wake()` cuts short. */
  async wait(seconds: number | undefined, more: number, signal: AbortSignal): Promise<void> {
    this.#requested = new AbortController();
    this.#awake = new AbortController();
    const requested = linked(signal, this.#requested.signal);
    const either = linked(signal, this.#awake.signal);
    if (seconds) await this.#clock.wait(seconds * 1_000, requested.signal);
    await this.#clock.wait(more, either.signal);
    either.done();
    requested.done();
  }

  /** Ends the pause. What the server requested is cut short only by something new: the network is back, or somebody looks. */
  wake(all = false): void {
    this.#awake?.abort();
    if (all) this.#requested?.abort();
  }
}
