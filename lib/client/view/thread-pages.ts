import type { Chat } from "../protocol/chat.js";
import { codeOf } from "../protocol/problem.js";
import type { ThreadPage } from "../protocol/stanza.js";
import { addThreads, type Inbox } from "./inbox.js";
import type { Requests } from "./requests.js";

// Threads per page: the most that the deployment returns. Those after the first page are loaded on demand.
const LIMIT = 100;
// So many threads are rather asked for one by one: a page brings all of its threads with their members.
const FEW = 10;

/** Loads a user's threads page by page, those with the latest activity first. */
export class ThreadPages {
  readonly #chat: Chat;
  readonly #requests: Requests;
  /** Where the next page begins. */
  #next: string | undefined;
  /** The time of the last thread of the last page. */
  #reached: string | undefined;
  /** Threads that are to be loaded again, and whether that is under way. */
  readonly #stale = new Set<string>();
  #isRenewing = false;

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

  /** Notes threads that are to be loaded again; returns whether `renew` is to be called for that, as it is not under way. */
  doubt(ids: readonly string[]): boolean {
    for (const id of ids) this.#stale.add(id);
    return !this.#isRenewing;
  }

  /** Loads what was noted again, many threads by pages from the first one; returns those that are left. After a failure, all of it waits on. */
  async renew(): Promise<string[]> {
    const left = new Set<string>();
    this.#isRenewing = true;
    try {
      while (this.#stale.size > 0) {
        for (const id of this.#stale) left.add(id);
        this.#stale.clear();
        await this.#loadPages(left);
      }
      return [...left];
    } catch (error) {
      for (const id of left) this.#stale.add(id);
      throw error;
    } finally {
      this.#isRenewing = false;
    }
  }

  /** Loads pages until few of the wanted threads are left. */
  async #loadPages(wanted: Set<string>): Promise<void> {
    for (let before: string | undefined; wanted.size > FEW; ) {
      const page = this.#chat.threads({ limit: LIMIT, ...(before !== undefined && { before }) });
      const threads = await this.#requests.apply(page, addThreads);
      for (const { id } of threads) wanted.delete(id);
      if (threads.before === undefined || threads.before === before) return;
      before = threads.before;
    }
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
