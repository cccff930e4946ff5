import { randomBytes } from "node:crypto";
import type { Config } from "../config.js";
import type { Logger } from "../logger.js";
import type { Keys } from "../store/keys.js";
import type { Store } from "../store/redis.js";

/** What the log needs, and every layer above it: the settings, the store and its keys, and how far the log was seen to go. */
export type Log = {
  readonly config: Config;
  readonly logger: Logger;
  readonly store: Store;
  readonly keys: Keys;
  readonly horizon: Horizon;
  readonly nonces: Nonces;
};

/** How far this instance has seen the log go, in whatever epoch: each epoch begins above all that came before. */
export class Horizon {
  #reached = 0;

  get reached(): number {
    return this.#reached;
  }

  /** Notes that the log has gone so far. */
  see(n: number): void {
    this.#reached = Math.max(this.#reached, n);
  }
}

/** Makes nonces that no other instance makes, and this one makes once. */
export class Nonces {
  readonly #self = randomBytes(9).toString("base64url");
  #count = 0;

  next(): string {
    this.#count += 1;
    return `${this.#self}${this.#count.toString(36)}`;
  }
}
