import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import type { Log } from "../log/log.js";

// A caller asks again, each time after this.
const PAUSE_MS = 500;

/**
 * Returns when the round ends, in ms, in which an instance may still tell the host's server what it read from the outbox before the user was taken
 * out of it. It ends before its lease does; undefined if there is none.
 */
export async function lastRound({ keys, outbox, store }: Log, now: number): Promise<number | undefined> {
  if (outbox === undefined) return undefined;
  const [left] = await store.transact(v.tuple([v.number()]), (batch) => batch.pttl(keys.outboxLease));
  return left > 0 ? now + left : undefined;
}

/** Returns, after a pause, whether that round may go on. */
export async function isUnderWay(chat: Log, until: number, now: number): Promise<boolean> {
  if (now >= until || (await lastRound(chat, now)) === undefined) return false;
  await sleep(Math.min(PAUSE_MS, until - now));
  return true;
}
