import type { Credential } from "../protocol/chat.js";
import { ChatError } from "../protocol/problem.js";

export type CreateCredential = (signal: AbortSignal) => Promise<string | Credential>;

/** Caches the credential, and renews it when its token is refused: once at a time, however many callers wait. */
export class CredentialCache {
  #create: CreateCredential;
  #signal: AbortSignal;
  #cached: Credential | undefined;
  #renewal: Promise<Credential> | undefined;

  constructor(given: string | Credential | undefined, create: CreateCredential, signal: AbortSignal) {
    this.#create = create;
    this.#signal = signal;
    this.#cached = given === undefined ? undefined : complete(given);
  }

  /** Returns the credential; `stale` is a token that was refused. Rejects with a `ChatError` for which a retry may succeed. */
  async get(stale?: string): Promise<Credential> {
    if (this.#cached !== undefined && this.#cached.token !== stale) return this.#cached;
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renew(): Promise<Credential> {
    try {
      const created = complete(await this.#create(this.#signal));
      const [before, now] = [this.#cached?.actor?.id, created.actor?.id];
      // Another user must not send the unsent messages of this one.
      if (before !== undefined && now !== undefined && before !== now) throw ANOTHER_USER;
      this.#cached = { ...this.#cached, ...created };
      return this.#cached;
    } catch (error) {
      this.#signal.throwIfAborted();
      // Either nobody is logged in or the host's server is down. The request that needs the token is not at fault, and can be retried.
      const { problem, retryAfter } = error instanceof ChatError ? error : NO_TOKEN;
      throw new ChatError(problem, retryAfter, true);
    }
  }
}

const NO_TOKEN = new ChatError({ code: "unreachable", status: 0, title: "Cannot get a chat token" });
const ANOTHER_USER = new ChatError({ code: "another_user", status: 0, title: "The token is another user's" });

function complete(given: string | Credential): Credential {
  return typeof given === "string" ? { token: given } : given;
}
