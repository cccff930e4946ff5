import type { Chat } from "../protocol/chat.js";
import type { Thread } from "../protocol/stanza.js";
import { SingleFlight } from "./single-flight.js";

type Member = Thread["members"][number];

/** Loads the members of a thread page by page, in the order in which they joined: above 100, the thread itself names only some of them. */
export class MemberPages {
  readonly #chat: Chat;
  readonly #thread: string;
  readonly #loaded: (members: readonly Member[]) => void;
  readonly #flights = new SingleFlight();
  #after: string | undefined;
  /** Whether there are members that are not loaded. */
  more = true;

  /** Calls `loaded` with each page. */
  constructor(chat: Chat, thread: string, loaded: (members: readonly Member[]) => void) {
    this.#chat = chat;
    this.#thread = thread;
    this.#loaded = loaded;
  }

  /** Loads the next page; never two at once. */
  next(): Promise<void> {
    return this.#flights.run("members", async () => {
      if (!this.more) return;
      const { members, after } = await this.#chat.members(
        this.#thread,
        this.#after === undefined ? {} : { after: this.#after },
      );
      // A page that leads to itself comes from a cache.
      this.more = after !== undefined && after !== this.#after;
      this.#after = after;
      this.#loaded(members);
    });
  }

  /** Loads all of them, for as long as somebody wants that. */
  async all(wanted: () => boolean): Promise<void> {
    while (this.more && wanted()) await this.next();
  }
}
