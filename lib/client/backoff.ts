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
 * many clients do not come back at once. `retryAfter`, in seconds, is the least.
 */
export function delay(failures: number, random: number, retryAfter = 0): number {
  const bound = Math.min(MOST_MS, FIRST_MS * 2 ** (failures - 1));
  return retryAfter * 1_000 + random * bound;
}
