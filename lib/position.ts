import * as v from "valibot";
import type { Caller } from "./caller.js";
import * as keys from "./keys.js";
import * as log from "./log.js";
import * as redis from "./redis.js";

/** Finds where a client without a cursor stands, and whether that was kept from an earlier answer. */
export async function findPosition(caller: Caller): Promise<{ prev: log.Cursor; kept: boolean }> {
  const [stored] = await redis.read(v.tuple([v.nullable(v.string())]), (reading) => {
    reading.get(keys.position(caller.sha));
  });
  const known = stored === null ? undefined : log.parseCursor(stored);
  if (known !== undefined) return { prev: known, kept: true };
  return { prev: caller.birth ?? (await log.begin(Date.now())), kept: false };
}

// Keeps where an answer ended. KEYS: position. ARGV: cursor, lifetime in s. Returns: 1.
const REMEMBER = `
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
`;

/** Keeps where an answer to a client without a cursor ended, for as long as its credential lives. */
export async function keepPosition(caller: Caller, cursor: log.Cursor): Promise<void> {
  const life = Math.max(1, Math.ceil((caller.expires - Date.now()) / 1_000));
  await redis.run(REMEMBER, v.number(), [keys.position(caller.sha)], [log.format(cursor), life]);
}
