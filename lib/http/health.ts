import { hasPassed } from "../elapsed.js";
import { readClock } from "../log/clock.js";
import type { Log } from "../log/log.js";

/** Whether the store answers, and how fast. */
export type Health = { status: "ok"; store: string; roundTripMs: number };

// Anyone may ask, so that the number of requests must not decide how often the store is asked.
const FRESH_MS = 1_000;

/** The last reading of the store, for each chat. A new instance has none. */
export class HealthCache {
  #reading: Promise<Health> | undefined;
  #at = 0;

  /** Returns the last reading if it is younger than a second, else a new one. A failure is kept for as long. */
  read(measure: () => Promise<Health>, now: number): Promise<Health> {
    if (this.#reading === undefined || hasPassed(FRESH_MS, this.#at, now)) {
      this.#at = now;
      this.#reading = measure();
    }
    return this.#reading;
  }
}

/**
 * Reads the clock from the store and measures how long that takes; at most once a second. Throws `unavailable`, whose detail names why the
 * store cannot be used.
 */
export function health(
  chat: Log & { readonly limits: { readonly health: HealthCache } },
  now: number,
): Promise<Health> {
  return chat.limits.health.read(() => measure(chat), now);
}

async function measure(chat: Log): Promise<Health> {
  const began = performance.now();
  await readClock(chat);
  return { status: "ok", store: chat.config.store, roundTripMs: Math.round((performance.now() - began) * 100) / 100 };
}
