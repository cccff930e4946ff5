import { redactEvent } from "../chat/block.js";
import type { Cursor } from "../log/cursor.js";
import { directSeq } from "../log/event.js";
import type { Member } from "../log/membership-cache.js";
import type { Slice } from "../log/tail-memory.js";
import { ANSWER_BYTES, countFitting } from "../schema/answer-size.js";

/** A stanza as JSON, and the n of the cursor after it; or, of a resync that goes on, the whole cursor. */
export type NumberedStanza = { n: number; body: string; after?: Cursor };

/** The stanzas after a cursor, up to `cursor`; `more` if others follow, `isSaved` if `cursor` has been saved for the credential. */
export type Collected = {
  cursor: Cursor;
  stanzas: NumberedStanza[];
  more: boolean;
  isSaved?: true | undefined;
  /** Whether somebody is to be told that a message in a direct thread was received (lib/presence/delivery-receipts.ts). */
  isAwaited?: true | undefined;
  /** Whether all stanzas are the roster's. */
  isRosterAlone?: true | undefined;
};

/**
 * Returns the stanzas that still say something. The events of the window change in place: what was retracted while an answer waited, for the
 * roster or for its cursor to be saved, has left its corrections without a body.
 */
export function withoutRetracted(stanzas: readonly NumberedStanza[]): readonly NumberedStanza[] {
  return stanzas.some(({ body }) => body === "") ? stanzas.filter(({ body }) => body !== "") : stanzas;
}

/** Cuts events to `limit` stanzas and 1 MiB. The cursor is that of the last stanza if any were cut, else the end of what was read. */
export function cut(member: Member, epoch: string, { events, to }: Slice, limit: number): Collected {
  // One event always fits, and is what most answers have.
  const count = events.length < 2 ? 1 : Math.min(limit, Math.max(1, countFitting(events.map(({ body }) => body))));
  const more = count < events.length;
  const within = more ? events.slice(0, count) : events;
  const stanzas = member.blocked.size === 0 ? within : within.flatMap((event) => redactEvent(member, event) ?? []);
  const cut = { cursor: { epoch, n: (more && within.at(-1)?.n) || to }, stanzas, more };
  const isAwaited = within.some((event) => event.by !== member.by && directSeq(event) !== undefined);
  return isAwaited ? { ...cut, isAwaited } : cut;
}

/** Returns whether further stanzas, so many in so many bytes, fit into an answer together with those that were collected. */
export function hasRoom({ stanzas }: Collected, limit: number, count: number, bytes: number): boolean {
  if (stanzas.length === 0) return true;
  return stanzas.length + count <= limit && countFitting(bodies(stanzas), ANSWER_BYTES - bytes) === stanzas.length;
}

/**
 * Leaves stanzas to the next answer, to make room for others; not a `resync` and what leads past its gap: alone it would be repeated for ever.
 */
export function shorten(collected: Collected, from: Cursor, limit: number, others: readonly string[]): Collected {
  const { stanzas, cursor } = collected;
  const isWhole = stanzas.length === 1 && (cursor.epoch !== from.epoch || from.resync !== undefined);
  if (isWhole || others.length === 0) return collected;
  const bytes = others.reduce((sum, it) => sum + Buffer.byteLength(it) + 1, 0);
  const room = Math.min(limit - others.length, countFitting(bodies(stanzas), ANSWER_BYTES - bytes));
  const count = Math.max(room, stanzas[0]?.n === from.n ? 2 : 0);
  if (count >= stanzas.length) return collected;
  const rest = stanzas.slice(0, count);
  return { ...collected, stanzas: rest, cursor: { epoch: cursor.epoch, n: rest.at(-1)?.n ?? from.n }, more: true };
}

function bodies(stanzas: readonly NumberedStanza[]): string[] {
  return stanzas.map(({ body }) => body);
}
