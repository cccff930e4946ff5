import { onAbort } from "./environment/abort.js";
import type { Clock } from "./environment/backoff.js";
import { findBase } from "./environment/base.js";
import { loadLater } from "./environment/load-later.js";
import { ContinuityTracker } from "./follow/continuity.js";
import { Feed } from "./follow/feed.js";
import type { live } from "./follow/live.js";
import { stanzaEvents } from "./follow/stanza-events.js";
import type { Stream } from "./follow/stream.js";
import type { Calls } from "./http/calls.js";
import { CredentialCache } from "./http/credential.js";
import { Deployment } from "./http/deployment.js";
import type { Page } from "./page.js";
import type { Chat, ChatEvent, ConnectOptions, Credential, State } from "./protocol/chat.js";
import { EventEmitter } from "./protocol/event-emitter.js";
import { ChatError, type Problem } from "./protocol/problem.js";
import type { Report } from "./protocol/report.js";
import type { Actor, Draft, Sent } from "./protocol/stanza.js";
import type { Sender } from "./send/sender.js";
import type { Tabs } from "./tabs/tabs.js";

// The first poll waits so long for the sender to load.
const SENDER_TIMEOUT_MS = 5_000;

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
  readonly #page: Promise<Page>;
  readonly #live: Promise<typeof live>;
  readonly #started: Promise<string | undefined>;
  readonly #sending: Promise<Sender>;
  readonly #emit = (event: ChatEvent) => this.events.emit(event);
  readonly #setState = (state: State, problem?: Problem): void => {
    if (this.state === "closed" || (this.state === state && problem?.code === this.#problem)) return;
    [this.state, this.#problem] = [state, problem?.code];
    if (state === "online") void this.#sender?.drain();
    this.#emit({ type: "state", state, ...(problem && { problem }) });
  };
  /** Why the chat is offline, by code: another reason is told as well. */
  #problem: string | undefined;
  #sender: Sender | undefined;
  #tabs: Tabs | undefined;
  #presence: Parameters<Chat["presence"]>[0] | undefined;

  constructor(options: ConnectOptions, clock: Clock) {
    this.#options = { persist: true, share: true, ...options };
    this.#clock = clock;
    const { signal } = this.#closed;
    const base = findBase(options.url, import.meta.url, options.basePath);
    const fetcher: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
    const byCookie = () => this.deployment.request<Credential>("token", { method: "POST", has: "token", signal });
    const events = {
      whois: (token: string) => this.deployment.whois(token),
      // A presence belongs to the token with which it was set.
      renewed: () => this.#repeatPresence(),
      lost: (error: ChatError) => this.#end(error),
    };
    const credentials = new CredentialCache(options.token, options.getToken ?? byCookie, events, signal);
    this.deployment = new Deployment(base, fetcher, credentials, clock, signal);
    if (options.signal)
      onAbort(
        signal,
        onAbort(options.signal, () => this.close()),
      );
    this.#page = this.#loadPage();
    this.#live = loadLater(() => import("./follow/live.js"), clock, signal).then((it) => it.live);
    this.#started = Promise.resolve().then(() => this.#start());
    // Calls need not wait for the answer to whose token it is: the stream goes on from where it was before the first of them.
    this.deployment.begin(this.#page, this.#started);
    this.#sending = this.#openSender(this.#started);
    for (const promise of [this.#started, this.#sending, this.#page, this.#live]) promise.catch(() => {});
  }

  async send(draft: Draft): Promise<Sent> {
    return (await this.#sending).message(draft);
  }

  /** Sends a stanza about a message, after all that was sent before it. */
  async sendStanza(type: string, payload: object): Promise<void> {
    await (await this.#sending).put({ type, [type]: payload });
  }

  async withdraw(id: string): Promise<boolean> {
    return (await this.#sending).withdraw(id);
  }

  /** Makes one of the calls that are one request each. Their code is loaded with the sender. */
  async call(name: keyof Calls, args: unknown[]) {
    return Reflect.apply((await this.#sending).calls[name], undefined, args);
  }

  async presence(presence: Parameters<Chat["presence"]>[0]): Promise<void> {
    this.#presence = presence;
    await this.call("presence", [presence]);
  }

  async report(): Promise<Report> {
    await this.#started;
    if (this.stream === undefined) throw this.#closed.signal.reason;
    return (await import("./follow/probe.js")).probe(this.stream);
  }

  /** Turns pushes to this browser on; without options, off. */
  async push(options?: Parameters<Chat["push"]>[0]): Promise<void> {
    await this.#started;
    await (await this.#page).push(this.me?.id ?? "", this.deployment, options);
  }

  close(): void {
    this.#end(new ChatError({ code: "closed", status: 0, title: "The chat is closed" }));
  }

  /** Closes, revokes the token, and removes what this browser stores of the user. */
  async forget(): Promise<void> {
    this.close();
    if (this.me !== undefined)
      await (await this.#page).forget(this.me.id, this.deployment, async () => this.#sender?.settled());
  }

  #end(error: ChatError): void {
    if (this.state === "closed") return;
    this.#closed.abort(error);
    this.#setState("closed", error.code === "closed" ? undefined : error.problem);
    this.events.end();
  }

  /** Starts reading the stream; returns the name under which this user's data is stored in this browser, if it is. */
  async #start(): Promise<string | undefined> {
    const { signal } = this.#closed;
    const [{ cursor }, page] = await Promise.all([this.#identify(), this.#page]);
    // The sender recognises the user's own messages in the stream. If its file cannot be loaded, continue without it.
    await Promise.race([this.#sending, this.#clock.wait(SENDER_TIMEOUT_MS, signal)]);
    signal.throwIfAborted();
    const me = this.me?.id;
    const stored = me && page.cursorOf(me);
    const stream = this.#openStream(page);
    stream.feed.cursor = stored || cursor;
    if (me) stream.feed.onCursor = (at) => page.storeOf(me).set("cursor", at);
    if (me) this.#tabs = page.share(me, stream);
    if (me) page.endOthersPushes(me).catch(() => {});
    if (this.#tabs === undefined) void stream.lead(signal);
    if (stored) void this.#loadPresence();
    return me && page.nameOf(me);
  }

  #openStream({ attention, path, stream }: Page): Stream {
    const { deployment, tracker } = this;
    const closed = this.#closed.signal;
    const clock = this.#clock;
    const isNew = (id: string) => this.#sender?.delivered(id) ?? true;
    const history = async (thread: string, seq: number) => (await this.#sending).history(thread, seq);
    const { handle, lost } = stanzaEvents(this.#emit, tracker, isNew, history, () => this.me?.id);
    const context = { deployment, clock, attention, path: path(clock.now()), live: this.#live, closed };
    this.stream = stream(context, new Feed(tracker, handle, closed), { setState: this.#setState, lost });
    return this.stream;
  }

  /** Gets the credential and the user; retries until that succeeds. */
  #identify(): Promise<Credential> {
    const once = async () => {
      const credential = await this.deployment.credentials.identify();
      this.me = credential.actor;
      return credential;
    };
    return this.deployment.retry(once, ({ problem }) => {
      this.#setState("offline", problem);
      return true;
    });
  }

  /** Loads what depends on the page. From then on, what waits is retried at once when the network is back or somebody looks. */
  async #loadPage(): Promise<Page> {
    const { page } = await loadLater(() => import("./page.js"), this.#clock, this.#closed.signal);
    const loaded = page(this.deployment.base, this.#options);
    const stop = loaded.attention.on((change) => {
      if (change === "hidden") this.#sender?.flushReceipts();
      if (change !== "visible" && change !== "online") return;
      this.deployment.wake();
      void this.#sender?.drain(true);
    });
    onAbort(this.#closed.signal, stop);
    return loaded;
  }

  async #openSender(name: Promise<string | undefined>): Promise<Sender> {
    const { deployment, tracker } = this;
    const { Sender } = await loadLater(() => import("./send/sender.js"), this.#clock, this.#closed.signal);
    const client = {
      ...{ deployment, tracker, emit: this.#emit, clock: this.#clock, closed: this.#closed.signal },
      me: () => this.me,
      isOnline: () => this.state === "online",
      accepted: () => {
        this.stream?.poller.wake();
        this.#tabs?.wake();
      },
    };
    this.#sender = new Sender(client, name);
    void this.#sender.resume().catch(() => {});
    return this.#sender;
  }

  /** Sends the user's presence again, with a new token. */
  #repeatPresence(): void {
    if (this.#presence !== undefined) this.call("presence", [this.#presence]).catch(() => {});
  }

  /** Emits the presence of all contacts. The stream does not repeat it after a reload, since the cursor is past it. */
  async #loadPresence(): Promise<void> {
    const options = { has: "friends" };
    const answer = await this.deployment.call<{ friends: [] }>("friends", options, Infinity).catch(() => undefined);
    if (answer?.friends.length) this.#emit({ type: "presence", presence: answer.friends });
  }
}
