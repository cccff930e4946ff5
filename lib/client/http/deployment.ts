import { backoff, type Clock } from "../environment/backoff.js";
import type { Credential } from "../protocol/chat.js";
import { ChatError } from "../protocol/problem.js";
import type { Actor, Answer, Sent } from "../protocol/stanza.js";
import type { CredentialCache } from "./credential.js";
import { createRequester, type Requester, type RequestOptions } from "./request.js";

export type Posted = { results: Sent[]; error?: ChatError };

// Calls are tried so often. Sending and polling never give up.
const ATTEMPTS = 3;

/** Requests to the deployment as one user: with a token, and again with a new one when that is refused. */
export class Deployment {
  readonly base: string;
  /** The class that calls reject with. A module that loads later would bundle its own copy. */
  readonly Error = ChatError;
  readonly fetch: typeof fetch;
  readonly request: Requester;
  readonly credentials: CredentialCache;
  /** Calls wait for this, so that what they read is never older than the position from which the stream continues. */
  ready: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  readonly #closed: AbortSignal;

  constructor(base: string, fetcher: typeof fetch, credentials: CredentialCache, clock: Clock, closed: AbortSignal) {
    this.base = base;
    this.fetch = fetcher;
    this.request = createRequester(base, fetcher);
    this.credentials = credentials;
    this.#clock = clock;
    this.#closed = closed;
  }

  /** Makes a request, and retries it when a retry may succeed. */
  async call<T>(path: string, options: Omit<RequestOptions, "signal" | "token"> = {}, attempts = ATTEMPTS): Promise<T> {
    await this.ready;
    const once = () => this.with(({ token }) => this.request<T>(path, { ...options, token, signal: this.#closed }));
    return this.retry(once, (error, failures) => error.passing && failures < attempts);
  }

  /** Retries `once` with backoff until it succeeds, or `goesOn` returns false. */
  async retry<T>(once: () => Promise<T>, goesOn: (error: ChatError, failures: number) => boolean): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        this.#closed.throwIfAborted();
        return await once();
      } catch (error) {
        if (this.#closed.aborted || !(error instanceof ChatError) || !goesOn(error, failures)) throw error;
        const { retryAfter = 0 } = error;
        await this.#clock.wait(retryAfter * 1_000 + backoff(failures, this.#clock.random()), this.#closed);
      }
    }
  }

  /** Returns the user of the token; undefined if the deployment responds `not_found`. */
  async whoami(): Promise<Actor | undefined> {
    const request = (token: string) => this.request<{ actors: Actor[] }>("actors", { token, signal: this.#closed });
    const found = this.with(({ token }) => request(token)).catch((error) => {
      if (error.code !== "not_found") throw error;
    });
    return (await found)?.actors[0];
  }

  /** Polls the stream once; the response is held for up to `wait` seconds. */
  poll(cursor: string | undefined, wait: number, signal: AbortSignal): Promise<Answer> {
    const query = { cursor, wait, delivered: 1 };
    return this.with(({ token }) => this.request<Answer>(`stream/${token}`, { query, wait, signal }));
  }

  /** Sends stanzas, once. Those before one that failed have been accepted. */
  async send(stanzas: readonly object[]): Promise<Posted> {
    const body = stanzas.length === 1 ? stanzas[0] : { stanzas };
    const options = { method: "POST", body, signal: this.#closed };
    try {
      return await this.with(({ token }) => this.request<Posted>(`send/${token}`, options));
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return { results: error.problem.results ?? [], error };
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
