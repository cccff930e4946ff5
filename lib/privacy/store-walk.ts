import * as v from "valibot";
import type { Log } from "../log/log.js";
import { type FoundKey, patternOf, readKey } from "../store/keys.js";
import { Texts } from "../store/replies.js";

// Redis looks at about as many keys for one SCAN, those of other prefixes included; what belongs to a person is then looked for in them.
const KEYS_AT_ONCE = 200;

/** Where a walk begins, and where SCAN says that it has ended. */
export const START = "0";

const Scanned = v.tuple([v.tuple([v.pipe(v.union([v.string(), v.number()]), v.transform(String)), Texts])]);

/** A part of the keys of a chat, in order, and where the next part begins: at `START` after the last one. */
export type WalkedPart = { keys: FoundKey[]; next: string };

/**
 * Reads a part of the keys of a chat. A walk from `START` to `START` meets every key that exists all the while, however it is interrupted; it may
 * meet one twice. There is no index of what others hold of a person, and none to forget.
 */
export async function walk(log: Log, from: string): Promise<WalkedPart> {
  const [[next, names]] = await log.store.transact(Scanned, (batch) =>
    batch.scan(from, { match: patternOf(log.keys), count: KEYS_AT_ONCE }),
  );
  const keys = [...new Set(names)].sort().flatMap((key) => readKey(log.keys, key) ?? []);
  return { keys, next };
}

/** Calls a function with some of a list at a time. */
export async function eachPart<Of>(list: readonly Of[], size: number, run: (part: Of[]) => Promise<unknown>) {
  for (let at = 0; at < list.length; at += size) await run(list.slice(at, at + size));
}
