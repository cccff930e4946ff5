import type { Attention } from "./environment/attention.js";
import { backoff, type Clock } from "./environment/backoff.js";
import { findBase } from "./environment/base.js";
import { ContinuityTracker } from "./follow/continuity.js";
import { Feed } from "./follow/feed.js";
import { NetworkPath } from "./follow/network-path.js";
import { stanzaEvents } from "./follow/stanza-events.js";
import { Stream } from "./follow/stream.js";
import { CredentialCache } from "./http/credential.js";
import { Deployment } from "./http/deployment.js";
import type { Page } from "./page.js";
import type { ChatEvent, ConnectOptions, Credential, State } from "./protocol/chat.js";
import { EventEmitter } from "./protocol/event-emitter.js";
import { ChatError, type Problem } from "./protocol/problem.js";
import type { Report } from "./protocol/report.js";
import type { Actor, Draft, Sent } from "./protocol/stanza.js";
import type { Sender } from "./send/sender.js";
import type { Tabs } from "./tabs/tabs.js";

// The first poll waits so long for the sender to load.
const SENDER_TIMEOUT_MS = 5_000;

// Outside of a page, the user counts as always present.
const ATTENTION: Attention = { visible: true, offline: false, on: () => () => {} };

/** One user's connection: builds the stream, the sender and the tabs, and holds the state. */
export class Session {
  me: Actor | undefined;
  state: State = "connecting";
  readonly tracker = new ContinuityTracker();
  readonly events = new EventEmitter();
  readonly deployment: Deployment;
  stream: Stream | undefined;
  readonly #options: ConnectOptions;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  readonly #sending: Promise<Sender>;
  readonly #emit = (event: ChatEvent) => this.events.emit(event);
  readonly #setState = (state: State, problem?: Problem): void => {
    if (this.state === state || this.state === "closed") return;
    this.state = state;
    if (state === "online") void this.#sender?.drain();
    this.#emit({ type: "state", state, ...(problem && { problem }) });
  };
  #sender: Sender | undefined;
  #tabs: Tabs | undefined;

  constructor(options: ConnectOptions, clock: Clock) {
    this.#options = { persist: true, share: true, ...options };
    this.#clock = clock;
    const { signal } = this.#closed;
    const base = findBase(options.url, import.meta.url);
    const fetcher: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
    const byCookie = () => this.deployment.request<Credential>("token", { method: "POST", signal });
    const create = options.getToken ?? byCookie;
    this.deployment = new Deployment(base, fetcher, new CredentialCache(options.token, create, signal), clock, signal);
    if (options.signal?.aborted) this.close();
    else options.signal?.addEventListener("abort", () => this.close(), { once: true });
    const started = Promise.resolve().then(() => this.#start());
    this.deployment.ready = started.then(() => {});
    this.#sending = this.#openSender(started);
    for (const promise of [this.deployment.ready, this.#sending]) promise.catch(() => {});
  }

  async send(draft: Draft): Promise<Sent> {
    return (await this.#sending).message(draft);
  }

  /** Sends a stanza about a message, after all that was sent before it. */
  async sendStanza(type: string, payload: object): Promise<void> {
    await (await this.#sending).put({ type, [type]: payload });
  }

  async report(): Promise<Report> {
    await this.deployment.ready;
    if (this.stream === undefined) throw this.#closed.signal.reason;
    return (await import("./follow/probe.js")).probe(this.stream);
  }

  close(): void {
    if (this.state === "closed") return;
    this.#closed.abort(new ChatError({ code: "closed", status: 0, title: "The chat is closed" }));
    this.#setState("closed");
    this.events.end();
  }

  /** Starts reading the stream; returns the name under which this user's data is stored in this browser, if it is. */
  async #start(): Promise<string | undefined> {
    const { share, persist } = this.#options;
    const { deployment } = this;
    const { signal } = this.#closed;
    const loading = typeof document === "undefined" ? undefined : import("./page.js").catch(() => undefined);
    const credential = await this.#identify();
    // The sender recognises the user's own messages in the stream. If its file cannot be loaded, continue without it.
    await Promise.race([this.#sending, this.#clock.wait(SENDER_TIMEOUT_MS, signal)]);
    const page = (await loading)?.page(deployment.base, { share, persist });
    signal.throwIfAborted();
    const name = this.me && `nereid-chat ${deployment.base} ${this.me.id}`;
    const store = this.me && page?.storeOf(this.me.id);
    const stored = store?.get("cursor");
    const stream = this.#openStream(page);
    stream.feed.cursor = stored ?? credential.cursor;
    stream.feed.onCursor = (cursor) => store?.set("cursor", cursor);
    if (name !== undefined) this.#tabs = page?.share(name, stream);
    if (this.#tabs === undefined) void stream.lead(signal);
    if (stored !== undefined) void this.#loadPresence();
    return page && persist ? name : undefined;
  }

  #openStream(page: Page | undefined): Stream {
    const { deployment, tracker } = this;
    const closed = this.#closed.signal;
    const clock = this.#clock;
    const isNew = (id: string) => this.#sender?.delivered(id) ?? true;
    const { handle, lost } = stanzaEvents(this.#emit, tracker, isNew, deployment, () => this.me?.id);
    const path = new NetworkPath(page?.storeOf(""), clock.now());
    const context = { deployment, clock, attention: page?.attention ?? ATTENTION, path, closed };
    this.stream = new Stream(context, new Feed(tracker, handle, closed), { setState: this.#setState, lost });
    return this.stream;
  }

  /** Gets the credential and the user; retries until that succeeds. */
  #identify(): Promise<Credential> {
    const once = async () => {
      const credential = await this.deployment.credentials.get();
      this.me = credential.actor ?? (await this.deployment.whoami());
      return credential;
    };
    return this.deployment.retry(once, ({ problem }) => {
      this.#setState("offline", problem);
      return true;
    });
  }

  async #openSender(name: Promise<string | undefined>): Promise<Sender> {
    const { Sender } = await this.#loadSender();
    const client = {
      me: () => this.me,
      isOnline: () => this.state === "online",
      emit: this.#emit,
      send: (stanzas: object[]) => this.deployment.send(stanzas),
      accepted: () => {
        this.stream?.poller.wake();
        this.#tabs?.wake();
      },
      Error: ChatError,
      clock: this.#clock,
      closed: this.#closed.signal,
    };
    this.#sender = new Sender(client, name);
    void this.#sender.resume().catch(() => {});
    return this.#sender;
  }

  async #loadSender(): Promise<typeof import("./send/sender.js")> {
    for (let failures = 1; ; failures++) {
      try {
        return await import("./send/sender.js");
      } catch {
        await this.#clock.wait(backoff(failures, this.#clock.random()), this.#closed.signal);
        this.#closed.signal.throwIfAborted();
      }
    }
  }

  /** Emits the presence of all contacts. The stream does not repeat it after a reload, since the cursor is past it. */
  async #loadPresence(): Promise<void> {
    const answer = await this.deployment.call<{ friends: [] }>("friends").catch(() => undefined);
    if (answer?.friends.length) this.#emit({ type: "presence", presence: answer.friends });
  }
}
