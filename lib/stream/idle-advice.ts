import type { Member } from "../log/membership-cache.js";

// Every poll is a billed request, so idle clients should send few; at this interval a client stays available, since a lease lasts 55 s.
const IDLE_PAUSE_SECONDS = 45;
// A poll that is held for a second is answered from memory; one with `wait=0` makes the instance read the clock from the store.
const IDLE_HOLD_SECONDS = 1;

/** Advice to a client: `pause`, the seconds to wait before the next poll, and `hold`, the seconds for which to hold that poll. */
export type Advice = { pause?: number; hold?: number };

/**
 * Advises a client that has received nothing for `idleAfter` seconds to poll less often: held polls keep an instance awake, which is
 * billed.
 */
export function adviseIdle(member: Member | undefined, idleAfter: number, now: number): Advice {
  if (member === undefined || idleAfter === 0) return {};
  const idle = now - (member.answered ?? member.since);
  return idle < idleAfter * 1_000 ? {} : { pause: IDLE_PAUSE_SECONDS, hold: IDLE_HOLD_SECONDS };
}
