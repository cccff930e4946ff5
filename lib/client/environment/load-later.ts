import { backoff, type Clock } from "./backoff.js";

/** Loads a file of the client; retries until that succeeds or `closed` aborts. */
export async function loadLater<T>(load: () => Promise<T>, clock: Clock, closed: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await load();
    } catch {
      await clock.wait(backoff(failures, clock.random()), closed);
      closed.throwIfAborted();
    }
  }
}
