import * as v from "valibot";
import { begin } from "../log/clock.js";
import { type Cursor, formatCursor, parseCursor } from "../log/cursor.js";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import type { AddCommands } from "../store/redis.js";

/** What a cold start has read already: the saved cursor, undefined if it was not read, and the position of the log. */
type Known = { savedCursor: string | null | undefined; now: Cursor };

/** Finds where the stream of a client without a cursor continues, and whether an earlier answer saved that position. */
export async function findCursor(
  chat: Instance,
  caller: Caller & { coldStart?: Known },
): Promise<{ prev: Cursor; saved: boolean }> {
  const { savedCursor, now } = caller.coldStart ?? {};
  const stored = savedCursor === undefined ? await readSavedCursor(chat, caller) : savedCursor;
  const known = stored === null ? undefined : parseCursor(stored);
  if (known !== undefined) return { prev: known, saved: true };
  return { prev: caller.birth ?? now ?? (await begin(chat, Date.now())), saved: false };
}

/** Reads the cursor that was saved for a credential; null if there is none. */
export async function readSavedCursor(chat: Instance, { sha }: Pick<Caller, "sha">): Promise<string | null> {
  const [stored] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) => {
    batch.get(chat.keys.position(sha));
  });
  return stored;
}

/** Saves where an answer to a client without a cursor ended, until the client's credential expires. */
export async function saveCursor(chat: Instance, caller: Caller, cursor: Cursor): Promise<void> {
  await chat.store.transact(v.tuple([v.literal("OK")]), savingCursor(chat, caller, cursor));
}

/** Returns the command that saves a cursor, to be added to another batch. */
export function savingCursor(chat: Instance, caller: Caller, cursor: Cursor): AddCommands {
  const ex = Math.max(1, Math.ceil((caller.expires - Date.now()) / 1_000));
  return (batch) => batch.set(chat.keys.position(caller.sha), formatCursor(cursor), { ex });
}
