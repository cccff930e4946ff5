import { redactEvent } from "../chat/block.js";
import { positions } from "../chat/thread-view.js";
import type { Cursor } from "../log/cursor.js";
import type { Poll } from "../log/held-polls.js";
import type { Instance } from "../log/instance.js";
import type { Member } from "../log/membership-cache.js";
import type { Slice } from "../log/tail-memory.js";
import type { Caller } from "../people/caller.js";
import { contacts, type KnownRosters, type RosterStanza, readRosterStanza } from "../presence/roster.js";
import { countFitting } from "../schema/answer-size.js";
import { catchUp, type Found, type ReadOptions, readMemory } from "./catch-up.js";
import type { StreamCaller } from "./cold-start.js";
import { type Advice, adviseIdle } from "./idle-advice.js";
import { countAnswer } from "./pacing.js";
import { withPresentForms } from "./present-form.js";
import { savingCursor } from "./saved-cursor.js";

/** A stanza as JSON, and the n of the cursor after it. */
export type NumberedStanza = { n: number; body: string };

/** The stanzas after a cursor, up to `cursor`; `more` if others follow, `isSaved` if `cursor` has been saved for the credential. */
export type Collected = {
  cursor: Cursor;
  stanzas: NumberedStanza[];
  more: boolean;
  isSaved?: true | undefined;
  /** Whether the only stanza is the roster. */
  isRosterAlone?: true | undefined;
};

/** The answer to a poll: the stanzas after `prev`, advice when to poll again, and for how many ms the poll was held. */
export type Answer = Collected & { prev: Cursor; waited: number } & Advice;

export type AnswerOptions = ReadOptions & {
  /** Whether the caller has no cursor yet, so that the answer carries the roster. */
  first: boolean;
  /** Whether to save the cursor of the answer for the credential. */
  save: boolean;
};

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
  signal: AbortSignal,
): Promise<Collected> {
  const found = await catchUp(chat, caller, from, options);
  const pending = assemble(chat, caller, from, found, options.limit);
  if (found.source === "memory" && !options.first) return pending;
  return withRoster(chat, caller, found.member, from, pending, options, signal);
}

/** Completes the answer to a poll with `prev` and advice, and counts it towards the member's rate. */
export function finish(chat: Instance, poll: Poll, prev: Cursor, collected: Collected): Answer {
  const now = Date.now();
  const member = chat.tail.memory?.find(poll.entity, now);
  const answer = { prev, waited: poll.waited, ...collected };
  if (answer.stanzas.length === 0) return { ...answer, ...advise(chat, poll, member, now) };
  if (member !== undefined && !answer.more) countAnswer(member, now);
  return answer;
}

async function assemble(chat: Instance, caller: Caller, from: Cursor, found: Found, limit: number): Promise<Collected> {
  if (found.source === "memory") return cut(found.member, from.epoch, found.slice, limit);
  const { member, clock } = found;
  if (found.source === "none") return resync(chat, caller, "epoch", found.threads, clock);
  const past = await withPresentForms(chat, await found.past);
  const hasGaps = past.gaps.length > 0;
  // The `resync` counts towards the limit, but an answer with nothing else would make no progress.
  const collected = cut(member, from.epoch, past, hasGaps ? Math.max(1, limit - 1) : limit);
  const rest = { ...collected, more: collected.more || past.to < clock.n };
  if (!hasGaps) return rest;
  // Repeated while the cursor lies before the oldest stored event: the next answer may come from memory, which does not know of the gap.
  const gap = await resync(chat, caller, "trimmed", past.gaps, from);
  return { ...rest, stanzas: [...gap.stanzas, ...rest.stanzas] };
}

/** Cuts events to `limit` stanzas and 1 MiB. The cursor is that of the last stanza if any were cut, else the end of what was read. */
function cut(member: Member, epoch: string, { events, to }: Slice, limit: number): Collected {
  const count = Math.min(limit, Math.max(1, countFitting(events.map(({ body }) => body))));
  const more = count < events.length;
  const within = more ? events.slice(0, count) : events;
  const stanzas = member.blocked.size === 0 ? within : within.flatMap((event) => redactEvent(member, event) ?? []);
  return { cursor: { epoch, n: (more && within.at(-1)?.n) || to }, stanzas, more };
}

