// The package's main file would load a limiter for every kind of store.
import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";
import RateLimiterRes from "rate-limiter-flexible/lib/RateLimiterRes.js";
import { BoundedMap } from "../bounded-map.js";
import type { Config } from "../config.js";
import { Fault } from "../fault.js";
import { UNKNOWN_ADDRESS } from "./address.js";
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
// The host knows nothing about guests, and cannot shut them out. They may be as quick as its users, but not go on like that: each minute they
// have what a lively conversation needs, which is a fifth of the writes and a tenth of what is read from the store.
const MINUTE = 60;
const GUEST_WRITES = 1 / 5;
const GUEST_READS = 1 / 10;
// All guests of an address together: a class of thirty who talk in one room write 40 times a minute each, receipts and chat states included.
const FOR_EACH_NEWCOMER = 20;

/** Whose limits a request counts towards: a user, or the address of a request without a credential. */
export type Payer = { id: string; isGuest: boolean };

type Shared = "send" | "read" | "stream";

/** The rate limits of the users and addresses that this instance serves. */
export class RateLimits {
  readonly #limiters: Readonly<Record<LimitedAction, RateLimiterMemory>>;
  readonly #guests: Readonly<Record<Shared, RateLimiterMemory>>;
  readonly #addresses: Readonly<Record<Shared, RateLimiterMemory>>;

  /** Spares the store what is asked of it without a credential. */
  readonly health = new HealthCache();
  /** SHA-256 of a chat token → its user. It never changes, so a limit can be checked before the token is looked up. */
  readonly #owners = new BoundedMap<string, Payer>(OWNERS_MAX);

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
    const ofMinute = (keyPrefix: string, points: number) =>
      new RateLimiterMemory({ keyPrefix, points: Math.max(1, Math.floor(points)), duration: MINUTE });
    this.#guests = {
      send: ofMinute("send", send * MINUTE * GUEST_WRITES),
      read: ofMinute("read", stream * MINUTE * GUEST_READS),
      stream: ofMinute("stream", stream * MINUTE * GUEST_READS),
    };
    const ofAddress = (keyPrefix: string) => ofMinute(keyPrefix, guest * FOR_EACH_NEWCOMER);
    this.#addresses = { send: ofAddress("send"), read: ofAddress("read"), stream: ofAddress("stream") };
  }

  /** Counts a request with a weight; more than a whole burst counts as one burst. Throws `rate_limited` with the seconds to wait. */
  async consume(action: LimitedAction, who: string, weight = 1): Promise<void> {
    const limiter = this.#limiters[action];
    await take(limiter, who, Math.min(weight, limiter.points));
  }

  /** Counts the rest of a request that was counted as one. Throws as `consume` does. */
  async consumeRest(action: LimitedAction, who: string, weight: number): Promise<void> {
    const limiter = this.#limiters[action];
    const rest = Math.min(weight, limiter.points) - 1;
    if (rest > 0) await take(limiter, who, rest);
  }

  /**
   * Counts a guest's request towards what a guest may ask of the store in a minute, and what all guests of an address may. A stream request
   * counts as far as it weighs more than one that memory answers. Throws `rate_limited`.
   */
  async consumeAsGuest(action: LimitedAction, who: string, from: string, weight: number): Promise<void> {
    if (action !== "send" && action !== "read" && action !== "stream") return;
    const counted = Math.min(action === "stream" ? weight - 1 : weight, this.#limiters[action].points);
    if (counted <= 0) return;
    await take(this.#guests[action], who, counted);
    if (from !== UNKNOWN_ADDRESS) await take(this.#addresses[action], from, counted);
  }

  /** Returns the user of a chat token, by its SHA-256, if the token was valid here before. */
  ownerOf(sha: string): Payer | undefined {
    return this.#owners.get(sha);
  }

  /** Notes the user of a valid chat token. */
  noteOwner(sha: string, owner: Payer): void {
    if (this.#owners.get(sha)?.id !== owner.id) this.#owners.set(sha, owner);
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

async function take(limiter: RateLimiterMemory, who: string, points: number): Promise<void> {
  try {
    await limiter.consume(who, Math.min(points, limiter.points));
  } catch (error) {
    throw error instanceof RateLimiterRes ? limited(error) : error;
  }
}

function limited(spent: RateLimiterRes): Fault {
  return new Fault("rate_limited", { retryAfter: Math.max(1, Math.ceil(spent.msBeforeNext / 1_000)) });
}
