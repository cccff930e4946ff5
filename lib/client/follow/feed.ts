import type { Answer, Stanza } from "../protocol/stanza.js";
import type { ContinuityTracker } from "./continuity.js";

/** A response, and the cursor of its request. */
export type Received = { answer: Answer; asked?: string | undefined };

/** What one tab has received of the stream: delivers stanzas in order, and keeps the cursor. */
export class Feed {
  /** All stanzas up to this cursor have been delivered. */
  cursor: string | undefined;
  /** Whether a stanza has not been delivered before. When several tabs share the stream, it may have been. */
  isNew: (stanza: Stanza) => boolean = () => true;
  /** Called with each new cursor. */
  onCursor: (cursor: string) => void = () => {};
  readonly #tracker: ContinuityTracker;
  readonly #handle: (stanza: Stanza) => Promise<void>;
  readonly #closed: AbortSignal;
  #last: Promise<void> = Promise.resolve();

  constructor(tracker: ContinuityTracker, handle: (stanza: Stanza) => Promise<void>, closed: AbortSignal) {
    this.#tracker = tracker;
    this.#handle = handle;
    this.#closed = closed;
  }

  /** Delivers the stanzas of a response, after those of all earlier ones. */
  deliver({ answer, asked }: Received): Promise<void> {
    const delivered = this.#last.then(() => this.#deliver(answer, asked));
    this.#last = delivered.catch(() => {});
    return delivered;
  }

  /** Resolves when all responses so far have been delivered. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #deliver(answer: Answer, requested: string | undefined): Promise<void> {
    this.#tracker.onResponse(requested, answer);
    for (const stanza of answer.stanzas) {
      this.#closed.throwIfAborted();
      if (this.isNew(stanza)) await this.#handle(stanza);
    }
    this.cursor = answer.cursor;
    this.onCursor(answer.cursor);
  }
}
