import type { Target } from "../config-hooks.js";
import type { Log } from "../log/log.js";
import { Attempts, LANES } from "./attempts.js";
import { LEASE_MS, settle, type Tries, take, type Waiting } from "./outbox.js";
import { SignedPost } from "./signed-post.js";
import { checkUnread } from "./unread-check.js";

// A round reads at most so many pages to find threads that can be served.
const PAGES_MAX = 10;

/** Sends what waits in the outbox, round by round. Loaded when there is something to send. */
export class Drainer {
  readonly #log: Log;
  readonly #post: SignedPost;
  readonly #unreadMs: number;
  readonly #who: string;
  #unreadAt = 0;

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
    const found = await this.#find(now);
    if (found === "busy") return now + LEASE_MS;
    if (found === "empty") return unreadAt;
    const attempts = new Attempts(this.#post, found.tries, this.#unreadMs);
    await attempts.run(found.threads);
    const { round, failure } = attempts;
    await settle(this.#log, this.#who, round);
    if (failure !== undefined) this.#log.logger.error("webhook_failed", { reason: failure });
    for (const { id } of round.dead) this.#log.logger.error("webhook_given_up", { id });
    const progress = round.taken.length + round.dead.length > 0;
    const times = [unreadAt, found.next, attempts.next].filter((at) => at !== undefined);
    if (progress) return now;
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async #checkUnread(now: number): Promise<number | undefined> {
    if (this.#unreadMs === 0) return undefined;
    // What is put on the list from now on is due after the same time at the earliest.
    if (now >= this.#unreadAt) this.#unreadAt = (await checkUnread(this.#log, now)) ?? now + this.#unreadMs;
    return this.#unreadAt;
  }

  /** Reads what can be sent now, by thread, and when what cannot is due. */
  async #find(now: number) {
    const threads = new Map<string, Waiting[]>();
    let tries: Tries = new Map();
    let next: number | undefined;
    for (let pages = 0, after = ""; pages < PAGES_MAX; pages++) {
      const page = await take(this.#log, this.#who, after);
      if (page === undefined) return "busy";
      tries = page.tries;
      if (pages === 0 && page.events.length === 0) return "empty";
      for (const event of page.events) {
        const at = Math.max(tries.get("")?.next ?? 0, tries.get(event.thread)?.next ?? 0);
        if (at > now) next = Math.min(next ?? at, at);
        else threads.set(event.thread, [...(threads.get(event.thread) ?? []), event]);
      }
      if (page.last || threads.size >= LANES) break;
      after = page.events.at(-1)?.place ?? "";
    }
    return { threads, tries, next };
  }
}
