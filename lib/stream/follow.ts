import * as v from "valibot";
import * as token from "../auth/token.js";
import { Fault } from "../fault.js";
import type { Crowd } from "../log/crowds.js";
import { type Cursor, formatCursor, parseCursor } from "../log/cursor.js";
import type { Departure, Poll } from "../log/held-polls.js";
import type { DeliveryReceipts } from "../presence/delivery-receipts.js";
import type { LeaseRenewal } from "../presence/lease-renewal.js";
import type { KnownRosters } from "../presence/roster-stanza.js";
import { pageLimit, Whole } from "../schema/field.js";
import { type Answer, type Charge, collect, collectFromMemory, finish } from "./answer.js";
import type { StreamCaller } from "./cold-start.js";
import type { Collected } from "./collected.js";
import { isForgotten, type Sink, serveOpen } from "./open-stream.js";
import { leftOf, pace } from "./pacing.js";
import { findCursor, saveCursor } from "./saved-cursor.js";

/** What following a stream needs, in addition to chat tokens: leases, delivery receipts and the rosters that clients have. */
export type StreamContext = token.TokenContext & {
  readonly leases: LeaseRenewal;
  readonly receipts: DeliveryReceipts;
  readonly rosters: KnownRosters;
};

// If the window moved while a user's memberships were read, events do not wake that user's polls: they read again after this time.
const RECHECK_MS = 500;

// A client that follows its stream asks for what arrived within a round trip, or within the 50 ms of a burst. That is answered without a
// look at the log, which is billed.
const FRESH_MS = 2_000;

const LIMIT_MAX = 100;

/** The query of *stream*; a `limit` that is too large is reduced. `cursor` comes from an earlier answer. */
export const StreamQuery = v.object({
  cursor: v.exactOptional(v.string()),
  wait: v.exactOptional(Whole),
  limit: v.optional(pageLimit(LIMIT_MAX), `${LIMIT_MAX}`),
  live: v.exactOptional(v.string()),
  delivered: v.exactOptional(v.string()),
});

/** Parses the cursor that a client sent. Throws `bad_cursor`. */
export function requireCursor(text: string): Cursor {
  const cursor = parseCursor(text);
  if (cursor === undefined) throw new Fault("bad_cursor");
  return cursor;
}

export type FollowOptions = {
  /** Where to continue; without it, where the credential's last cursorless answer ended, else where it began, else at the end of the log. */
  cursor: Cursor | undefined;
  /** Seconds to hold an empty answer. */
  wait: number;
  limit: number;
  /** Whether to save the end of a cursorless answer for the next one. */
  remember: boolean;
  /** Whether an answer with nothing but the roster is held like an empty one. */
  holdRoster?: boolean;
  /** Whether the answer includes the delivery receipts of others. */
  delivered?: boolean;
  /** Whether the cursor comes from the client, which has then received everything before it. */
  received?: boolean;
  /** Takes what happens in memory while the answer is held; the answer then continues from there. */
  sink?: Sink;
  /** Counts the first read of the answer if memory does not have it; undefined for a request that was weighed by that. */
  charge?: Charge | undefined;
  /** With whom the caller shares how many polls are held. */
  crowd?: Crowd | undefined;
};

/** Returns what concerns the caller after a cursor: at once if there is something, else when something happens or the wait is over. */
export function follow(
  chat: StreamContext,
  caller: StreamCaller,
  options: FollowOptions,
  signal: Departure,
): Promise<Answer> {
  chat.tail.open();
  // Between two answers of one event stream nobody else would notice.
  if (chat.tail.trusted && chat.bans.get(caller.actor.id)) throw new Fault("banned");
  const until = Math.min(Date.now() + options.wait * 1_000, caller.expires);
  return options.cursor === undefined
    ? resume(chat, caller, options, until, signal)
    : hold(chat, caller, options, { prev: options.cursor, first: false, until }, signal);
}

/** Continues from the cursor that was saved for the caller's credential, and saves where the answer ends. */
async function resume(
  chat: StreamContext,
  caller: StreamCaller,
  options: FollowOptions,
  until: number,
  signal: Departure,
): Promise<Answer> {
  const { prev, saved } = await findCursor(chat, caller);
  const answer = await hold(chat, caller, options, { prev, first: !saved, until }, signal);
  const moved = !saved || formatCursor(answer.cursor) !== formatCursor(prev);
  if (options.remember && moved && !answer.isSaved && !signal.aborted) await saveCursor(chat, caller, answer.cursor);
  return answer;
}

