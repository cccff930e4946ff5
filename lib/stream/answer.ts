import { veil } from "../chat/block.js";
import { positions } from "../chat/thread-view.js";
import type { Cursor } from "../log/cursor.js";
import type { Instance } from "../log/instance.js";
import type { Member } from "../log/membership-cache.js";
import type { Slice } from "../log/tail-memory.js";
import type { Caller } from "../people/caller.js";
import { countFitting } from "../schema/answer-size.js";
import type { Advice } from "./pacing.js";

/** One stanza as JSON, and the n of the cursor after it. */
export type Delivered = { n: number; body: string };

/** What there is after some cursor; `remembered` if memory knew it, `kept` if its end is kept already. */
export type Found = { cursor: Cursor; stanzas: Delivered[]; more: boolean; remembered: boolean; kept?: true };

export type Answer = Omit<Found, "remembered" | "kept"> & { prev: Cursor; kept?: true | undefined } & Advice;

/** Cuts what was found to `limit` stanzas and 1 MiB. The cursor is then the last one's, else as far as was looked. */
export function cut(member: Member, epoch: string, { events, to }: Slice, limit: number, remembered: boolean): Found {
  const count = Math.min(limit, Math.max(1, countFitting(events.map(({ body }) => body))));
  const more = count < events.length;
  const within = more ? events.slice(0, count) : events;
  const stanzas = member.blocked.size === 0 ? within : within.flatMap((event) => veil(member, event) ?? []);
  return { cursor: { epoch, n: (more && within.at(-1)?.n) || to }, stanzas, more, remembered };
}

/** Leaves the last stanza for the next answer, so that there is place for another. What follows a `resync` directly stays, since that alone passes no gap. */
export function shorten(found: Found, from: Cursor): Found {
  if (found.stanzas.length === 1 && found.cursor.epoch !== from.epoch) return found;
  const stanzas = found.stanzas.slice(0, -1);
  if (stanzas.at(-1)?.n === from.n) return found;
  return { ...found, stanzas, cursor: { epoch: found.cursor.epoch, n: stanzas.at(-1)?.n ?? from.n }, more: true };
}

/** Names the threads whose stream cannot be continued. Their members read the history again, and go on from the new cursor. */
export async function resync(
  chat: Instance,
  caller: Caller,
  reason: "epoch" | "trimmed",
  ids: string[],
  at: Cursor,
): Promise<Found> {
  const threads = await positions(chat, caller, ids.filter(isThread));
  const body = JSON.stringify({ type: "resync", resync: { reason, threads } });
  return { cursor: { epoch: at.epoch, n: at.n }, stanzas: [{ n: at.n, body }], more: false, remembered: false };
}

/** What was told to oneself alone is no thread's; that some of it is gone is said by a `resync` all the same. */
function isThread(id: string): boolean {
  return !id.startsWith("@");
}
