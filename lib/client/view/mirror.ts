import type { Chat, ChatEvent } from "../protocol/chat.js";
import { codeOf } from "../protocol/problem.js";
import type { Thread } from "../protocol/stanza.js";
import { oldest, prepend } from "./conversation.js";
import { apply, EMPTY, enter, type Inbox, leave, meet, quiet, update } from "./inbox.js";
import { topicOf } from "./topic.js";

/** Threads that are listed; older ones come when something happens in them. */
const LISTED = 100;
/** Messages a page: more than a screen holds, less than takes time to draw. */
const PAGE = 50;
const TICK_MS = 2_000;
const AGAIN_MS = 3_000;
/** Several people may come at once; all are looked for together. */
const GREETING_MS = 1_000;

const TYPES = [
  ...(["message", "presence", "typing", "receipt", "delivered", "edit", "retract"] as const),
  ...(["reaction", "thread", "block", "setting", "history", "resync", "state"] as const),
];

/** Keeps a picture of a chat up to date: its threads, messages and people. */
export class Mirror {
  readonly #chat: Chat;
  readonly #listeners = new Set<() => void>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #ends: (() => void)[];
  // What happened in threads that are being loaded.
  #waiting: ChatEvent[] = [];
  #inbox: Inbox = EMPTY;
  #ready = false;
  #greeting: ReturnType<typeof setTimeout> | undefined;
  #begin: () => void = () => {};
  /** Resolves when one's threads are known. */
  readonly started = new Promise<void>((resolve) => {
    this.#begin = resolve;
  });

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#inbox = { ...EMPTY, state: chat.state };
    const tick = setInterval(() => this.edit((inbox) => quiet(inbox, Date.now())), TICK_MS);
    this.#ends = [...TYPES.map((type) => chat.on(type, (event) => this.#take(event))), () => clearInterval(tick)];
    this.#start();
  }

  /** The picture: another object whenever something has changed, so that it can be compared. */
  get inbox(): Inbox {
    return this.#inbox;
  }

  /** Whether one's threads are known. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Calls after each change; answers how to stop that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes the picture by hand. */
  edit(change: (inbox: Inbox) => Inbox): void {
    const next = change(this.#inbox);
    if (next === this.#inbox) return;
    this.#inbox = next;
    for (const listener of this.#listeners) listener();
  }

  /** Takes in a thread that was just made or joined. */
  enter(thread: Thread): void {
    this.edit((inbox) => enter(inbox, [thread]));
    this.#replay();
    this.#greet();
  }

  /** Makes sure that a thread is there, with the newest page of its history. */
  async open(thread: string): Promise<void> {
    if (!this.#inbox.conversations.has(thread)) await this.#load(thread);
    if (this.#inbox.conversations.get(thread)?.older === undefined) await this.older(thread);
  }

  /** Loads the page of history before what is loaded, one at a time. */
  older(thread: string): Promise<void> {
    return this.#once(`history ${thread}`, async () => {
      const conversation = this.#inbox.conversations.get(thread);
      if (conversation === undefined || conversation.older === false) return;
      const before = oldest(conversation);
      const page = await this.#chat.history(thread, { limit: PAGE, ...(before === undefined ? {} : { before }) });
      this.edit((inbox) => {
        const senders = page.messages.map(({ sender }) => sender);
        return meet(
          update(inbox, thread, (it) => prepend(it, page)),
          senders,
        );
      });
    });
  }

  /** Stops looking; the chat goes on. */
  close(): void {
    for (const end of this.#ends) end();
    clearTimeout(this.#greeting);
    this.#listeners.clear();
  }

  #start(): void {
    this.#once("threads", async () => {
      const threads = await this.#chat.threads({ limit: LISTED });
      const me = this.#chat.me ?? (await this.#chat.actors())[0];
      this.#ready = true;
      this.edit((inbox) => enter(meet({ ...inbox, me }, [me]), threads));
      this.#replay();
      this.#begin();
      const blocked = await this.#chat.blocks();
      this.edit((inbox) => ({ ...inbox, blocked: new Set(blocked) }));
    }).catch(() => this.#again());
  }

  /** Follows, but does not know one's threads: tries again. While nothing can be reached, the next `online` does. */
  #again(): void {
    if (this.#ready || this.#chat.state !== "online") return;
    const timer = setTimeout(() => this.#start(), AGAIN_MS);
    this.#ends.push(() => clearTimeout(timer));
  }

  #take(event: ChatEvent): void {
    const thread = topicOf(event);
    if (thread !== undefined && !this.#inbox.conversations.has(thread)) {
      this.#waiting.push(event);
      if (this.#ready) this.#load(thread).catch(() => {});
      return;
    }
    this.edit((inbox) => apply(inbox, event, Date.now()));
    if (event.type === "thread" && event.thread.action === "added") this.#greet();
    if (event.type === "resync") for (const { id } of event.threads) this.#load(id).catch(() => {});
    // Whatever could not be loaded while nothing could be reached.
    if (event.type === "state" && event.state === "online" && !this.#ready) this.#start();
  }

  /** Looks who of those that one meets is there: the stream tells of it only when that changes. */
  #greet(): void {
    clearTimeout(this.#greeting);
    this.#greeting = setTimeout(async () => {
      const presence = await this.#chat.friends().catch(() => []);
      this.edit((inbox) => apply(inbox, { type: "presence", presence }, Date.now()));
    }, GREETING_MS);
  }

  #load(thread: string): Promise<void> {
    return this.#once(`thread ${thread}`, async () => {
      try {
        const found = await this.#chat.thread(thread);
        const opened = this.#inbox.conversations.get(thread)?.older !== undefined;
        this.edit((inbox) => enter(inbox, [found]));
        if (opened) void this.open(thread).catch(() => {});
      } catch (error) {
        if (codeOf(error) === "thread_not_found") this.#drop(thread);
        throw error;
      }
      this.#replay();
    });
  }

  #drop(thread: string): void {
    this.#waiting = this.#waiting.filter((event) => topicOf(event) !== thread);
    this.edit((inbox) => leave(inbox, thread));
  }

  /** Applies what waited for a thread that is there now; loads the others. */
  #replay(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const event of waiting) this.#take(event);
  }

  #once(key: string, run: () => Promise<void>): Promise<void> {
    const running = this.#running.get(key) ?? run().finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }
}