/** `first`: the caller has no cursor yet, so the answer carries the roster. `until`: when the wait is over, in ms. */
type Start = { prev: Cursor; first: boolean; until: number };

// The only frame that lives while a poll is held, so whatever it references is retained for every held poll. A poll that is woken by an
// event in memory is answered in the same turn of the event loop.
async function hold(
  chat: StreamContext,
  caller: StreamCaller,
  options: FollowOptions,
  start: Start,
  signal: Departure,
): Promise<Answer> {
  const { prev, until } = start;
  const poll = chat.tail.hold(caller.actor.id, caller.birth && caller.sha, options.delivered === true, options.crowd);
  chat.leases.attend(caller, Date.now());
  chat.metrics.move("held", 1);
  try {
    let collected = await readFirst(chat, caller, poll, options, start, signal);
    const roster = options.holdRoster && collected.isRosterAlone ? collected.stanzas : [];
    if (roster.length > 0) collected = { ...collected, stanzas: [] };
    const left = () => leftOf(until, options.wait);
    while (collected.stanzas.length === 0 && poll.ending === undefined && !signal.aborted && left() > 0) {
      poll.at = collected.cursor;
      // Nothing rings for what was revoked before the poll was held: between two answers of an event stream, or while the first was made.
      if (chat.tail.trusted && isForgotten(chat, poll.sha) && !(await isValid(chat, poll))) break;
      if (options.sink !== undefined) poll.serve = serveOpen(chat, poll, options, options.sink);
      await poll.rung(chat.tail.hears(poll.entity) ? left() : Math.min(left(), RECHECK_MS), signal);
      collected = { ...collected, cursor: poll.at };
      if (poll.ending !== undefined || signal.aborted) break;
      // The wait is over: what memory cannot answer is left to the next poll.
      if (left() === 0 && !chat.tail.trusted) break;
      if (isForgotten(chat, poll.sha) && !(await isValid(chat, poll))) break;
      collected =
        collectFromMemory(chat, poll.entity, collected.cursor, options) ??
        (await read(chat, caller, { ...options, charge: undefined }, collected.cursor, false, signal));
    }
    if (roster.length > 0) collected = { ...collected, stanzas: [...roster, ...collected.stanzas] };
    return finish(chat, poll, options.sink === undefined ? prev : (poll.at ?? prev), collected);
  } finally {
    chat.tail.release(poll);
    chat.metrics.move("held", -1);
  }
}

function isValid(chat: StreamContext, { sha }: Poll): Promise<boolean> {
  return sha === undefined ? Promise.resolve(true) : token.isValid(chat, sha, Date.now());
}

async function readFirst(
  chat: StreamContext,
  caller: StreamCaller,
  poll: Poll,
  options: FollowOptions,
  { prev, first, until }: Start,
  signal: Departure,
): Promise<Collected> {
  if (options.wait > 0 && options.sink === undefined) await pace(chat, poll, prev, until, signal);
  // An answer without a wait, and the first answer to a credential, must include everything that was acknowledged before the request.
  if (options.wait === 0 || first) await chat.tail.confirm();
  const fromMemory = first ? undefined : await collectPresent(chat, poll.entity, prev, options);
  // The snapshot of a cold start is not needed then and soon outdated, so a held poll must not retain it.
  if (fromMemory !== undefined) caller.coldStart?.takeSnapshot();
  const collected = fromMemory ?? (await read(chat, caller, options, prev, first, signal));
  if (options.received) chat.receipts.note(chat.tail.memory, poll.entity, prev, Date.now());
  return collected;
}

/**
 * Collects from memory. What was received a while ago may have been retracted or corrected since then, of which a wire that lags has not told
 * yet: then the log is looked at first.
 */
async function collectPresent(chat: StreamContext, entity: string, prev: Cursor, options: FollowOptions) {
  const collected = collectFromMemory(chat, entity, prev, options);
  if (options.wait === 0 || collected === undefined || collected.stanzas.length === 0) return collected;
  const receivedAt = chat.tail.memory?.receivedAfter(prev) ?? 0;
  if (Date.now() - receivedAt < FRESH_MS) return collected;
  await chat.tail.confirm();
  return collectFromMemory(chat, entity, prev, options);
}

function read(
  chat: StreamContext,
  caller: StreamCaller,
  { cursor, limit, delivered = false, remember, charge }: FollowOptions,
  from: Cursor,
  first: boolean,
  signal: Departure,
): Promise<Collected> {
  return collect(
    chat,
    caller,
    from,
    { limit, delivered, first, save: remember && cursor === undefined, charge },
    signal,
  );
}
