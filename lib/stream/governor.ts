import { config } from "../config.js";
import type { Member } from "../log/membership-cache.js";

// Each question is a request and is billed, so few of them; who asks this often stays available, since a lease lasts 55 s.
const PAUSE_SECONDS = 45;
// Held for a moment, a poll is answered from memory; one that is not held at all makes the instance ask the store.
const HOLD_SECONDS = 1;

/** Advice to a client: seconds before it asks again, and seconds worth waiting for an answer then. */
export type Advice = { pause?: number; hold?: number };

/** Advises whom nothing has been told for CHAT_IDLE_AFTER seconds to ask now and then only: held polls keep an instance awake, and it is billed for that. */
export function advise(member: Member | undefined, now: number): Advice {
  if (member === undefined || config.idleAfter === 0) return {};
  const idle = now - (member.answered ?? member.since);
  return idle < config.idleAfter * 1_000 ? {} : { pause: PAUSE_SECONDS, hold: HOLD_SECONDS };
}
