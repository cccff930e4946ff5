import type { Clock } from "../environment/backoff.js";
import type { ChatEvent, Pending } from "../protocol/chat.js";
import type { Problem } from "../protocol/problem.js";
import type { Actor, Draft, Sent } from "../protocol/stanza.js";

// The stream tells of an accepted message at once, and in its order. Where it does not so long after, as when it told the page
// before this one, the acknowledgement has to do.
const GRACE_MS = 3_000;
const DELIVERED_MAX = 1_000;

/** Shows one's own messages before they are delivered, and each just once after that, whatever tells of it first. */
export class Echo {
  readonly #tell: (event: ChatEvent) => void;
  readonly #isOnline: () => boolean;
  readonly #clock: Clock;
  readonly #closed: AbortSignal;
  #pending = new Map<string, Pending>();
  /** Told of by their acknowledgement; the stream may still bring them. */
  #told = new Set<string>();
  /** What was delivered of late: it may still be found among what another page has to send. */
  #delivered = new Set<string>();

  constructor(tell: (event: ChatEvent) => void, isOnline: () => boolean, clock: Clock, closed: AbortSignal) {
    this.#tell = tell;
    this.#isOnline = isOnline;
    this.#clock = clock;
    this.#closed = closed;
  }

  show(draft: Draft & { id: string }, me: Actor | undefined): void {
    if (this.#pending.has(draft.id) || this.#delivered.has(draft.id)) return;
    const timestamp = new Date(this.#clock.now()).toISOString();
    const message = { ...draft, timestamp, ...(me === undefined ? {} : { sender: me }), seq: undefined };
    this.#pending.set(draft.id, message);
    this.#tell({ type: "message", message, pending: true });
  }

  /** The stream delivers a message; answers whether it is news. */
  delivered(id: string): boolean {
    this.#delivered.add(id);
    const [first] = this.#delivered;
    if (this.#delivered.size > DELIVERED_MAX && first !== undefined) this.#delivered.delete(first);
    this.#pending.delete(id);
    return !this.#told.delete(id);
  }

  async acknowledged({ id, thread, seq, timestamp }: Sent): Promise<void> {
    do await this.#clock.wait(GRACE_MS, this.#closed);
    while (this.#pending.has(id) && !this.#isOnline() && !this.#closed.aborted);
    const message = this.#pending.get(id);
    if (message === undefined || this.#closed.aborted) return;
    this.#pending.delete(id);
    this.#told.add(id);
    const { to: _, ...said } = message;
    this.#tell({ type: "message", message: { ...said, id, thread, seq, timestamp } });
  }

  refused(id: string, problem: Problem): void {
    const message = this.#pending.get(id);
    this.#pending.delete(id);
    if (message !== undefined) this.#tell({ type: "message", message, refused: problem });
  }
}
