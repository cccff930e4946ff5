import type { Member } from "../log/membership-cache.js";

// No eye follows more than 25 answers a second, and each is a request that is billed: beyond that, one answer carries what came meanwhile.
const EVERY_MS = 40;
// Whoever was not told anything for a while is told so much at once: what comes one by one at the speed of people is never held back.
const BURST_MS = 4 * EVERY_MS;
/**
 * Nobody waits longer for what others did. What somebody did themselves is news to their other tabs only, and always waits so long for
 * more of it: a message to a busy pair then costs its author no answer of their own.
 */
export const PACE_MS = 50;

/** Counts an answer with something in it to somebody. */
export function count(member: Member, now: number): void {
  member.answered = now;
  member.spent = Math.min(Math.max(member.spent, now) + EVERY_MS, now + BURST_MS + PACE_MS);
}

/** How many ms somebody waits for their next answer (generic cell rate algorithm, ITU-T I.371). */
export function pause(member: Member, now: number): number {
  return Math.max(0, member.spent - BURST_MS - now);
}
