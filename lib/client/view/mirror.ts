import type { Chat, ChatEvent } from "../protocol/chat.js";
import { codeOf } from "../protocol/problem.js";
import type { Thread } from "../protocol/stanza.js";
import { oldest, prependHistory } from "./conversation.js";
import {
  addActors,
  addThreads,
  applyEvent,
  EMPTY,
  expireAllTyping,
  type Inbox,
  removeThread,
  update,
} from "./inbox.js";
import { topicOf } from "./topic.js";

// Threads that are loaded at the start; older ones are loaded when an event concerns them.
const THREADS_LIMIT = 100;
// Messages per page: more than a screen shows, and few enough to render quickly.
const PAGE_LIMIT = 50;
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
  readonly #running = new Map<string, Promise<void>>();
  readonly #cleanups: (() => void)[];
  // Events of threads that are not loaded yet.
  #deferred: ChatEvent[] = [];
  #inbox: Inbox = EMPTY;
  #ready = false;
  #presenceTimer: ReturnType<typeof setTimeout> | undefined;
  #resolveStarted: () => void = () => {};
  /** Resolves when the user's threads are loaded. */
  readonly started = new Promise<void>((resolve) => {
    this.#resolveStarted = resolve;
  });

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#inbox = { ...EMPTY, state: chat.state };
    const tick = setInterval(() => this.edit((inbox) => expireAllTyping(inbox, Date.now())), TICK_MS);
    this.#cleanups = [
      ...TYPES.map((type) => chat.on(type, (event) => this.#onEvent(event))),
      () => clearInterval(tick),
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
    for (const listener of this.#listeners) listener();
  }

  /** Adds a thread that was just created or joined. */
  enter(thread: Thread): void {
    this.edit((inbox) => addThreads(inbox, [thread]));
    this.#replay();
    this.#loadPresence();
  }

  /** Loads a thread and the newest page of its history, unless they are loaded. */
  async open(thread: string): Promise<void> {
    if (!this.#inbox.conversations.has(thread)) await this.#load(thread);
    if (this.#inbox.conversations.get(thread)?.older === undefined) await this.older(thread);
  }

  /** Loads the page of history before the loaded messages; never two at once. */
  older(thread: string): Promise<void> {
    return this.#once(`history ${thread}`, async () => {
      const conversation = this.#inbox.conversations.get(thread);
      if (conversation === undefined || conversation.older === false) return;
      const before = oldest(conversation);
      const page = await this.#chat.history(thread, { limit: PAGE_LIMIT, ...(before === undefined ? {} : { before }) });
      this.edit((inbox) => {
        const senders = page.messages.map(({ sender }) => sender);
        return addActors(
          update(inbox, thread, (it) => prependHistory(it, page)),
          senders,
        );
      });
    });
  }

  /** Unsubscribes from the chat, which stays open. */
  close(): void {
    for (const cleanup of this.#cleanups) cleanup();
    clearTimeout(this.#presenceTimer);
    this.#listeners.clear();
  }

  #start(): void {
    this.#once("threads", async () => {
      const threads = await this.#chat.threads({ limit: THREADS_LIMIT });
      const me = this.#chat.me ?? (await this.#chat.actors())[0];
      this.#ready = true;
      this.edit((inbox) => addThreads(addActors({ ...inbox, me }, [me]), threads));
      this.#replay();
      this.#resolveStarted();
      const blocked = await this.#chat.blocks();
      this.edit((inbox) => ({ ...inbox, blocked: new Set(blocked) }));
    }).catch(() => this.#retry());
  }

  /** Retries the start. While the chat is offline, the next `online` event does that. */
  #retry(): void {
    if (this.#ready || this.#chat.state !== "online") return;
    const timer = setTimeout(() => this.#start(), RETRY_MS);
    this.#cleanups.push(() => clearTimeout(timer));
  }

  #onEvent(event: ChatEvent): void {
    const thread = topicOf(event);
    if (thread !== undefined && !this.#inbox.conversations.has(thread)) {
      this.#deferred.push(event);
      if (this.#ready) this.#load(thread).catch(() => {});
      return;
    }
    this.edit((inbox) => applyEvent(inbox, event, Date.now()));
    if (event.type === "thread" && event.thread.action === "added") this.#loadPresence();
    if (event.type === "resync") for (const { id } of event.threads) this.#load(id).catch(() => {});
    // Load what could not be loaded while the chat was offline.
    if (event.type === "state" && event.state === "online" && !this.#ready) this.#start();
  }

  /** Loads the presence of new contacts: the stream reports only changes. */
  #loadPresence(): void {
    clearTimeout(this.#presenceTimer);
    this.#presenceTimer = setTimeout(async () => {
      const presence = await this.#chat.friends().catch(() => []);
      this.edit((inbox) => applyEvent(inbox, { type: "presence", presence }, Date.now()));
    }, PRESENCE_DELAY_MS);
  }

  #load(thread: string): Promise<void> {
    return this.#once(`thread ${thread}`, async () => {
      try {
        const found = await this.#chat.thread(thread);
        const opened = this.#inbox.conversations.get(thread)?.older !== undefined;
        this.edit((inbox) => addThreads(inbox, [found]));
        if (opened) void this.open(thread).catch(() => {});
      } catch (error) {
        if (codeOf(error) === "thread_not_found") this.#drop(thread);
        throw error;
      }
      this.#replay();
    });
  }

  #drop(thread: string): void {
    this.#deferred = this.#deferred.filter((event) => topicOf(event) !== thread);
    this.edit((inbox) => removeThread(inbox, thread));
  }

  /** Applies the deferred events of threads that are loaded now; loads the other threads. */
  #replay(): void {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const event of deferred) this.#onEvent(event);
  }

  #once(key: string, run: () => Promise<void>): Promise<void> {
    const running = this.#running.get(key) ?? run().finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }
}
