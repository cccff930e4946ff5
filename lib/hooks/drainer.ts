import type { Target } from "../config-hooks.js";
import { hasPassed } from "../elapsed.js";
import type { Log } from "../log/log.js";
import { Attempts } from "./attempts.js";
import { LEASE_MS, settle, take, type Waiting } from "./outbox.js";
import { SignedPost } from "./signed-post.js";
import { checkUnread } from "./unread-check.js";

// After a look that found nothing to send, the next one is so much later at the earliest: while the host's server is down, each message would
// cost another look at all that waits.
const LOOK_MS = 1_000;

/** Sends what waits in the outbox, round by round. Loaded when there is something to send. */
export class Drainer {
  readonly #log: Log;
  readonly #post: SignedPost;
  readonly #unreadMs: number;
  readonly #who: string;
  #unread = { at: 0, ms: 0 };
  #lookedAt = 0;

  constructor(log: Log, target: Target, unreadMs: number) {
    this.#log = log;
    this.#post = new SignedPost(target);
    this.#unreadMs = unreadMs;
    this.#who = log.nonces.next();
  }

  close(): void {
    this.#post.close();
  }

  /** Sends what is due, and returns when the next round is, in ms; undefined if nothing waits. */
  async round(now: number): Promise<number | undefined> {
    const unreadAt = await this.#checkUnread(now);
    if (!hasPassed(LOOK_MS, this.#lookedAt, now)) return this.#lookedAt + LOOK_MS;
    const due = await take(this.#log, this.#who, now);
    if (due === undefined || due.events.length === 0) {
      const next = due === undefined ? now + LEASE_MS : due.next;
      if (next !== undefined) this.#lookedAt = now;
      return earliest(next, unreadAt);
    }
    const attempts = new Attempts(this.#post, due.tries, this.#unreadMs);
    await attempts.run(byThread(due.events));
    const { round, failure } = attempts;
    await settle(this.#log, this.#who, round);
    if (failure !== undefined) this.#log.logger.error("webhook_failed", { reason: failure });
    for (const { id } of round.dead) this.#log.logger.error("webhook_given_up", { id });
    const progress = round.taken.length + round.dead.length > 0;
    return progress ? now : earliest(unreadAt, due.next, attempts.next);
  }

  async #checkUnread(now: number): Promise<number | undefined> {
    if (this.#unreadMs === 0) return undefined;
    const { at, ms } = this.#unread;
    if (!hasPassed(ms, at, now)) return at + ms;
    const due = (await checkUnread(this.#log, now)) ?? Number.POSITIVE_INFINITY;
    // What is put on the list from now on is due after this time at the earliest, and what is on it was put there by a clock that was ahead if it is due later.
    this.#unread = { at: now, ms: Math.min(due - now, this.#unreadMs) };
    return now + this.#unread.ms;
  }
}

function byThread(events: readonly Waiting[]): ReadonlyMap<string, Waiting[]> {
  const threads = new Map<string, Waiting[]>();
  for (const event of events) threads.set(event.thread, [...(threads.get(event.thread) ?? []), event]);
  return threads;
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
