import { randomBytes } from "node:crypto";
import type { Config } from "../config.js";
import type { Storage } from "../files/stored-file.js";
import type { Logger } from "../logger.js";
import type { Metrics } from "../metrics.js";
import type { Keys } from "../store/keys.js";
import type { Store } from "../store/redis.js";
import type { ThreadCounts } from "./thread-counts.js";

/** The context of the log and of all layers above it: the settings, the store and its keys, and how far the log is known to reach. */
export type Log = {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly keys: Keys;
  readonly horizon: Horizon;
  readonly nonces: Nonces;
  readonly threadCounts: ThreadCounts;
  /** Keeps files that are sent with messages; undefined where none are kept. */
  readonly storage: Storage | undefined;
  /** Set where the host's server is told what happens. */
  readonly outbox: OutboxBell | undefined;
  /** Set where users can have pushes. */
  readonly pushes: PushBell | undefined;
};

/** Rings whoever empties the outbox of the webhooks, when something may have been put there. */
export class OutboxBell {
  #listener: (() => void) | undefined;

  listen(listener: () => void): void {
    this.#listener = listener;
  }

  ring(): void {
    this.#listener?.();
  }
}

/** Rings whoever sends pushes, and knows whether anybody gets any. */
export class PushBell extends OutboxBell {
  #isUsed = false;

  /** Whether anybody had a device when the latest script ran. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** Notes what a script said: undefined where nobody gets pushes, 1 if there may be some to send. */
  hear(rung: number | undefined): void {
    this.#isUsed = rung !== undefined;
    if (rung === 1) this.ring();
  }
}

/** How far the log is known to reach, in any epoch: each epoch begins above all earlier ones. */
export class Horizon {
  #reached = 0;

  get reached(): number {
    return this.#reached;
  }

  /** Notes that the log has reached n. */
  see(n: number): void {
    this.#reached = Math.max(this.#reached, n);
  }
}

/** Generates nonces that are unique among all instances. */
export class Nonces {
  readonly #self = randomBytes(9).toString("base64url");
  #count = 0;

  next(): string {
    this.#count += 1;
    return `${this.#self}${this.#count.toString(36)}`;
  }
}
