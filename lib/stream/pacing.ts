import type { Member } from "../log/membership-cache.js";

// Nobody follows more than 25 answers a second by eye, and each is a request that is billed: beyond that, one answer carries several events.
const EVERY_MS = 40;
// After a quiet while so many answers go at once: at the speed of people nothing is ever held back.
const BURST_MS = 4 * EVERY_MS;
/**
 * The longest that an answer waits for what others did. A user's own doing is news to their other tabs only, and always waits this
 * long for more: a message to a busy pair then costs its author no answer of their own.
 */
export const PACE_MS = 50;

/** Counts an answer with stanzas in it to a member. */
export function count(member: Member, now: number): void {
  member.answered = now;
  member.spent = Math.min(Math.max(member.spent, now) + EVERY_MS, now + BURST_MS + PACE_MS);
}

/** How many ms a member waits for the next answer (generic cell rate algorithm, ITU-T I.371). */
export function pause(member: Member, now: number): number {
  return Math.max(0, member.spent - BURST_MS - now);
}

// Each poll is a request and is billed, so few of them; a client that polls this often stays available, since a lease lasts 55 s.
const IDLE_PAUSE_SECONDS = 45;
// Held for a moment, a poll is answered from memory; one that is not held at all makes the instance ask the store.
const IDLE_HOLD_SECONDS = 1;

/** Advice to a client: seconds to wait before the next poll, and seconds worth holding that. */
export type Advice = { pause?: number; hold?: number };

/** Advises a client that got nothing for `idleAfter` seconds to poll rarely: held polls keep an instance awake, which is billed. */
export function adviseIdle(member: Member | undefined, idleAfter: number, now: number): Advice {
  if (member === undefined || idleAfter === 0) return {};
  const idle = now - (member.answered ?? member.since);
  return idle < idleAfter * 1_000 ? {} : { pause: IDLE_PAUSE_SECONDS, hold: IDLE_HOLD_SECONDS };
}
