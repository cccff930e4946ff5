import { config } from "../config.js";
import * as log from "../log/write.js";

/** Asks the store for the clock and tells how long that took. Throws `unavailable`. */
export async function health(): Promise<{ status: "ok"; store: string; roundTripMs: number }> {
  const began = performance.now();
  await log.clock();
  return { status: "ok", store: config.store, roundTripMs: Math.round((performance.now() - began) * 100) / 100 };
}
