// The package's main file would load a limiter for every kind of store.
import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";
import RateLimiterRes from "rate-limiter-flexible/lib/RateLimiterRes.js";
import type { Config } from "../config.js";
import { Fault } from "../fault.js";

/** What is limited: writes, new tokens, stream requests, and other reads, which have the same limit as those. */
export type LimitedAction = "send" | "token" | "stream" | "read";

// A burst may use five seconds' worth of requests at once; the tokens of a minute may be created at once.
const BURST = 5;

/** The rate limits of the users and addresses that this instance serves. */
export class RateLimits {
  readonly #limiters: Readonly<Record<LimitedAction, RateLimiterMemory>>;

  constructor({ send, token, stream }: Config["rate"]) {
    this.#limiters = {
      send: new RateLimiterMemory({ keyPrefix: "send", points: send * BURST, duration: BURST }),
      token: new RateLimiterMemory({ keyPrefix: "token", points: token, duration: 60 }),
      stream: new RateLimiterMemory({ keyPrefix: "stream", points: stream * BURST, duration: BURST }),
      read: new RateLimiterMemory({ keyPrefix: "read", points: stream * BURST, duration: BURST }),
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

  /** Throws `rate_limited` if the limit is reached; counts nothing. */
  async check(action: LimitedAction, who: string): Promise<void> {
    const spent = await this.#limiters[action].get(who);
    if (spent !== null && spent.remainingPoints <= 0 && spent.msBeforeNext > 0) throw limited(spent);
  }
}

function limited(spent: RateLimiterRes): Fault {
  return new Fault("rate_limited", { retryAfter: Math.max(1, Math.ceil(spent.msBeforeNext / 1_000)) });
}
