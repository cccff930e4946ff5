import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import * as token from "../auth/token.js";
import { Fault } from "../fault.js";
import { type Cursor, parseCursor } from "../log/cursor.js";
import type { Poll } from "../log/held-polls.js";
import type { Member } from "../log/membership-cache.js";
import type { DeliveryReceipts } from "../presence/delivery-receipts.js";
import type { LeaseRenewal } from "../presence/lease-renewal.js";
import type { KnownRosters } from "../presence/roster.js";
import type { Answer, Found } from "./answer.js";
import { read, recall } from "./catch-up.js";
import type { StreamCaller } from "./cold-start.js";
import { type Advice, adviseIdle, count, PACE_MS, pause } from "./pacing.js";
import { findCursor, saveCursor } from "./saved-cursor.js";

/** What following a stream needs: beside chat tokens, who is there and what has been received. */
export type StreamContext = token.TokenContext & {
  readonly leases: LeaseRenewal;
  readonly receipts: DeliveryReceipts;
  readonly rosters: KnownRosters;
};

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

/** Parses what a client sent for a cursor. Throws `bad_cursor`. */
export function requireCursor(text: string): Cursor {
  const cursor = parseCursor(text);
  if (cursor === undefined) throw new Fault("bad_cursor");
  return cursor;
}

export type Question = {
  /** Where to go on from; else where the credential's last cursorless answer ended, its birth, or now. */
  cursor: Cursor | undefined;
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
export function follow(
  chat: StreamContext,
  caller: StreamCaller,
  question: Question,
  signal: AbortSignal,
): Promise<Answer> {
  chat.tail.open();
  const until = Math.min(Date.now() + question.wait * 1_000, caller.expires);
  const { cursor } = question;
  return cursor === undefined
    ? resume(chat, caller, question, until, signal)
    : held(chat, caller, question, { prev: cursor, first: false, until }, signal);
}

/** Goes on from where the caller's credential stands, and remembers where that ends. */
async function resume(
  chat: StreamContext,
  caller: StreamCaller,
  question: Question,
  until: number,
  signal: AbortSignal,
): Promise<Answer> {
  const { prev, saved } = await findCursor(chat, caller);
  const answer = await held(chat, caller, question, { prev, first: !saved, until }, signal);
  const moved = !saved || answer.cursor.epoch !== prev.epoch || answer.cursor.n !== prev.n;
  if (question.remember && moved && !answer.kept && !signal.aborted) await saveCursor(chat, caller, answer.cursor);
  return answer;
}

/** `first`: the caller has no cursor yet, and is told who is there. */
type Terms = { prev: Cursor; first: boolean; until: number };

// The one frame that stays while a poll waits: whatever it keeps in view is held for everybody who waits. What is in memory is
// answered in the same turn as the ring.
async function held(
  chat: StreamContext,
  caller: StreamCaller,
  question: Question,
  terms: Terms,
  signal: AbortSignal,
): Promise<Answer> {
  const { prev, until } = terms;
  const poll = chat.tail.hold(caller.actor.id, caller.birth && caller.sha, question.delivered === true);
  chat.leases.attend(caller, Date.now());
  try {
    let found = await begin(chat, caller, poll, question, terms, signal);
    while (found.stanzas.length === 0 && poll.ending === undefined && !signal.aborted && Date.now() < until) {
      poll.at = found.cursor;
      const left = until - Date.now();
      await poll.rung(chat.tail.hears(poll.entity) ? left : Math.min(left, UNHEARD_MS), signal);
      if (poll.ending !== undefined || signal.aborted) break;
      const now = Date.now();
      // The time is up: what is not known here is for the next question.
      if (now >= until && !chat.tail.trusted) break;
      if (
        poll.sha !== undefined &&
        token.recall(chat, poll.sha, now) === undefined &&
        !(await token.alive(chat, poll.sha, now))
      )
        break;
      found =
        recall(chat, poll.entity, found.cursor, question) ??
        (await look(chat, caller, question, found.cursor, false, signal));
    }
    return answered(chat, poll, prev, found);
  } finally {
    chat.tail.release(poll);
  }
}

async function begin(
  chat: StreamContext,
  caller: StreamCaller,
  poll: Poll,
  question: Question,
  { prev, first, until }: Terms,
  signal: AbortSignal,
): Promise<Found> {
  if (question.wait > 0) await pace(chat, poll, prev, until, signal);
  // An answer at once is a verdict, and so is the first to a credential: what was acknowledged before the question is in it.
  if (question.wait === 0 || first) await chat.tail.confirm();
  const known = first ? undefined : recall(chat, poll.entity, prev, question);
  // What was read on arrival is not needed then, and is not true for long: a poll that is held would look back to it.
  if (known !== undefined) caller.coldStart?.take();
  const found = known ?? (await look(chat, caller, question, prev, first, signal));
  if (question.received) chat.receipts.note(chat.tail.memory, poll.entity, prev, Date.now());
  return found;
}

function look(
  chat: StreamContext,
  caller: StreamCaller,
  { cursor, limit, delivered = false, remember }: Question,
  from: Cursor,
  first: boolean,
  signal: AbortSignal,
): Promise<Found> {
  return read(chat, caller, from, { limit, delivered, first, keep: remember && cursor === undefined }, signal);
}

function answered(chat: StreamContext, poll: Poll, prev: Cursor, { cursor, stanzas, more, kept }: Found): Answer {
  const now = Date.now();
  const member = chat.tail.memory?.find(poll.entity, now);
  if (stanzas.length === 0) return { prev, cursor, stanzas, more, kept, ...advice(chat, poll, member, now) };
  if (member !== undefined && !more) count(member, now);
  return { prev, cursor, stanzas, more, kept };
}

function advice(chat: StreamContext, poll: Poll, member: Member | undefined, now: number): Advice {
  if (poll.ending === "crowded") return { pause: PAUSE_CROWDED };
  return poll.ending === undefined ? adviseIdle(member, chat.config.idleAfter, now) : {};
}

// In a burst, whoever was answered a moment ago waits for what comes meanwhile: one answer then carries it all.
async function pace(
  chat: StreamContext,
  poll: Poll,
  cursor: Cursor,
  until: number,
  signal: AbortSignal,
): Promise<void> {
  const now = Date.now();
  const member = chat.tail.memory?.find(poll.entity, now);
  const { answered = 0 } = member ?? {};
  if (member === undefined || now < answered || now - answered >= PACE_MS) return;
  poll.patient = true;
  const ms = pause(member, now);
  if (ms > 0) await sleep(ms);
  const rest = Math.min(answered + PACE_MS, until) - Date.now();
  if (!chat.tail.memory?.hasNews(member, cursor)) await poll.rung(rest, signal);
  poll.patient = false;
}
