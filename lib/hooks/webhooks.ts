import { waitUntil } from "@vercel/functions";
import type { Target } from "../config-hooks.js";
import type { Log } from "../log/log.js";
import { describeError } from "../logger.js";
import { Attempts, LANES } from "./attempts.js";
import { LEASE_MS, settle, type Tries, take, type Waiting } from "./outbox.js";
import { SignedPost } from "./signed-post.js";
import { checkUnread } from "./unread-check.js";

// How often an instance that holds polls looks for what other instances have left, and how soon anybody tries again after a failure of the store.
const LOOK_MS = 60_000;
// A round reads at most so many pages to find threads that can be served.
const PAGES_MAX = 10;

/**
 * Tells the host's server what happened: empties the outbox, in order in each thread, every event at least once under the same id. Any instance may
 * do so; a lease keeps two of them apart. Never delays and never fails a request.
 */
export class Webhooks {
  readonly #log: Log;
  readonly #post: SignedPost;
  readonly #unreadMs: number;
  readonly #who: string;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #looked = 0;
  #unreadAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(log: Log, target: Target, unreadMs: number) {
    this.#log = log;
    this.#post = new SignedPost(target);
    this.#unreadMs = unreadMs;
    this.#who = log.nonces.next();
  }

  /** Begins to empty the outbox, unless that is under way. */
  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    // Vercel would let the function sleep when its response is sent; elsewhere this does nothing.
    if (this.#running === undefined) waitUntil(this.run());
  }

  /** Looks for what other instances have left, at most once a minute: called by an instance that holds polls. */
  look(now: number): void {
    if (now - this.#looked >= LOOK_MS) this.wake();
  }

  /** Empties the outbox. Fulfilled when nothing is left that is due; never rejected. */
  run(): Promise<void> {
    this.#running ??= this.#drain()
      .catch((error) => {
        if (this.#closed) return;
        this.#log.logger.error("webhooks_failed", describeError(error));
        this.#wakeIn(LOOK_MS);
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#post.close();
  }

  async #drain(): Promise<void> {
    do {
      this.#again = false;
      const now = Date.now();
      this.#looked = now;
      const next = await this.#round(now);
      if (next !== undefined && next <= Date.now()) this.#again = true;
      else if (next !== undefined) this.#wakeIn(next - Date.now());
    } while (this.#again && !this.#closed);
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.wake(), Math.min(ms, LOOK_MS)).unref();
  }

  /** Sends what is due, and returns when the next round is, in ms; undefined if nothing waits. */
  async #round(now: number): Promise<number | undefined> {
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
