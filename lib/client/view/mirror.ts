import type { Chat, ChatEvent } from "../protocol/chat.js";
import { codeOf, isPassing } from "../protocol/problem.js";
import type { Thread } from "../protocol/stanza.js";
import { HistoryPages } from "./history-pages.js";
import { addActors, addThreads, applyEvent, EMPTY, expireAllTyping, type Inbox, removeThread } from "./inbox.js";
import { Newcomers } from "./newcomers.js";
import { Reloads } from "./reloads.js";
import { Requests } from "./requests.js";
import { SingleFlight } from "./single-flight.js";
import { ThreadPages } from "./thread-pages.js";
import { topicOf } from "./topic.js";

const TICK_MS = 2_000;
const RETRY_MS = 3_000;
// Several users may join at once; one request serves all of them.
const PRESENCE_DELAY_MS = 1_000;

const TYPES = [
  ...(["message", "presence", "typing", "receipt", "delivered", "edit", "retract"] as const),
  ...(["reaction", "thread", "block", "setting", "history", "resync", "state"] as const),
];

/** Keeps an inbox up to date with a chat: its threads, messages and users. */
export class Mirror {
  readonly #chat: Chat;
  readonly #listeners = new Set<() => void>();
  readonly #cleanups: (() => void)[];
  readonly #newcomers: Newcomers;
  /** Threads that were opened, and whose history may not be loaded yet. */
  readonly #opened = new Set<string>();
  readonly #flights = new SingleFlight();
  readonly #reloads = new Reloads(() => this.#retry());
  readonly #requests: Requests;
  readonly #pages: ThreadPages;
  readonly history: HistoryPages;
  // Events of threads that are not loaded yet.
  #deferred: ChatEvent[] = [];
  #inbox: Inbox = EMPTY;
  #ready = false;
  #presenceTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #resolveStarted: () => void = () => {};
  /** Resolves when the user's threads are loaded. */
  readonly started = new Promise<void>((resolve) => {
    this.#resolveStarted = resolve;
  });

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#requests = new Requests((change) => this.edit(change));
    this.#pages = new ThreadPages(chat, this.#requests);
    this.history = new HistoryPages(chat, this.#requests, () => this.#inbox);
    this.#newcomers = new Newcomers(
      (ids) => chat.actors(ids),
      (actors) => this.edit((inbox) => addActors(inbox, actors)),
      () => this.#retry(),
    );
    this.#inbox = { ...EMPTY, state: chat.state };
    const tick = setInterval(() => this.edit((inbox) => expireAllTyping(inbox, Date.now())), TICK_MS);
    this.#cleanups = [
      ...TYPES.map((type) => chat.on(type, (event) => this.#onEvent(event))),
      () => clearInterval(tick),
      () => this.#newcomers.close(),
    ];
    this.#start();
  }

  /** The current inbox: a new object whenever something has changed, so that it can be compared by identity. */
  get inbox(): Inbox {
    return this.#inbox;
  }

