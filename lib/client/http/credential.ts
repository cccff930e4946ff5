import type { Credential } from "../protocol/chat.js";
import { ChatError } from "../protocol/problem.js";

export type Make = (signal: AbortSignal) => Promise<string | Credential>;

/** Keeps the chat token, and has another one made when it does not hold any more: once at a time, whoever asks. */
export class Keeper {
  #make: Make;
  #signal: AbortSignal;
  #kept: Credential | undefined;
  #making: Promise<Credential> | undefined;

  constructor(given: string | Credential | undefined, make: Make, signal: AbortSignal) {
    this.#make = make;
    this.#signal = signal;
    this.#kept = given === undefined ? undefined : complete(given);
  }

  /** Answers the credential; `stale` is a token that was refused. Whatever the making rejects with will pass. */
  async get(stale?: string): Promise<Credential> {
    if (this.#kept !== undefined && this.#kept.token !== stale) return this.#kept;
    this.#making ??= this.#renew().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #renew(): Promise<Credential> {
    try {
      const made = complete(await this.#make(this.#signal));
      const [before, now] = [this.#kept?.actor?.id, made.actor?.id];
      // What one user has left to be sent must not be said by another.
      if (before !== undefined && now !== undefined && before !== now) throw ANOTHER_USER;
      this.#kept = { ...this.#kept, ...made };
      return this.#kept;
    } catch (error) {
      this.#signal.throwIfAborted();
      // Nobody is logged in, or their server is away: neither is the fault of what is asked for with the token.
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
