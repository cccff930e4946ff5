import type { Feed } from "../follow/feed.js";
import type { Stanza } from "../protocol/stanza.js";

// Positions that are remembered, and stanzas: more than what can overlap when the lead moves from one tab to another.
const POSITIONS_MAX = 100;
const STANZAS_MAX = 1_000;

/** Where a feed has been, so that what two tabs were told can be put together: nothing left out, nothing twice. */
export class Trail {
  readonly #feed: Feed;
  /** Positions known to be at, or behind, where the feed is. */
  #positions: string[] = [];
  #seen = new Set<string>();

  constructor(feed: Feed) {
    const { reached } = feed;
    this.#feed = feed;
    if (feed.at !== undefined) this.pass(feed.at);
    feed.isNew = (stanza) => this.#isNew(stanza);
    feed.reached = (cursor) => {
      this.pass(cursor);
      reached(cursor);
    };
  }

  /** Whether an answer that continues from a position leaves nothing out. */
  continues(prev: string): boolean {
    return prev === this.#feed.at || this.#positions.includes(prev);
  }

  /** Takes note that a position has been passed. */
  pass(cursor: string): void {
    this.#positions.push(cursor);
    if (this.#positions.length > POSITIONS_MAX) this.#positions.shift();
  }

  /** Who is there may well be said again; all else happens once, at its own time or with its own number. */
  #isNew(stanza: Stanza): boolean {
    if (stanza.type === "presence") return true;
    const key = stanza.type === "message" ? `${stanza.message.thread} ${stanza.message.seq}` : JSON.stringify(stanza);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    const [first] = this.#seen;
    if (this.#seen.size > STANZAS_MAX && first !== undefined) this.#seen.delete(first);
    return true;
  }
}
