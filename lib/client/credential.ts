import type { Credential } from "./chat.js";

/** Keeps the chat token, and has another one made when it does not hold any more: once at a time, whoever asks. */
export class Keeper {
  #make: (signal: AbortSignal) => Promise<string | Credential>;
  #signal: AbortSignal;
  #kept: Promise<Credential> | undefined;

  constructor(
    given: string | Credential | undefined,
    make: (signal: AbortSignal) => Promise<string | Credential>,
    signal: AbortSignal,
  ) {
    this.#make = make;
    this.#signal = signal;
    if (given !== undefined) this.#kept = Promise.resolve(complete(given));
  }

  /** Answers the credential; `stale` is a token that was refused. Rejects as the making does. */
  async get(stale?: string): Promise<Credential> {
    const before = this.#kept;
    if (before !== undefined) {
      const known = await before.catch(() => undefined);
      if (known !== undefined && known.token !== stale) return known;
      // Whoever came first has begun to make another one.
      if (this.#kept !== before && this.#kept !== undefined) return this.#kept;
    }
    const made = this.#make(this.#signal).then(complete);
    this.#kept = made;
    return made;
  }
}

function complete(given: string | Credential): Credential {
  return typeof given === "string" ? { token: given } : given;
}
