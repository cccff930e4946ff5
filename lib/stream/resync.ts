import { positions } from "../chat/thread-view.js";
import type { Cursor } from "../log/cursor.js";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import type { Joined } from "./catch-up.js";
import type { NumberedStanza } from "./collected.js";

/** A part of a resync; `next` is the cursor after it, if there are further threads to name. */
export type ResyncPart = { stanzas: NumberedStanza[]; next: Cursor | undefined };

/**
 * The threads that a part of a resync names. Each costs the store one command, and up to 130 bytes: so a part stays below a hundred commands
 * and 16 KiB for a user who is in thousands of threads, too. A cursor that was made up, or is repeated, costs no more than that.
 */
export const THREADS_AT_ONCE = 50;

/**
 * Names threads whose stream cannot be continued, ordered by when the caller joined them. Clients read their history again, and go on from
 * the new cursor. The answer continues from `at`.
 */
export async function resync(
  chat: Instance,
  caller: Caller,
  reason: "epoch" | "trimmed",
  threads: readonly Joined[],
  at: Cursor,
): Promise<ResyncPart> {
  const { epoch, n } = at;
  const part = threads.slice(0, THREADS_AT_ONCE);
  const named = await positions(
    chat,
    caller,
    part.map(({ id }) => id),
  );
  const isLast = part.length === threads.length;
  const next = isLast ? undefined : { epoch, n, resync: { reason, after: part.at(-1)?.n ?? 0 } };
  const body = JSON.stringify({ type: "resync", resync: { reason, threads: named } });
  return { stanzas: [{ n, body, ...(next === undefined ? {} : { after: next }) }], next };
}
