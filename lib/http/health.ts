import { readClock } from "../log/clock.js";
import type { Log } from "../log/log.js";

/**
 * Reads the clock from the store and measures how long that takes. Throws `unavailable`, whose detail names why the store cannot be used.
 */
export async function health(chat: Log): Promise<{ status: "ok"; store: string; roundTripMs: number }> {
  const began = performance.now();
  await readClock(chat);
  return { status: "ok", store: chat.config.store, roundTripMs: Math.round((performance.now() - began) * 100) / 100 };
}
