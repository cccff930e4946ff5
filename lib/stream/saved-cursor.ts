import * as v from "valibot";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";
import type { Listener } from "./arrival.js";

/** Finds where a client without a cursor stands, and whether that was kept from an earlier answer. */
export async function findPosition(caller: Listener): Promise<{ prev: log.Cursor; kept: boolean }> {
  const { position, now } = caller.arrival ?? {};
  const stored = position === undefined ? await storedPosition(caller) : position;
  const known = stored === null ? undefined : log.parseCursor(stored);
  if (known !== undefined) return { prev: known, kept: true };
  return { prev: caller.birth ?? now ?? (await log.begin(Date.now())), kept: false };
}

/** Reads the position that was kept of a credential; null when there is none. */
export async function storedPosition({ sha }: Pick<Caller, "sha">): Promise<string | null> {
  const [stored] = await redis.read(v.tuple([v.nullable(v.string())]), (reading) => {
    reading.get(keys.position(sha));
  });
  return stored;
}

/** Keeps where an answer to a client without a cursor ended, for as long as its credential lives. */
export async function keepPosition(caller: Caller, cursor: log.Cursor): Promise<void> {
  await redis.read(v.tuple([v.literal("OK")]), keeping(caller, cursor));
}

/** Keeps it along with what is read at the same time. */
export function keeping(caller: Caller, cursor: log.Cursor): redis.Errand {
  const ex = Math.max(1, Math.ceil((caller.expires - Date.now()) / 1_000));
  return (reading) => reading.set(keys.position(caller.sha), log.format(cursor), { ex });
}
