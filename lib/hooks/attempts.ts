import { hasPassed } from "../elapsed.js";
import type { Round, Tries, Waiting } from "./outbox.js";
import type { SignedPost } from "./signed-post.js";
import { seqOf, webhooksOf } from "./webhook-event.js";

// Standard Webhooks advise 15 to 30 s; a round must end before its lease does.
const POST_MS = 10_000;
// After this time a round begins no further attempt.
const ROUND_MS = 15_000;
// Threads that are served at once. A slow answer delays its own thread alone.
const LANES = 8;
// What failed is tried again after these times, in s, and then hourly, until the event is a day old.
const BACKOFF_S = [1, 5, 30, 120, 600, 1_800, 3_600];
const GIVE_UP_MS = 86_400_000;
// So many failures in a row: the endpoint is down, not one event wrong.
const DOWN = 8;

/** One round of attempts: the events of several threads, those of each thread one after the other. */
export class Attempts {
  readonly #post: SignedPost;
  readonly #tries: Tries;
  readonly #unreadMs: number;
  readonly #began = Date.now();
  readonly #taken: Waiting[] = [];
  readonly #dead: Waiting[] = [];
  readonly #succeeded = new Set<string>();
  readonly #failed = new Map<string, { attempts: number; next: number }>();
  #failuresInARow = 0;
  /** Why the latest attempt that failed did so. */
  failure: string | undefined;

  constructor(post: SignedPost, tries: Tries, unreadMs: number) {
    this.#post = post;
    this.#tries = tries;
    this.#unreadMs = unreadMs;
  }

  /** Tries what waits; each thread until its first failure, and all of them until the endpoint seems to be down or the time is over. */
  async run(threads: ReadonlyMap<string, readonly Waiting[]>): Promise<void> {
    const queue = [...threads.values()];
    const lane = async () => {
      for (let events = queue.shift(); events !== undefined && this.#goesOn; events = queue.shift())
        await this.#inOrder(events);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    if (this.#failuresInARow >= DOWN) this.#retry("");
    else if (this.#tries.has("") && this.#taken.length > 0) this.#succeeded.add("");
  }

  /** What became of the round. */
  get round(): Round {
    const unread = this.#unreadMs === 0 ? [] : this.#taken.flatMap((event) => this.#later(event));
    const succeeded = [...this.#succeeded].filter((thread) => this.#tries.has(thread) && !this.#failed.has(thread));
    return { taken: this.#taken, dead: this.#dead, succeeded, failed: this.#failed, unread };
  }

  /** When what failed is due again, in ms. */
  get next(): number | undefined {
    const times = [...this.#failed.values()].map(({ next }) => next);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  get #goesOn(): boolean {
    return this.#failuresInARow < DOWN && !hasPassed(ROUND_MS, this.#began, Date.now());
  }

  async #inOrder(events: readonly Waiting[]): Promise<void> {
    for (const event of events) {
      if (!this.#goesOn) return;
      const failure = await this.#send(event);
      if (failure === undefined) {
        this.#failuresInARow = 0;
        this.#taken.push(event);
        this.#succeeded.add(event.thread);
        continue;
      }
      this.failure = failure;
      this.#failuresInARow += 1;
      if (Date.now() - event.at < GIVE_UP_MS) return this.#retry(event.thread);
      this.#dead.push(event);
      this.#succeeded.add(event.thread);
    }
  }

  /** Sends the webhooks of an event, and returns why one of them was not taken. */
  async #send(event: Waiting): Promise<string | undefined> {
    for (const { id, body } of webhooksOf(event)) {
      try {
        const { status } = await this.#post.post(id, body, POST_MS);
        if (status < 200 || status > 299) return `status ${status}`;
      } catch (error) {
        return error instanceof Error && "code" in error ? `${error.code}` : "no response";
      }
    }
    return undefined;
  }

  #retry(thread: string): void {
    // A thread whose events went through in this round begins anew.
    const before = this.#succeeded.has(thread) ? 0 : (this.#tries.get(thread)?.attempts ?? 0);
    const pause = BACKOFF_S[Math.min(before, BACKOFF_S.length - 1)] ?? 0;
    this.#failed.set(thread, { attempts: before + 1, next: Date.now() + pause * 1_000 });
  }

  #later(event: Waiting) {
    const seq = seqOf(event);
    return seq === undefined ? [] : [{ thread: event.thread, seq, at: event.at + this.#unreadMs }];
  }
}
