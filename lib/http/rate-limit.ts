// The package's main file would load a limiter for every kind of store.
import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";
import RateLimiterRes from "rate-limiter-flexible/lib/RateLimiterRes.js";
import { BoundedMap } from "../bounded-map.js";
import type { Config } from "../config.js";
import { Fault } from "../fault.js";
import { HealthCache } from "./health.js";

/** What is limited: writes, new tokens, new guests, stream requests, and other reads, which have the same limit as those; and all that the host's server does. */
export type LimitedAction = "send" | "token" | "guest" | "stream" | "read" | "health" | "server";

// A burst may use five seconds' worth of requests at once; the tokens and guests of a minute may be created at once.
const BURST = 5;
// A probe asks every few seconds; several of them may share an address.
const HEALTH_PER_SECOND = 2;
// The host's server speaks for many users at once; this many of them write as fast as they may.
const SERVER_USERS = 20;
const OWNERS_MAX = 50_000;

/** The rate limits of the users and addresses that this instance serves. */
export class RateLimits {
  readonly #limiters: Readonly<Record<LimitedAction, RateLimiterMemory>>;

  /** Spares the store what is asked of it without a credential. */
  readonly health = new HealthCache();
  /** SHA-256 of a chat token → its user. It never changes, so a limit can be checked before the token is looked up. */
  readonly #owners = new BoundedMap<string, string>(OWNERS_MAX);

  constructor({ send, token, guest, stream }: Config["rate"]) {
    this.#limiters = {
      send: new RateLimiterMemory({ keyPrefix: "send", points: send * BURST, duration: BURST }),
      token: new RateLimiterMemory({ keyPrefix: "token", points: token, duration: 60 }),
      guest: new RateLimiterMemory({ keyPrefix: "guest", points: guest, duration: 60 }),
      stream: new RateLimiterMemory({ keyPrefix: "stream", points: stream * BURST, duration: BURST }),
      read: new RateLimiterMemory({ keyPrefix: "read", points: stream * BURST, duration: BURST }),
      server: new RateLimiterMemory({ keyPrefix: "server", points: send * SERVER_USERS * BURST, duration: BURST }),
      health: new RateLimiterMemory({ keyPrefix: "health", points: HEALTH_PER_SECOND * BURST, duration: BURST }),
    };
  }

  /** Counts a request with a weight; more than a whole burst counts as one burst. Throws `rate_limited` with the seconds to wait. */
  async consume(action: LimitedAction, who: string, weight = 1): Promise<void> {
    const limiter = this.#limiters[action];
    try {
      await limiter.consume(who, Math.min(weight, limiter.points));
    } catch (error) {
      throw error instanceof RateLimiterRes ? limited(error) : error;
    }
  }

  /** Returns the user of a chat token, by its SHA-256, if the token was valid here before. */
  ownerOf(sha: string): string | undefined {
    return this.#owners.get(sha);
  }

  /** Notes the user of a valid chat token. */
  noteOwner(sha: string, entity: string): void {
    if (this.#owners.get(sha) !== entity) this.#owners.set(sha, entity);
  }

  /** Forgets a chat token that is no longer valid: it must not use up the limit of its user. */
  forgetOwner(sha: string): void {
    this.#owners.delete(sha);
  }

  /** Throws `rate_limited` if the limit is reached; counts nothing. */
  async check(action: LimitedAction, who: string): Promise<void> {
    const spent = await this.#limiters[action].get(who);
    if (spent !== null && spent.remainingPoints <= 0 && spent.msBeforeNext > 0) throw limited(spent);
  }
}

function limited(spent: RateLimiterRes): Fault {
  return new Fault("rate_limited", { retryAfter: Math.max(1, Math.ceil(spent.msBeforeNext / 1_000)) });
}
