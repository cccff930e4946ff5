import type { Feed } from "../follow/feed.js";
import type { Stanza } from "../protocol/stanza.js";

// How many cursors and stanzas are remembered: more than can overlap when another tab becomes the leader.
const CURSORS_MAX = 100;
const STANZAS_MAX = 1_000;

/** Remembers the recent past of a feed, so that responses to two tabs can be merged: nothing left out, nothing twice. */
export class FeedHistory {
  readonly #feed: Feed;
  /** Cursors at or behind that of the feed. */
  #cursors: string[] = [];
  #seen = new Set<string>();

  constructor(feed: Feed) {
    const { onCursor } = feed;
    this.#feed = feed;
    if (feed.cursor !== undefined) this.pass(feed.cursor);
    feed.isNew = (stanza) => this.#isNew(stanza);
    feed.onCursor = (cursor) => {
      this.pass(cursor);
      onCursor(cursor);
    };
  }

  /** Whether a response that continues from `prev` leaves nothing out. */
  continues(prev: string): boolean {
    return prev === this.#feed.cursor || this.#cursors.includes(prev);
  }

  /** Remembers that the feed is at or past a cursor. */
  pass(cursor: string): void {
    this.#cursors.push(cursor);
    if (this.#cursors.length > CURSORS_MAX) this.#cursors.shift();
  }

  /** Presence may be repeated; any other stanza is unique by its content, a message by its `seq`. */
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
