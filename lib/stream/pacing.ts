import { setTimeout as sleep } from "node:timers/promises";
import { hasPassed } from "../elapsed.js";
import type { Cursor } from "../log/cursor.js";
import type { Departure, Poll } from "../log/held-polls.js";
import type { Instance } from "../log/instance.js";
import type { Member } from "../log/membership-cache.js";

// A reader cannot follow more than 25 answers a second, and each answer is a billed request: beyond that rate, one answer carries several
// events.
const EVERY_MS = 40;
// Up to five answers go out at once, so that nothing is delayed for users who write at human speed.
const BURST_MS = 4 * EVERY_MS;
/**
 * The longest that an answer waits for further events, in ms. A user's own events are news only to that user's other tabs, so after an
 * answer they always wait this long: a message to a busy partner then costs its author no answer of its own.
 */
export const PACE_MS = 50;

/** Counts an answer that carried stanzas towards a member's rate. */
export function countAnswer(member: Member, now: number): void {
  member.answered = now;
  member.spent = Math.min(Math.max(member.spent, now) + EVERY_MS, now + BURST_MS + PACE_MS);
}

/** Returns how many ms a member's next answer must wait (generic cell rate algorithm, ITU-T I.371). */
export function answerDelay(member: Member, now: number): number {
  return Math.max(0, member.spent - BURST_MS - now);
}

/**
 * During a burst, delays a poll that follows an answer closely, so that one answer carries what arrives meanwhile; never beyond `until`.
 */
export async function pace(
  { tail }: Pick<Instance, "tail">,
  poll: Poll,
  cursor: Cursor,
  until: number,
  signal: Departure,
): Promise<void> {
  const now = Date.now();
  const member = tail.memory?.find(poll.entity, now);
  const { answered = 0 } = member ?? {};
  if (member === undefined || hasPassed(PACE_MS, answered, now)) return;
  poll.patient = true;
  const ms = answerDelay(member, now);
  if (ms > 0) await sleep(ms);
  const rest = Math.min(answered + PACE_MS, until) - Date.now();
  if (!tail.memory?.hasNews(member, cursor)) await poll.rung(rest, signal);
  poll.patient = false;
}

/** Returns the rest of a wait of so many seconds, in ms. One that is longer than the whole wait is over: the clock was set back. */
export function leftOf(until: number, wait: number): number {
  const left = until - Date.now();
  return left > wait * 1_000 ? 0 : Math.max(0, left);
}
