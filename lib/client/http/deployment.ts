import { linked } from "../environment/abort.js";
import { backoff, type Clock, Pause } from "../environment/backoff.js";
import type { Credential } from "../protocol/chat.js";
import { ChatError } from "../protocol/problem.js";
import type { Actor, Answer, Sent } from "../protocol/stanza.js";
import type { CredentialCache } from "./credential.js";
import { createRequester, type Requester, type RequestOptions } from "./request.js";

export type Posted = { results: Sent[]; error?: ChatError };

export type CallOptions = Partial<RequestOptions> & { token?: never };

// Calls are tried so often. Sending and polling never give up.
const ATTEMPTS = 3;
// When the network is back or somebody looks, the connection of a request that has waited for longer may have died without a sign.
const STALE_MS = 3_000;

/** Requests to the deployment as one user: with a token, and again with a new one when that is refused. */
export class Deployment {
  readonly base: string;
  /** The class that calls reject with. A module that loads later would bundle its own copy. */
  readonly Error = ChatError;
  readonly fetch: typeof fetch;
  readonly request: Requester;
  readonly credentials: CredentialCache;
  readonly closed: AbortSignal;
  /** Calls wait for this, so that what they read is never older than the position from which the stream continues. */
  #ready: Promise<unknown> = Promise.resolve();
  /** Whether it is known who the user is. Until then that is asked without end, and calls do not give up, either. */
  #hasBegun = true;
  readonly #clock: Clock;
  readonly #pauses = new Set<Pause>();
  /** The requests under way that are made again when they fail. */
  readonly #requests = new Set<{ at: number; abort(): void }>();

  constructor(base: string, fetcher: typeof fetch, credentials: CredentialCache, clock: Clock, closed: AbortSignal) {
    this.base = base;
    this.fetch = fetcher;
    this.request = createRequester(base, fetcher);
    this.credentials = credentials;
    this.#clock = clock;
    this.closed = closed;
  }

  /** Lets calls wait for `ready`, and not give up before `begun`. */
  begin(ready: Promise<unknown>, begun: Promise<unknown>): void {
    this.#ready = ready;
    this.#hasBegun = false;
    begun.then(
      () => (this.#hasBegun = true),
      () => {},
    );
  }

  /** Makes a request, and retries it when a retry may succeed. */
  async call<T>(path: string, { signal = this.closed, ...options }: CallOptions = {}, attempts = ATTEMPTS): Promise<T> {
    await this.#ready;
    const once = () => this.with(({ token }) => this.#request<T>(path, { ...options, token, signal }));
    return this.retry(once, (error, failures) => error.passing && (failures < attempts || !this.#hasBegun));
  }

  /** Retries `once` with backoff until it succeeds, or `goesOn` returns false. */
  async retry<T>(once: () => Promise<T>, goesOn: (error: ChatError, failures: number) => boolean): Promise<T> {
    const pause = new Pause(this.#clock);
    this.#pauses.add(pause);
    try {
      for (let failures = 1; ; failures++) {
        try {
          this.closed.throwIfAborted();
          return await once();
        } catch (error) {
          if (this.closed.aborted || !(error instanceof ChatError) || !goesOn(error, failures)) throw error;
          await pause.wait(error.retryAfter, backoff(failures, this.#clock.random()), this.closed);
        }
      }
    } finally {
      this.#pauses.delete(pause);
    }
  }

  /** Retries at once whatever waits to be retried, or for a dead connection: the network is back, or somebody looks at the page. */
  wake(): void {
    for (const pause of this.#pauses) pause.wake(true);
    for (const { at, abort } of this.#requests) if (Math.abs(this.#clock.now() - at) > STALE_MS) abort();
  }

  /** Returns the user of a token; undefined if the deployment responds `not_found`. */
  async whois(token: string): Promise<Actor | undefined> {
    const options = { token, has: "actors", signal: this.closed };
    const found = this.request<{ actors: Actor[] }>("actors", options).catch((error) => {
      if (error.code !== "not_found") throw error;
    });
    return (await found)?.actors[0];
  }

  /** Polls the stream once; the response is held for up to `wait` seconds. */
  poll(cursor: string | undefined, wait: number, signal: AbortSignal): Promise<Answer> {
    const query = { cursor, wait, delivered: 1 };
    return this.with(({ token }) => this.request<Answer>(`stream/${token}`, { query, wait, has: "stanzas", signal }));
  }

  /** Sends stanzas, once. Those before one that failed have been accepted. */
  async send(stanzas: readonly object[]): Promise<Posted> {
    const body = stanzas.length === 1 ? stanzas[0] : { stanzas };
    const options = { method: "POST", body, has: "results", signal: this.closed };
    try {
      return await this.with(({ token }) => this.#request<Posted>(`send/${token}`, options));
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return { results: error.problem.results ?? [], error };
    }
  }

  /** Makes a request that `wake` ends when it has waited for too long. */
  async #request<T>(path: string, options: RequestOptions): Promise<T> {
    const { signal, abort, done } = linked(options.signal);
    const own = { at: this.#clock.now(), abort };
    this.#requests.add(own);
    try {
      return await this.request<T>(path, { ...options, signal });
    } catch (error) {
      options.signal.throwIfAborted();
      throw signal.aborted ? new ChatError({ code: "unreachable", status: 0 }) : error;
    } finally {
      this.#requests.delete(own);
      done();
    }
  }

  /** Makes a request with a token, and again with a new one when that is refused. */
  async with<T>(request: (credential: Credential) => Promise<T>): Promise<T> {
    const credential = await this.credentials.get();
    try {
      return await request(credential);
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== "token_unknown") throw error;
      return await request(await this.credentials.get(credential.token));
    }
  }
}
