import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import * as token from "../auth/token.js";
import { Fault } from "../fault.js";
import type { Poll } from "../log/held-polls.js";
import type { Member } from "../log/membership-cache.js";
import { tail } from "../log/tail.js";
import * as log from "../log/write.js";
import { noteReceived } from "../presence/delivery-receipts.js";
import { attend } from "../presence/lease-renewal.js";
import type { Answer, Found } from "./answer.js";
import type { Listener } from "./arrival.js";
import { read, recall } from "./catch-up.js";
import { type Advice, advise } from "./governor.js";
import { count, PACE_MS, pause } from "./pacing.js";
import { findPosition, keepPosition } from "./saved-cursor.js";

// Whom events do not ring, because the window moved while their memberships were read, reads again this soon.
const UNHEARD_MS = 500;
// Seconds that a poll is asked to stay away which was ended because its user holds too many.
const PAUSE_CROWDED = 10;

const LIMIT_MAX = 100;

const Digits = v.pipe(v.string(), v.regex(/^\d+$/, "must be a whole number"), v.transform(Number));

/** The query of *stream*; what is too large is cut. `cursor` comes from an earlier answer. */
export const StreamQuery = v.object({
  cursor: v.exactOptional(v.string()),
  wait: v.exactOptional(Digits),
  limit: v.optional(
    v.pipe(
      Digits,
      v.minValue(1, "must be at least 1"),
      v.transform((it) => Math.min(it, LIMIT_MAX)),
    ),
    `${LIMIT_MAX}`,
  ),
  live: v.exactOptional(v.string()),
  delivered: v.exactOptional(v.string()),
});

/** Reads what a client sent for a cursor. Throws `bad_cursor`. */
export function place(text: string): log.Cursor {
  const cursor = log.parseCursor(text);
  if (cursor === undefined) throw new Fault("bad_cursor");
  return cursor;
}

export type Question = {
  /** Where to go on from; else where the credential's last cursorless answer ended, its birth, or now. */
  cursor: log.Cursor | undefined;
  /** Seconds to hold an empty answer. */
  wait: number;
  limit: number;
  /** Whether the end of a cursorless answer is remembered for the next one. */
  remember: boolean;
  /** Whether the client is told what others have received. */
  delivered?: boolean;
  /** Whether the cursor comes from the client, who then has received what is before it. */
  received?: boolean;
};

/** Answers what concerns the caller after a cursor: at once when there is something, else when something comes or the wait is over. */
export function follow(caller: Listener, question: Question, signal: AbortSignal): Promise<Answer> {
  tail.open();
  const until = Math.min(Date.now() + question.wait * 1_000, caller.expires);
  const { cursor } = question;
  return cursor === undefined
    ? resume(caller, question, until, signal)
    : held(caller, question, { prev: cursor, first: false, until }, signal);
}

/** Goes on from where the caller's credential stands, and remembers where that ends. */
async function resume(caller: Listener, question: Question, until: number, signal: AbortSignal): Promise<Answer> {
  const { prev, kept } = await findPosition(caller);
  const answer = await held(caller, question, { prev, first: !kept, until }, signal);
  const moved = !kept || answer.cursor.epoch !== prev.epoch || answer.cursor.n !== prev.n;
  if (question.remember && moved && !answer.kept && !signal.aborted) await keepPosition(caller, answer.cursor);
  return answer;
}

/** `first`: the caller has no cursor yet, and is told who is there. */
type Terms = { prev: log.Cursor; first: boolean; until: number };

// The one frame that stays while a poll waits: whatever it keeps in view is held for everybody who waits. What is in memory is
// answered in the same turn as the ring.
async function held(caller: Listener, question: Question, terms: Terms, signal: AbortSignal): Promise<Answer> {
  const { prev, until } = terms;
  const poll = tail.hold(caller.actor.id, caller.birth && caller.sha, question.delivered === true);
  attend(caller, Date.now());
  try {
    let found = await begin(caller, poll, question, terms, signal);
    while (found.stanzas.length === 0 && poll.ending === undefined && !signal.aborted && Date.now() < until) {
      poll.at = found.cursor;
      const left = until - Date.now();
      await poll.rung(tail.hears(poll.entity) ? left : Math.min(left, UNHEARD_MS), signal);
      if (poll.ending !== undefined || signal.aborted) break;
      const now = Date.now();
      // The time is up: what is not known here is for the next question.
      if (now >= until && !tail.trusted) break;
      if (poll.sha !== undefined && token.recall(poll.sha, now) === undefined && !(await token.alive(poll.sha, now)))
        break;
      found =
        recall(poll.entity, found.cursor, question) ?? (await look(caller, question, found.cursor, false, signal));
    }
    return answered(poll, prev, found);
  } finally {
    tail.release(poll);
  }
}

async function begin(
  caller: Listener,
  poll: Poll,
  question: Question,
  { prev, first, until }: Terms,
  signal: AbortSignal,
): Promise<Found> {
  if (question.wait > 0) await pace(poll, prev, until, signal);
  // An answer at once is a verdict, and so is the first to a credential: what was acknowledged before the question is in it.
  if (question.wait === 0 || first) await tail.confirm();
  const known = first ? undefined : recall(poll.entity, prev, question);
  // What was read on arrival is not needed then, and is not true for long: a poll that is held would look back to it.
  if (known !== undefined) caller.arrival?.take();
  const found = known ?? (await look(caller, question, prev, first, signal));
  if (question.received) noteReceived(poll.entity, prev, Date.now());
  return found;
}

function look(
  caller: Listener,
  { cursor, limit, delivered = false, remember }: Question,
  from: log.Cursor,
  first: boolean,
  signal: AbortSignal,
): Promise<Found> {
  return read(caller, from, { limit, delivered, first, keep: remember && cursor === undefined }, signal);
}

function answered(poll: Poll, prev: log.Cursor, { cursor, stanzas, more, kept }: Found): Answer {
  const now = Date.now();
  const member = tail.memory?.find(poll.entity, now);
  if (stanzas.length === 0) return { prev, cursor, stanzas, more, kept, ...advice(poll, member, now) };
  if (member !== undefined && !more) count(member, now);
  return { prev, cursor, stanzas, more, kept };
}

function advice(poll: Poll, member: Member | undefined, now: number): Advice {
  if (poll.ending === "crowded") return { pause: PAUSE_CROWDED };
  return poll.ending === undefined ? advise(member, now) : {};
}

// In a burst, whoever was answered a moment ago waits for what comes meanwhile: one answer then carries it all.
async function pace(poll: Poll, cursor: log.Cursor, until: number, signal: AbortSignal): Promise<void> {
  const now = Date.now();
  const member = tail.memory?.find(poll.entity, now);
  const { answered = 0 } = member ?? {};
  if (member === undefined || now < answered || now - answered >= PACE_MS) return;
  poll.patient = true;
  const ms = pause(member, now);
  if (ms > 0) await sleep(ms);
  const rest = Math.min(answered + PACE_MS, until) - Date.now();
  if (!tail.memory?.hasNews(member, cursor)) await poll.rung(rest, signal);
  poll.patient = false;
}
