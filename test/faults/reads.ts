import type { Chain } from "./chain.js";
import type { Of } from "./history.js";
import type { Outages } from "./outages.js";

/** `isSent`: by sending a message, which tells it to the others. */
type Read = Pick<Of<"read">, "thread" | "who" | "seq" | "began" | "at"> & { isSent: boolean };

/** The newest position that was acknowledged to each reader of a thread. A receipt that goes no further than it says nothing new. */
export class Reads {
  readonly #outages: Outages;
  readonly #newest = new Map<string, Read>();

  constructor(outages: Outages) {
    this.#outages = outages;
  }

  take({ e, thread, who, seq, began, at }: Of<"read"> | Of<"sent">): void {
    const name = `${thread} ${who}`;
    const known = this.#newest.get(name);
    if (known === undefined || known.seq < seq || this.#outages.mayBeGone(known.began, known.at))
      this.#newest.set(name, { thread, who, seq, began, at, isSent: e === "sent" });
  }

  /** What somebody who has read to the end was never told, though it was acknowledged after their stream could tell it. */
  *untold(thread: string, chain: Chain): Generator<string> {
    const since = chain.places.get(thread)?.since ?? Number.POSITIVE_INFINITY;
    for (const it of this.#newest.values()) {
      if (it.isSent || it.thread !== thread || it.began <= since || this.#outages.mayBeGone(it.began, it.at)) continue;
      const told = chain.readBy(thread, it.who);
      if (told < it.seq) yield `${chain.name} was told that ${it.who} has read ${told}, and never ${it.seq}`;
    }
  }
}