/** Names the threads whose stream cannot be continued. Clients read their history again, and continue from the new cursor. */
async function resync(
  chat: Instance,
  caller: Caller,
  reason: "epoch" | "trimmed",
  ids: string[],
  at: Cursor,
): Promise<Collected> {
  const threads = await positions(chat, caller, ids.filter(isThread));
  const body = JSON.stringify({ type: "resync", resync: { reason, threads } });
  return { cursor: { epoch: at.epoch, n: at.n }, stanzas: [{ n: at.n, body }], more: false };
}

/** Returns whether a log is a thread's. A gap in a user's own log has no thread to name, but is still reported by a `resync`. */
function isThread(id: string): boolean {
  return !id.startsWith("@");
}

/**
 * Adds the roster. It is read in parallel with the stanzas; if the cursor is to be saved, the last step of the roster saves it too, which
 * saves a round trip.
 */
async function withRoster(
  chat: Context,
  caller: Caller,
  member: Member,
  from: Cursor,
  pending: Promise<Collected>,
  options: AnswerOptions,
  signal: AbortSignal,
): Promise<Collected> {
  const finding = contacts(chat, member);
  if (!options.save) {
    const reading = finding.then((found) => readRosterStanza(chat, found, Date.now()));
    const [collected, roster] = await Promise.all([pending, reading]);
    return merge(chat.rosters, caller.actor.id, from, collected, roster, options);
  }
  const [collected, found] = await Promise.all([pending, finding]);
  // A full answer may yet leave a stanza to the next one to make room for the roster, so its cursor is not known here.
  const save = collected.stanzas.length < options.limit && !signal.aborted;
  const saving = save ? savingCursor(chat, caller, collected.cursor) : undefined;
  const roster = await readRosterStanza(chat, found, Date.now(), saving);
  const merged = merge(chat.rosters, caller.actor.id, from, collected, roster, options);
  return save && roster !== undefined ? { ...merged, isSaved: true } : merged;
}

function merge(
  rosters: KnownRosters,
  entity: string,
  from: Cursor,
  collected: Collected,
  roster: RosterStanza | undefined,
  { first, limit }: AnswerOptions,
): Collected {
  if (roster === undefined) return collected;
  const isNew = first || !rosters.has(entity, from, roster);
  const rest = isNew && collected.stanzas.length >= limit ? shorten(collected, from) : collected;
  // The roster of a partial answer is not recorded: another tab may have polled with that cursor before the roster changed.
  // A roster without stanzas is recorded all the same, or it would be sent again and again and nothing else.
  if (!rest.more || rest.stanzas.length === 0) rosters.note(entity, rest.cursor, roster);
  if (!isNew) return rest;
  const stanzas = [...rest.stanzas, { n: rest.cursor.n, body: roster.body }];
  return stanzas.length === 1 ? { ...rest, stanzas, isRosterAlone: true } : { ...rest, stanzas };
}

/**
 * Leaves the last stanza to the next answer, to make room for another; not if only a `resync` would be left, which alone leads past no gap.
 */
function shorten(collected: Collected, from: Cursor): Collected {
  const { stanzas, cursor } = collected;
  if (stanzas.length === 1 && cursor.epoch !== from.epoch) return collected;
  const rest = stanzas.slice(0, -1);
  if (rest.at(-1)?.n === from.n) return collected;
  return { ...collected, stanzas: rest, cursor: { epoch: cursor.epoch, n: rest.at(-1)?.n ?? from.n }, more: true };
}

function advise(chat: Instance, poll: Poll, member: Member | undefined, now: number): Advice {
  if (poll.ending === "crowded") return { pause: CROWDED_PAUSE_SECONDS };
  return poll.ending === undefined ? adviseIdle(member, chat.config.idleAfter, now) : {};
}
