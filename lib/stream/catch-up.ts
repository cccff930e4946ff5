import { readAfter } from "../log/cold-read.js";
import type { Clock, Cursor } from "../log/cursor.js";
import type { Instance } from "../log/instance.js";
import { createMember, type Member } from "../log/membership-cache.js";
import { type Memberships, readSnapshot } from "../log/memberships.js";
import type { Caller } from "../people/caller.js";
import { contacts, type KnownRosters, type News, news } from "../presence/roster.js";
import { cut, type Found, resync, shorten } from "./answer.js";
import type { StreamCaller } from "./cold-start.js";
import { savingCursor } from "./saved-cursor.js";

type Context = Instance & { readonly rosters: KnownRosters };

export type Terms = {
  limit: number;
  delivered: boolean;
  /** Whether the caller has no cursor yet, and is told who is there. */
  first: boolean;
  /** Whether the end of the answer is kept for the next one. */
  keep: boolean;
};

/** Reads what comes after a cursor from memory; undefined where that may not be believed or does not reach back. */
export function recall(
  { tail }: Pick<Instance, "tail">,
  entity: string,
  cursor: Cursor,
  { limit, delivered = false }: { limit: number; delivered?: boolean },
): Found | undefined {
  const { memory } = tail;
  const known = memory?.find(entity, Date.now());
  const found = known && memory?.since(known, cursor, limit + 1, delivered);
  return known && found && cut(known, cursor.epoch, found, limit, true);
}

/** Reads what comes after a cursor: from memory if that reaches back, else from the log, and with it the roster. */
export async function read(
  chat: Context,
  caller: StreamCaller,
  cursor: Cursor,
  terms: Terms,
  signal: AbortSignal,
): Promise<Found> {
  const { limit, delivered, first } = terms;
  const entity = caller.actor.id;
  const now = Date.now();
  const arrived = caller.coldStart?.take();
  await chat.tail.settle(cursor);
  const warm = recall(chat, entity, cursor, terms);
  const known = chat.tail.memory?.find(entity, now);
  if (known && warm) return first ? withRoster(chat, caller, known, cursor, warm, terms, signal) : warm;
  const snapshot = arrived ?? (await readSnapshot(chat, entity));
  const { clock, memberships, blocked } = snapshot;
  const memory = chat.tail.memory;
  const learnt = memory?.learn(entity, snapshot, now);
  // What is answered must not be older than what was read.
  const reached = learnt !== undefined && (await memory?.reach(clock.n));
  const member = learnt ?? createMember(entity, memberships, blocked, now);
  const answer = (found: Found | Promise<Found>) => withRoster(chat, caller, member, cursor, found, terms, signal);
  if (cursor.epoch !== clock.epoch || cursor.n > clock.n)
    return answer(resync(chat, caller, "epoch", current(memberships), clock));
  const recent = reached ? chat.tail.memory?.since(member, cursor, limit + 1, delivered) : undefined;
  if (recent === undefined) return answer(past(chat, caller, member, cursor, clock, limit));
  const found = cut(member, cursor.epoch, recent, limit, true);
  return first ? answer(found) : found;
}

async function past(
  chat: Instance,
  caller: Caller,
  member: Member,
  cursor: Cursor,
  clock: Clock,
  limit: number,
): Promise<Found> {
  const past = await readAfter(chat, member, cursor, clock, limit + 1);
  const gaps = past.gaps.length > 0;
  // The resync is one of the stanzas that were asked for; alone it could not go on.
  const found = cut(member, cursor.epoch, past, gaps ? Math.max(1, limit - 1) : limit, false);
  const rest = { ...found, more: found.more || past.to < clock.n };
  if (!gaps) return rest;
  // Named as long as a cursor lies before what is kept: whoever is asked next may answer from memory, and cannot know.
  const gap = await resync(chat, caller, "trimmed", past.gaps, cursor);
  return { ...rest, stanzas: [...gap.stanzas, ...rest.stanzas] };
}

function current(memberships: Memberships): string[] {
  return [...memberships].filter(([, n]) => n > 0).map(([thread]) => thread);
}

/**
 * Adds who is there, where changes of that may have been missed: to a first answer, and to what was not read from memory. Both are
 * read side by side; where the end of the answer is to be kept, it goes along with the last step.
 */
async function withRoster(
  chat: Context,
  caller: Caller,
  member: Member,
  from: Cursor,
  finding: Found | Promise<Found>,
  terms: Terms,
  signal: AbortSignal,
): Promise<Found> {
  const meeting = contacts(chat, member);
  if (!terms.keep) {
    const telling = meeting.then((them) => news(chat, them, Date.now()));
    const [found, roster] = await Promise.all([finding, telling]);
    return merge(chat.rosters, caller.actor.id, from, found, roster, terms);
  }
  const [found, them] = await Promise.all([finding, meeting]);
  // An answer that is full may yet leave a stanza for the next one: where it ends is then known later.
  const isSure = found.stanzas.length < terms.limit && !signal.aborted;
  const roster = await news(chat, them, Date.now(), isSure ? savingCursor(chat, caller, found.cursor) : undefined);
  const merged = merge(chat.rosters, caller.actor.id, from, found, roster, terms);
  return isSure && roster !== undefined ? { ...merged, kept: true } : merged;
}

function merge(
  rosters: KnownRosters,
  entity: string,
  from: Cursor,
  found: Found,
  roster: News | undefined,
  { first, limit }: Terms,
): Found {
  if (roster === undefined) return found;
  const fresh = first || !rosters.has(entity, from, roster);
  const kept = fresh && found.stanzas.length >= limit ? shorten(found, from) : found;
  // Whoever catches up is told who is there now at a place that lies back: another tab may stand there since before.
  // Told alone, it is noted all the same: it would be told again and again, and nothing else.
  if (!kept.more || kept.stanzas.length === 0) rosters.note(entity, kept.cursor, roster);
  return fresh ? { ...kept, stanzas: [...kept.stanzas, { n: kept.cursor.n, body: roster.body }] } : kept;
}
