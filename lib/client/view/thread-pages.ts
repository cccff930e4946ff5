import type { Chat } from "../protocol/chat.js";
import type { Thread } from "../protocol/stanza.js";
import { addThreads, type Inbox } from "./inbox.js";
import type { Requests } from "./requests.js";

// Threads per page: the most that the deployment returns. Those after the first page are loaded on demand.
const LIMIT = 100;

/** Loads a user's threads page by page, those with the latest activity first. */
export class ThreadPages {
  readonly #chat: Chat;
  readonly #requests: Requests;
  /** The last thread of the last page. */
  #last: Thread | undefined;

  constructor(chat: Chat, requests: Requests) {
    this.#chat = chat;
    this.#requests = requests;
  }

  first(): Promise<Thread[]> {
    return this.#chat.threads({ limit: LIMIT });
  }

  /** Adds a page to the inbox. */
  add(inbox: Inbox, threads: Thread[]): Inbox {
    this.#last = threads.at(-1) ?? this.#last;
    return { ...addThreads(inbox, threads), more: threads.length >= LIMIT };
  }

  /** Loads the page after the last one. */
  async next({ conversations }: Inbox): Promise<void> {
    if (this.#last === undefined) return;
    const { id, updated } = this.#last;
    // The list cannot be continued after a thread that the user has left. It is then continued at its time.
    for (const before of [id, updated]) {
      const page = this.#chat.threads({ limit: LIMIT, before });
      const threads = await this.#requests.apply(page, (inbox, found) => this.add(inbox, found));
      if (threads.some((thread) => !conversations.has(thread.id))) return;
    }
    await this.#requests.apply(Promise.resolve(), (inbox) => ({ ...inbox, more: false }));
  }
}