  /** Whether the user's threads are loaded. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Calls `listener` after each change; returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Applies a change that no event reports. */
  edit(change: (inbox: Inbox) => Inbox): void {
    const next = change(this.#inbox);
    if (next === this.#inbox) return;
    this.#inbox = next;
    this.#newcomers.look(next);
    for (const listener of this.#listeners) listener();
  }

  /** Adds a thread that was just created or joined. */
  enter(thread: Thread): void {
    this.edit((inbox) => addThreads(inbox, [thread]));
    this.#replay();
    this.#loadPresence();
  }

  /** Loads a thread and the newest page of its history, unless they are loaded. What fails is loaded once the chat is online again. */
  async open(thread: string): Promise<void> {
    this.#opened.add(thread);
    try {
      if (!this.#inbox.conversations.has(thread)) await this.#load(thread);
      if (this.#inbox.conversations.get(thread)?.older === undefined) await this.older(thread);
    } catch (error) {
      if (isPassing(error)) this.#retry();
      throw error;
    }
  }

  /** Loads the page of history before the messages that are shown; never two at once. */
  older(thread: string): Promise<void> {
    return this.history.older(thread);
  }

  /** Loads the threads that are hidden, and adds them to the inbox. */
  hidden(): Promise<void> {
    return this.#flights.run("hidden", () => this.#pages.only("hidden"));
  }

  /** Loads the next page of conversations, those with older activity; never two at once. `inbox.more` tells whether there are any. */
  more(): Promise<void> {
    return this.#flights.run("more", async () => {
      if (this.#inbox.more) await this.#pages.next(this.#inbox);
    });
  }

  /** Loads all conversations, page by page, so that a search finds each. */
  async all(): Promise<void> {
    await this.started;
    while (this.#inbox.more) await this.more();
  }

  /** Unsubscribes from the chat, which stays open. */
  close(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    clearTimeout(this.#presenceTimer);
    clearTimeout(this.#retryTimer);
    this.#listeners.clear();
  }

  #start(): void {
    this.#flights
      .run("threads", async () => {
        const first = async () => {
          const threads = await this.#pages.first();
          return { threads, me: this.#chat.me ?? (await this.#chat.actors())[0] };
        };
        await this.#requests.apply(first(), (inbox, { threads, me }) =>
          this.#pages.add(addActors({ ...inbox, me }, [me]), threads),
        );
        this.#ready = true;
        this.#replay();
        this.#resolveStarted();
        this.#reloads.run("blocks", () => this.#loadBlocks());
        // Those among the older conversations are shown first, too.
        if (this.#inbox.more) this.#reloads.run("pinned", () => this.#pages.only("pinned"));
      })
      .catch(() => this.#retry());
  }

  async #loadBlocks(): Promise<void> {
    await this.#requests.apply(this.#chat.blocks(), (inbox, blocked) => ({ ...inbox, blocked: new Set(blocked) }));
  }

  /** Retries what has failed. While the chat is offline, the next `online` event does that. */
  #retry(): void {
    if (this.#chat.state !== "online" || this.#cleanups.length === 0) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#catchUp(), RETRY_MS);
  }

  /** Loads what could not be loaded. */
  #catchUp(): void {
    if (!this.#ready) this.#start();
    this.#reloads.retry();
    this.#newcomers.retry(this.#inbox);
    this.#openAgain();
  }

  /** Loads the history of what was opened and has none. */
  #openAgain(): void {
    for (const thread of this.#opened) {
      const loaded = this.#inbox.conversations.get(thread)?.older !== undefined;
      if (this.#ready && !loaded) this.open(thread).catch(() => {});
    }
  }

  #onEvent(event: ChatEvent): void {
    this.#requests.onEvent(event);
    const thread = topicOf(event);
    if (thread !== undefined && !this.#inbox.conversations.has(thread)) {
      this.#deferred.push(event);
      if (this.#ready) this.#reload(thread);
      return;
    }
    const before = this.#inbox;
    this.edit((inbox) => applyEvent(inbox, event, Date.now()));
    this.#follow(event, before);
  }

  /** Loads what an event tells only in part. */
  #follow(event: ChatEvent, before: Inbox): void {
    if (event.type === "thread" && event.thread.action === "added") this.#loadPresence();
    if (event.type === "resync" && this.#pages.doubt(event.threads.map(({ id }) => id)))
      this.#reloads.run("resync", async () => {
        for (const id of await this.#pages.renew()) this.#reload(id);
        this.#openAgain();
      });
    // How many messages are unread is not told with these.
    if (event.type === "setting" && event.setting.muted === false) this.#reload(event.setting.thread);
    if (event.type === "retract" && before === this.#inbox) this.#recount(event.retract.thread);
    if (event.type !== "state" || event.state !== "online") return;
    // Offline, the presence of others was forgotten.
    if (this.#ready) this.#loadPresence();
    this.#catchUp();
  }

  /** A message that is not loaded was retracted: it may have been unread. */
  #recount(thread: string): void {
    if ((this.#inbox.conversations.get(thread)?.unreadCount ?? 0) > 0) this.#reload(thread);
  }

  /** Loads the presence of contacts: the stream reports only changes. */
  #loadPresence(): void {
    clearTimeout(this.#presenceTimer);
    this.#presenceTimer = setTimeout(() => {
      this.#reloads.run("presence", async () => {
        await this.#requests.apply(this.#chat.friends(), (inbox, presence) =>
          applyEvent(inbox, { type: "presence", presence }, Date.now()),
        );
      });
    }, PRESENCE_DELAY_MS);
  }

  #reload(thread: string): void {
    this.#reloads.run(`thread ${thread}`, () => this.#load(thread));
  }

  #load(thread: string): Promise<void> {
    return this.#flights.run(`thread ${thread}`, async () => {
      try {
        await this.#requests.apply(this.#chat.thread(thread), (inbox, found) => addThreads(inbox, [found]));
        const opened = this.#opened.has(thread);
        const whole = this.#inbox.conversations.get(thread)?.older !== undefined;
        if (opened && !whole) void this.older(thread).catch(() => this.#retry());
      } catch (error) {
        if (codeOf(error) === "thread_not_found") this.#drop(thread);
        throw error;
      }
      this.#replay();
    });
  }

  #drop(thread: string): void {
    this.#opened.delete(thread);
    this.#deferred = this.#deferred.filter((event) => topicOf(event) !== thread);
    this.edit((inbox) => removeThread(inbox, thread));
  }

  /** Applies the deferred events of threads that are loaded now; loads the other threads. */
  #replay(): void {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const event of deferred) this.#onEvent(event);
  }
}
