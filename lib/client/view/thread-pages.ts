import type { Chat } from "../protocol/chat.js";
import { codeOf } from "../protocol/problem.js";
import type { ThreadPage } from "../protocol/stanza.js";
import { addThreads, type Inbox } from "./inbox.js";
import type { Requests } from "./requests.js";

// Threads per page: the most that the deployment returns. Those after the first page are loaded on demand.
const LIMIT = 100;

/** Loads a user's threads page by page, those with the latest activity first. */
export class ThreadPages {
  readonly #chat: Chat;
  readonly #requests: Requests;
  /** Where the next page begins. */
  #next: string | undefined;
  /** The time of the last thread of the last page. */
  #reached: string | undefined;

  constructor(chat: Chat, requests: Requests) {
    this.#chat = chat;
    this.#requests = requests;
  }

  first(): Promise<ThreadPage> {
    return this.#chat.threads({ limit: LIMIT });
  }

  /** Adds a page to the inbox; `asked` is where it was to begin. */
  add(inbox: Inbox, threads: ThreadPage, asked?: string): Inbox {
    // A page that leads to itself comes from a cache.
    this.#next = threads.before === asked ? undefined : threads.before;
    this.#reached = threads.at(-1)?.updated ?? this.#reached;
    return { ...addThreads(inbox, threads), more: this.#next !== undefined };
  }

  /** Loads all threads that are hidden, or pinned, and adds them to the inbox. */
  async only(only: "hidden" | "pinned"): Promise<void> {
    for (let before: string | undefined; ; ) {
      const page = this.#chat.threads({ limit: LIMIT, only, ...(before !== undefined && { before }) });
      const threads = await this.#requests.apply(page, addThreads);
      if (threads.before === undefined || threads.before === before) return;
      before = threads.before;
    }
  }

  /** Loads pages after the last one, until one has a thread that is not known. */
  async next({ conversations }: Inbox): Promise<void> {
    while (this.#next !== undefined) {
      const before = this.#next;
      const page = this.#chat.threads({ limit: LIMIT, before }).catch((error) => {
        if (codeOf(error) !== "thread_not_found" || this.#reached === undefined || before === this.#reached)
          throw error;
        // The thread in whose place the list goes on was deleted.
        return this.#chat.threads({ limit: LIMIT, before: this.#reached });
      });
      const threads = await this.#requests.apply(page, (inbox, found) => this.add(inbox, found, before));
      if (threads.some(({ id }) => !conversations.has(id))) return;
    }
  }
}
