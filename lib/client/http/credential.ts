import type { Credential } from "../protocol/chat.js";
import { ChatError } from "../protocol/problem.js";
import type { Actor } from "../protocol/stanza.js";

export type CreateCredential = (signal: AbortSignal) => Promise<string | Credential>;

export type CredentialEvents = {
  /** Returns the user of a token that came without one. */
  whois(token: string): Promise<Actor | undefined>;
  /** Called when a token has replaced another one of the same user. */
  renewed(): void;
  /** Called when a new token is another user's; it is not used. */
  lost(error: ChatError): void;
};

/** Caches the credential, and renews it when its token is refused: once at a time, however many callers wait. */
export class CredentialCache {
  #create: CreateCredential;
  #events: CredentialEvents;
  #signal: AbortSignal;
  #cached: Credential | undefined;
  #renewal: Promise<Credential> | undefined;

  constructor(
    given: string | Credential | undefined,
    create: CreateCredential,
    events: CredentialEvents,
    signal: AbortSignal,
  ) {
    this.#create = create;
    this.#events = events;
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

  /** Returns the credential with its user, if the deployment knows one; a token that is refused is renewed once; `stale` is one that was. */
  async identify(stale?: string): Promise<Credential> {
    const credential = await this.get(stale);
    try {
      const actor = credential.actor ?? (await this.#events.whois(credential.token));
      if (actor !== undefined) credential.actor = actor;
      return credential;
    } catch (error) {
      if (stale !== undefined || !(error instanceof ChatError) || error.code !== "token_unknown") throw error;
      return this.identify(credential.token);
    }
  }

  async #renew(): Promise<Credential> {
    try {
      const created = complete(await this.#create(this.#signal));
      const before = this.#cached?.actor;
      const actor = created.actor ?? (before && (await this.#events.whois(created.token)));
      // Another user must not send the unsent messages of this one.
      if (before !== undefined && actor !== undefined && before.id !== actor.id) {
        const error = new ChatError({ code: "another_user", status: 0, title: "The token is another user's" });
        this.#events.lost(error);
        throw error;
      }
      this.#cached = { ...this.#cached, ...created };
      if (before !== undefined) this.#events.renewed();
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

function complete(given: string | Credential): Credential {
  return typeof given === "string" ? { token: given } : { ...given };
}
