import type { Attention } from "./environment/attention.js";
import { type Clock, delay } from "./environment/backoff.js";
import { findBase } from "./environment/base.js";
import { Ledger } from "./follow/continuity.js";
import { Feed } from "./follow/feed.js";
import { Path } from "./follow/network-path.js";
import { tellerOf } from "./follow/stanza-events.js";
import { Stream } from "./follow/stream.js";
import { Keeper } from "./http/credential.js";
import { Deployment } from "./http/deployment.js";
import type { Page } from "./page.js";
import type { ChatEvent, ConnectOptions, Credential, State } from "./protocol/chat.js";
import { Hearing } from "./protocol/event-emitter.js";
import { ChatError, type Problem } from "./protocol/problem.js";
import type { Report } from "./protocol/report.js";
import type { Actor, Draft, Sent } from "./protocol/stanza.js";
import type { Sender } from "./send/sender.js";
import type { Tabs } from "./tabs/tabs.js";

const PATIENCE_MS = 5_000;

// Outside of a page somebody always looks.
const ATTENTION: Attention = { visible: true, offline: false, on: () => () => {} };

/** One user's connection, from the first question who they are until it is closed. */
export class Session {
  me: Actor | undefined;
  state: State = "connecting";
  readonly ledger = new Ledger();
  readonly hearing = new Hearing();
  readonly deployment: Deployment;
  stream: Stream | undefined;
  readonly #options: ConnectOptions;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  readonly #sending: Promise<Sender>;
  readonly #tell = (event: ChatEvent) => this.hearing.tell(event);
  #sender: Sender | undefined;
  #tabs: Tabs | undefined;

  constructor(options: ConnectOptions, clock: Clock) {
    this.#options = { persist: true, share: true, ...options };
    this.#clock = clock;
    const { signal } = this.#closed;
    const base = findBase(options.url, import.meta.url);
    const fetcher: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
    const own = () => this.deployment.request<Credential>("token", { method: "POST", signal });
    const make = options.getToken ?? own;
    this.deployment = new Deployment(base, fetcher, new Keeper(options.token, make, signal), clock, signal);
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

  /** Sends a stanza about a message, after what was sent before it. */
  async say(type: string, payload: object): Promise<void> {
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
    this.#become("closed");
    this.hearing.end();
  }

  /** Begins to follow, and answers the name of what this user keeps in this browser. */
  async #start(): Promise<string | undefined> {
    const { share, persist } = this.#options;
    const { deployment } = this;
    const { signal } = this.#closed;
    const loading = typeof document === "undefined" ? undefined : import("./page.js").catch(() => undefined);
    const credential = await this.#identify();
    // Whoever sends knows what is one's own of what is delivered; but its file may not be had.
    await Promise.race([this.#sending, this.#clock.wait(PATIENCE_MS, signal)]);
    const page = (await loading)?.page(deployment.base, { share, persist });
    signal.throwIfAborted();
    const name = this.me && `nereid-chat ${deployment.base} ${this.me.id}`;
    const shelf = this.me && page?.shelfOf(this.me.id);
    const kept = shelf?.get("cursor");
    const stream = this.#follow(page);
    stream.feed.at = kept ?? credential.cursor;
    stream.feed.reached = (cursor) => shelf?.set("cursor", cursor);
    if (name !== undefined) this.#tabs = page?.share(name, stream);
    if (this.#tabs === undefined) void stream.lead(signal);
    if (kept !== undefined) void this.#greet();
    return page && persist ? name : undefined;
  }

  #follow(page: Page | undefined): Stream {
    const { deployment, ledger } = this;
    const closed = this.#closed.signal;
    const clock = this.#clock;
    const isNews = (id: string) => this.#sender?.delivered(id) ?? true;
    const teller = tellerOf(this.#tell, ledger, isNews, deployment, () => this.me?.id);
    const path = new Path(page?.shelfOf(""), clock.now());
    const around = { deployment, clock, attention: page?.attention ?? ATTENTION, path, closed };
    const became = (state: State, problem?: Problem) => this.#become(state, problem);
    this.stream = new Stream(around, new Feed(ledger, teller.hand, closed), { became, lost: teller.lost });
    return this.stream;
  }

  /** Finds out who the user is, for as long as it takes. */
  #identify(): Promise<Credential> {
    const once = async () => {
      const credential = await this.deployment.keeper.get();
      this.me = credential.actor ?? (await this.deployment.whoami());
      return credential;
    };
    return this.deployment.retry(once, ({ problem }) => {
      this.#become("offline", problem);
      return true;
    });
  }

  async #openSender(name: Promise<string | undefined>): Promise<Sender> {
    const { Sender } = await this.#load();
    const client = {
      me: () => this.me,
      isOnline: () => this.state === "online",
      tell: this.#tell,
      send: (stanzas: object[]) => this.deployment.send(stanzas),
      accepted: () => {
        this.stream?.follower.wake();
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

  async #load(): Promise<typeof import("./send/sender.js")> {
    for (let failures = 1; ; failures++) {
      try {
        return await import("./send/sender.js");
      } catch {
        await this.#clock.wait(delay(failures, this.#clock.random()), this.#closed.signal);
        this.#closed.signal.throwIfAborted();
      }
    }
  }

  /** Tells who is there: the page before this one knew, so the stream does not say it again. */
  async #greet(): Promise<void> {
    const answer = await this.deployment.call<{ friends: [] }>("friends").catch(() => undefined);
    if (answer?.friends.length) this.#tell({ type: "presence", presence: answer.friends });
  }

  #become(state: State, problem?: Problem): void {
    if (this.state === state || this.state === "closed") return;
    this.state = state;
    if (state === "online") void this.#sender?.drain();
    this.#tell({ type: "state", state, ...(problem && { problem }) });
  }
}
