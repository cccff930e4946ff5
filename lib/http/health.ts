import { readClock } from "../log/clock.js";
import type { Log } from "../log/log.js";

/** Asks the store for the clock and measures how long that takes. Throws `unavailable`, whose detail names why the store cannot be used. */
export async function health(chat: Log): Promise<{ status: "ok"; store: string; roundTripMs: number }> {
  const began = performance.now();
  await readClock(chat);
  return { status: "ok", store: chat.config.store, roundTripMs: Math.round((performance.now() - began) * 100) / 100 };
}
