// Only what is used: the package's main file loads a limiter for every store there is.
import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";
import RateLimiterRes from "rate-limiter-flexible/lib/RateLimiterRes.js";
import type { Config } from "../config.js";
import { Fault } from "../fault.js";

/** What is rationed: writes, new tokens, stream requests, and other reads, as many as those. */
export type Ration = "send" | "token" | "stream" | "read";

// A burst may be five times what a second allows, over five seconds; a minute's tokens may be made at once.
const BURST = 5;

/** The rations of the users and addresses that this instance serves. */
export class RateLimits {
  readonly #limiters: Readonly<Record<Ration, RateLimiterMemory>>;

  constructor({ send, token, stream }: Config["rate"]) {
    this.#limiters = {
      send: new RateLimiterMemory({ keyPrefix: "send", points: send * BURST, duration: BURST }),
      token: new RateLimiterMemory({ keyPrefix: "token", points: token, duration: 60 }),
      stream: new RateLimiterMemory({ keyPrefix: "stream", points: stream * BURST, duration: BURST }),
      read: new RateLimiterMemory({ keyPrefix: "read", points: stream * BURST, duration: BURST }),
    };
  }

  /** Takes `weight` from a ration; what weighs more than a whole burst takes all of it. Throws `rate_limited` with the seconds to wait. */
  async take(ration: Ration, who: string, weight = 1): Promise<void> {
    const limiter = this.#limiters[ration];
    try {
      await limiter.consume(who, Math.min(weight, limiter.points));
    } catch (error) {
      throw error instanceof RateLimiterRes ? limited(error) : error;
    }
  }

  /** Throws `rate_limited` when a ration is used up; takes nothing. */
  async check(ration: Ration, who: string): Promise<void> {
    const spent = await this.#limiters[ration].get(who);
    if (spent !== null && spent.remainingPoints <= 0 && spent.msBeforeNext > 0) throw limited(spent);
  }
}

function limited(spent: RateLimiterRes): Fault {
  return new Fault("rate_limited", { retryAfter: Math.max(1, Math.ceil(spent.msBeforeNext / 1_000)) });
}
