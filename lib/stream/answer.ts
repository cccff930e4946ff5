import type { Cursor } from "../log/cursor.js";
import type { Departure, Poll } from "../log/held-polls.js";
import type { Instance } from "../log/instance.js";
import type { Member } from "../log/membership-cache.js";
import type { Caller } from "../people/caller.js";
import { contacts } from "../presence/roster.js";
import {
  type KnownRosters,
  ROSTER_BYTES,
  ROSTER_STANZAS,
  type Roster,
  readRosterStanzas,
} from "../presence/roster-stanza.js";
import { catchUp, type Found, type ReadOptions, readMemory, threadsJoined } from "./catch-up.js";
import type { StreamCaller } from "./cold-start.js";
import { type Collected, cut, hasRoom, shorten } from "./collected.js";
import { countDelivery } from "./delivery-metrics.js";
import { type Advice, adviseIdle } from "./idle-advice.js";
import { countAnswer } from "./pacing.js";
import { withPresentForms } from "./present-form.js";
import { resync, THREADS_AT_ONCE } from "./resync.js";
import { savingCursor } from "./saved-cursor.js";

/** The answer to a poll: the stanzas after `prev`, advice when to poll again, and for how many ms the poll was held. */
export type Answer = Collected & { prev: Cursor; waited: number } & Advice;

export type AnswerOptions = ReadOptions & {
  /** Whether the caller has no cursor yet, so that the answer carries the roster. */
  first: boolean;
  /** Whether to save the cursor of the answer for the credential. */
  save: boolean;
  /** Counts what memory does not have, before it is read, if the request was not weighed by that. Rejects with `rate_limited`. */
  charge?: Charge | undefined;
};

/** Counts a request towards its user's limit once more. */
export type Charge = () => Promise<void>;

type Context = Instance & { readonly rosters: KnownRosters };

// Seconds after which to poll again for a poll that was ended because its user holds too many.
const CROWDED_PAUSE_SECONDS = 10;

/** Collects the stanzas after a cursor if memory has them; undefined otherwise. */
export function collectFromMemory(
  chat: Pick<Instance, "tail">,
  entity: string,
  cursor: Cursor,
  options: ReadOptions,
): Collected | undefined {
  const found = readMemory(chat, entity, cursor, options);
  return found && cut(found.member, cursor.epoch, found.slice, options.limit);
}

/**
 * Collects the stanzas after a cursor, with the roster if presence may have been missed: always, unless memory reaches back to the cursor.
 */
export async function collect(
  chat: Context,
  caller: StreamCaller,
  from: Cursor,
  options: AnswerOptions,
  signal: Departure,
): Promise<Collected> {
  const found = await catchUp(chat, caller, from, options);
  if (found.source !== "memory" || options.first) await options.charge?.();
  const pending = assemble(chat, caller, from, found, options.limit);
  if (found.source === "memory" && !options.first) return pending;
  // The roster comes with the last part of a resync of all threads.
  if (found.source === "none" && found.threads.length > THREADS_AT_ONCE) return pending;
  return withRoster(chat, caller, found.member, from, pending, options, signal);
}

/** Completes the answer to a poll with `prev` and advice, and counts it towards the member's rate. */
export function finish(chat: Instance, poll: Poll, prev: Cursor, collected: Collected): Answer {
  const now = Date.now();
  const member = chat.tail.memory?.find(poll.entity, now);
  const answer = { prev, waited: poll.waited, ...collected };
  if (answer.stanzas.length === 0) return { ...answer, ...advise(chat, poll, member, now) };
  countDelivery(chat, answer, poll.waited > 0, now);
  if (member !== undefined && !answer.more) countAnswer(member, now);
  return answer;
}

