import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import type { Log } from "../log/log.js";

// A caller asks again, each time after this.
const PAUSE_MS = 500;

/**
 * Returns when the rounds end, in ms, in which an instance may still tell the host's server, or push to others, what it read from an outbox before the
 * user was taken out of it. Each ends before its lease does; undefined if there is none.
 */
export async function lastRound({ keys, store }: Log, now: number): Promise<number | undefined> {
  const left = await store.transact(v.tuple([v.number(), v.number()]), (batch) => {
    batch.pttl(keys.outboxLease);
    batch.pttl(keys.pushLease);
  });
  const longest = Math.max(...left);
  return longest > 0 ? now + longest : undefined;
}

/** Returns, after a pause, whether those rounds may go on. */
export async function isUnderWay(chat: Log, until: number, now: number): Promise<boolean> {
  if (now >= until || (await lastRound(chat, now)) === undefined) return false;
  await sleep(Math.min(PAUSE_MS, until - now));
  return true;
}
