import { onAbort } from "../environment/abort.js";
import type { Clock } from "../environment/backoff.js";

/** Sends that a thread has been read up to a seq; `last`: the page or the chat ends, so it is tried once. */
type Send = (thread: string, seq: number, last: boolean) => Promise<void>;

type Waiting = { seq: number; sent: Promise<void> };

// Others see only the newest position, and nobody looks more often than that.
const EVERY_MS = 2_000;

/** Sends read receipts: of each thread at most one in two seconds, with the newest position; the first one at once. */
export class ReadPositions {
  readonly #send: Send;
  readonly #clock: Clock;
  readonly #closed: AbortSignal;
  readonly #waiting = new Map<string, Waiting>();
  readonly #sentAt = new Map<string, number>();
  #flushed = new AbortController();

  constructor(send: Send, clock: Clock, closed: AbortSignal) {
    this.#send = send;
    this.#clock = clock;
    this.#closed = closed;
    onAbort(closed, () => this.flush());
  }

  /** Resolves when a position as far as this one is accepted. */
  readonly read = async (thread: string, seq: number): Promise<void> => {
    this.#closed.throwIfAborted();
    const known = this.#waiting.get(thread);
    if (known !== undefined) {
      known.seq = Math.max(known.seq, seq);
      return known.sent;
    }
    const waiting: Waiting = { seq, sent: Promise.resolve() };
    this.#waiting.set(thread, waiting);
    waiting.sent = this.#sendNewest(thread, waiting);
    return waiting.sent;
  };

  /** Sends at once what is waiting: the page is hidden, and may be gone without another word. */
  flush(): void {
    this.#flushed.abort();
    this.#flushed = new AbortController();
  }

  async #sendNewest(thread: string, waiting: Waiting): Promise<void> {
    const pause = (this.#sentAt.get(thread) ?? 0) + EVERY_MS - this.#clock.now();
    if (pause > 0) await this.#clock.wait(Math.min(pause, EVERY_MS), this.#flushed.signal);
    this.#waiting.delete(thread);
    this.#sentAt.set(thread, this.#clock.now());
    await this.#send(thread, waiting.seq, this.#closed.aborted);
  }
}