async function assemble(chat: Instance, caller: Caller, from: Cursor, found: Found, limit: number): Promise<Collected> {
  if (found.source === "memory") return cut(found.member, from.epoch, found.slice, limit);
  if (found.source === "none") return nameAll(chat, caller, from, found);
  const { member, clock } = found;
  const past = await withPresentForms(chat, await found.past);
  // A gap in a user's own log has no thread to name, but is still reported by a `resync`.
  const gaps = new Set(past.gaps);
  const threads = threadsJoined(member.memberships, from.resync?.after ?? 0).filter(({ id }) => gaps.has(id));
  const gap = gaps.size > 0 ? await resync(chat, caller, "trimmed", threads, from) : undefined;
  if (gap?.next !== undefined) return { cursor: gap.next, stanzas: gap.stanzas, more: true };
  // The `resync` counts towards the limit, but an answer with nothing else would make no progress.
  const collected = cut(member, from.epoch, past, gap === undefined ? limit : Math.max(1, limit - 1));
  const rest = { ...collected, more: collected.more || past.to < clock.n };
  // Repeated while the cursor lies before the oldest stored event: the next answer may come from memory, which does not know of the gap.
  return gap === undefined ? rest : { ...rest, stanzas: [...gap.stanzas, ...rest.stanzas] };
}

/** Names all threads of a caller whose cursor is not of this log, or those that have yet to be named. */
async function nameAll(
  chat: Instance,
  caller: Caller,
  from: Cursor,
  { at, threads }: Extract<Found, { source: "none" }>,
): Promise<Collected> {
  // The rest of them were left meanwhile.
  if (threads.length === 0 && from.resync !== undefined && from.epoch === at.epoch)
    return { cursor: at, stanzas: [], more: false };
  const { stanzas, next } = await resync(chat, caller, "epoch", threads, at);
  return { cursor: next ?? at, stanzas, more: next !== undefined };
}

/**
 * Adds the roster. Its contacts are read in parallel with the stanzas; if the cursor is to be saved, the last step of the roster saves it too,
 * which saves a round trip.
 */
async function withRoster(
  chat: Context,
  caller: Caller,
  member: Member,
  from: Cursor,
  pending: Promise<Collected>,
  options: AnswerOptions,
  signal: Departure,
): Promise<Collected> {
  const [collected, found] = await Promise.all([pending, contacts(chat, member)]);
  // An answer that may yet leave stanzas to the next one to make room for the roster has no cursor so far.
  const save = options.save && hasRoom(collected, options.limit, ROSTER_STANZAS, ROSTER_BYTES) && !signal.aborted;
  const saving = save ? savingCursor(chat, caller, collected.cursor) : undefined;
  const roster = await readRosterStanzas(chat, found, Date.now(), saving);
  if (roster === undefined) return collected;
  const merged = merge(chat.rosters, caller.actor.id, from, collected, roster, options);
  return save ? { ...merged, isSaved: true } : merged;
}

function merge(
  rosters: KnownRosters,
  entity: string,
  from: Cursor,
  collected: Collected,
  roster: Roster,
  { first, limit }: AnswerOptions,
): Collected {
  const isNew = first || !rosters.has(entity, from, roster);
  const shown = isNew ? roster.stanzas.slice(0, limit) : [];
  const rest = shorten(collected, from, limit, shown);
  // The roster of a partial answer is not recorded: another tab may have polled with that cursor before the roster changed.
  // A roster without stanzas is recorded all the same, or it would be sent again and again and nothing else.
  if (!rest.more || rest.stanzas.length === 0) rosters.note(entity, rest.cursor, roster);
  if (!isNew) return rest;
  const stanzas = [...rest.stanzas, ...shown.map((body) => ({ n: rest.cursor.n, body }))];
  return rest.stanzas.length === 0 ? { ...rest, stanzas, isRosterAlone: true } : { ...rest, stanzas };
}

function advise(chat: Instance, poll: Poll, member: Member | undefined, now: number): Advice {
  if (poll.ending === "crowded") return { pause: CROWDED_PAUSE_SECONDS };
  return poll.ending === undefined ? adviseIdle(member, chat.config.idleAfter, now) : {};
}
