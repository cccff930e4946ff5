import type { Answer, Stanza } from "../protocol/stanza.js";
import type { Ledger } from "./continuity.js";

export type Told = { answer: Answer; asked?: string | undefined };

/** What one tab has been told of the stream: in order, and up to where. */
export class Feed {
  /** Everything up to here has been told. */
  at: string | undefined;
  /** Whether a stanza has not been told before: where several tabs follow, it may have been. */
  isNew: (stanza: Stanza) => boolean = () => true;
  /** Hears of each position that has been reached. */
  reached: (cursor: string) => void = () => {};
  readonly #ledger: Ledger;
  readonly #hand: (stanza: Stanza) => Promise<void>;
  readonly #closed: AbortSignal;
  #last: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, hand: (stanza: Stanza) => Promise<void>, closed: AbortSignal) {
    this.#ledger = ledger;
    this.#hand = hand;
    this.#closed = closed;
  }

  /** Tells what an answer brings; after all that was taken before it. */
  take({ answer, asked }: Told): Promise<void> {
    const taken = this.#last.then(() => this.#tell(answer, asked));
    this.#last = taken.catch(() => {});
    return taken;
  }

  /** Fulfils when all that was taken has been told. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #tell(answer: Answer, asked: string | undefined): Promise<void> {
    this.#ledger.answer(asked, answer);
    for (const stanza of answer.stanzas) {
      this.#closed.throwIfAborted();
      if (this.isNew(stanza)) await this.#hand(stanza);
    }
    this.at = answer.cursor;
    this.reached(answer.cursor);
  }
}
