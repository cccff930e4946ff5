import { type Clock, delay } from "../environment/backoff.js";
import type { Credential } from "../protocol/chat.js";
import { ChatError } from "../protocol/problem.js";
import type { Actor, Answer, Sent } from "../protocol/stanza.js";
import type { Keeper } from "./credential.js";
import { type Ask, type Request, requester } from "./request.js";

export type Posted = { results: Sent[]; error?: ChatError };

// A call that somebody waits for is tried so often; what is sent and followed, for ever.
const ATTEMPTS = 3;

/** The deployment, as one user asks it: with a token, and with another one when that is refused. */
export class Deployment {
  readonly base: string;
  /** What calls reject with; modules that load later would have a class of their own. */
  readonly Error = ChatError;
  readonly fetch: typeof fetch;
  readonly request: Request;
  readonly keeper: Keeper;
  /** Calls wait for this, so that what they read is never older than where the stream goes on from. */
  ready: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  readonly #closed: AbortSignal;

  constructor(base: string, fetcher: typeof fetch, keeper: Keeper, clock: Clock, closed: AbortSignal) {
    this.base = base;
    this.fetch = fetcher;
    this.request = requester(base, fetcher);
    this.keeper = keeper;
    this.#clock = clock;
    this.#closed = closed;
  }

  /** Calls a path, again when a failure may pass. */
  async call<T>(path: string, ask: Omit<Ask, "signal" | "token"> = {}, attempts = ATTEMPTS): Promise<T> {
    await this.ready;
    const once = () => this.with(({ token }) => this.request<T>(path, { ...ask, token, signal: this.#closed }));
    return this.retry(once, (error, failures) => error.passing && failures < attempts);
  }

  /** Does something again and again, for as long as it fails and `goesOn` says so. */
  async retry<T>(once: () => Promise<T>, goesOn: (error: ChatError, failures: number) => boolean): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        this.#closed.throwIfAborted();
        return await once();
      } catch (error) {
        if (this.#closed.aborted || !(error instanceof ChatError) || !goesOn(error, failures)) throw error;
        const { retryAfter = 0 } = error;
        await this.#clock.wait(retryAfter * 1_000 + delay(failures, this.#clock.random()), this.#closed);
      }
    }
  }

  /** Asks who the bearer of the token is; undefined where the deployment cannot tell. */
  async whoami(): Promise<Actor | undefined> {
    const ask = (token: string) => this.request<{ actors: Actor[] }>("actors", { token, signal: this.#closed });
    const found = this.with(({ token }) => ask(token)).catch((error) => {
      if (error.code !== "not_found") throw error;
    });
    return (await found)?.actors[0];
  }

  /** Asks the stream once. */
  follow(cursor: string | undefined, wait: number, signal: AbortSignal): Promise<Answer> {
    const query = { cursor, wait, delivered: 1 };
    return this.with(({ token }) => this.request<Answer>(`stream/${token}`, { query, wait, signal }));
  }

  /** Sends stanzas, once; what was done before one failed is done. */
  async send(stanzas: readonly object[]): Promise<Posted> {
    const body = stanzas.length === 1 ? stanzas[0] : { stanzas };
    const ask = { method: "POST", body, signal: this.#closed };
    try {
      return await this.with(({ token }) => this.request<Posted>(`send/${token}`, ask));
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return { results: error.problem.results ?? [], error };
    }
  }

  /** Asks with a token, and with another one when that is refused. */
  async with<T>(ask: (credential: Credential) => Promise<T>): Promise<T> {
    const credential = await this.keeper.get();
    try {
      return await ask(credential);
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== "token_unknown") throw error;
      return await ask(await this.keeper.get(credential.token));
    }
  }
}
