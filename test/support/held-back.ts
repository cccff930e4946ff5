// What a proxy does to bodies of unknown length alone: everything else has a length, and passes.

const HEAD = /^HTTP\/1\.1 /;
const CHUNKED = /\r\ntransfer-encoding: chunked(\r\n|$)/i;
const LAST_CHUNK = /(^|\r\n)0\r\n\r\n$/;

/** Follows the responses of one connection, each of which begins with a piece of its own. */
export class Body {
  /** Whether the response that goes on has no length, and has not ended. */
  isOpen = false;
  /** Counts the responses. */
  response = 0;

  /** Returns whether a piece belongs to a response without a length. */
  take(piece: Buffer): boolean {
    const text = piece.toString("latin1");
    if (HEAD.test(text)) {
      this.response++;
      this.isOpen = CHUNKED.test(text.split("\r\n\r\n")[0] ?? "");
    }
    const isPart = this.isOpen;
    if (LAST_CHUNK.test(text)) this.isOpen = false;
    return isPart;
  }
}

/** What waits on one connection until there is enough of it. */
export class HeldBack {
  #actions: (() => void)[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#actions.length === 0;
  }

  /** Adds what is to be done with so many bytes, and returns how many wait. */
  add(action: () => void, bytes: number): number {
    this.#actions.push(action);
    this.#bytes += bytes;
    return this.#bytes;
  }

  release(): void {
    const actions = this.#actions;
    this.#actions = [];
    this.#bytes = 0;
    for (const action of actions) action();
  }
}
