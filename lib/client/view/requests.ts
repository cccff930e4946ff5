import type { ChatEvent } from "../protocol/chat.js";
import { applyEvent, type Inbox } from "./inbox.js";

// Events that are not applied again: they are over, or a response does not change what they have changed.
const FLEETING: ChatEvent["type"][] = ["state", "typing", "resync"];

/** The requests under way for an inbox, and the events since each began: its response may have been made before them. */
export class Requests {
  /** Changes the inbox at once. */
  readonly edit: (change: (inbox: Inbox) => Inbox) => void;
  readonly #since = new Set<ChatEvent[]>();

  constructor(edit: (change: (inbox: Inbox) => Inbox) => void) {
    this.edit = edit;
  }

  onEvent(event: ChatEvent): void {
    for (const events of this.#since) events.push(event);
  }

  /** Applies a response, and then again the events that have arrived since it was asked for. */
  async apply<T>(asked: Promise<T>, apply: (inbox: Inbox, response: T) => Inbox): Promise<T> {
    const since: ChatEvent[] = [];
    this.#since.add(since);
    try {
      const response = await asked;
      this.edit((inbox) =>
        since
          .filter(({ type }) => !FLEETING.includes(type))
          .reduce((it, event) => applyEvent(it, event, Date.now()), apply(inbox, response)),
      );
      return response;
    } finally {
      this.#since.delete(since);
    }
  }
}
