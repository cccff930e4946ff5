import type { CryptoKey, FlattenedJWSInput, JWSHeaderParameters } from "jose";
import { JWKSNoMatchingKey } from "jose/errors";
import { createLocalJWKSet } from "jose/jwks/local";
import * as v from "valibot";
import { hasPassed } from "../elapsed.js";
import { Fault } from "../fault.js";

type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

const FETCH_MS = 3_000;
// A key that the provider has withdrawn is refused after this time.
const FRESH_MS = 600_000;
// An unknown `kid`, which anybody can send, and a provider that is down cause a fetch at most this often.
const COOLDOWN_MS = 30_000;
// Known keys go on for a day while the provider is down: users stay logged in through an outage, and providers rotate keys more slowly.
const KEEP_MS = 86_400_000;

const Key = v.looseObject({ kty: v.string() });
// A set has a handful of keys, each of one to five KB with its certificates. What is larger is none, and would fill the memory.
const SET_BYTES = 256 * 1024;
// A JWT that names no key is tried with each.
const KEYS_MAX = 100;

// What is no key is ignored (RFC 7517 §5). A set without a key is a provider's mistake: it would end every session.
const Keys = v.looseObject({
  keys: v.pipe(
    v.array(v.unknown()),
    v.transform((keys) => keys.filter((it) => v.is(Key, it))),
    v.minLength(1),
    v.maxLength(KEYS_MAX),
  ),
});

/** The keys that an identity provider publishes at a URL (RFC 7517 §5), cached. */
export class KeySet {
  readonly #url: string;
  #known: { find: FindKey; at: number } | undefined;
  #attempt: { at: number; failed: boolean } | undefined;
  #loading: Promise<void> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /**
   * Finds the key of a JWT as of `now` in ms: one of its `kid` if it names one, as most libraries do, else one that fits its algorithm.
   * Throws `unavailable` if the provider cannot be asked and the key is not known, and as jose does if no key or several keys match.
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput, now: number): Promise<CryptoKey> {
    const known = await this.#current(now);
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof JWKSNoMatchingKey)) throw error;
      await this.#refresh(now);
      if (this.#attempt?.failed) throw unreachable(error);
      return (this.#known?.find ?? known)(header, token);
    }
  }

  async #current(now: number): Promise<FindKey> {
    if (this.#known === undefined || hasPassed(KEEP_MS, this.#known.at, now)) await this.#load(now);
    else if (hasPassed(FRESH_MS, this.#known.at, now)) await this.#refresh(now);
    const known = this.#known;
    if (known === undefined || hasPassed(KEEP_MS, known.at, now)) throw unreachable();
    return known.find;
  }

  /** Loads the keys, unless that was attempted within the last 30 s. */
  async #refresh(now: number): Promise<void> {
    if (this.#loading !== undefined || hasPassed(COOLDOWN_MS, this.#attempt?.at ?? 0, now)) await this.#load(now);
  }

  #load(now: number): Promise<void> {
    this.#loading ??= this.#fetch(now).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #fetch(now: number): Promise<void> {
    try {
      const signal = AbortSignal.timeout(FETCH_MS);
      const headers = { Accept: "application/json, application/jwk-set+json" };
      const response = await fetch(this.#url, { signal, headers, redirect: "manual" });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error("Cannot read the key set: the status is not 200");
      }
      this.#known = { find: createLocalJWKSet(v.parse(Keys, JSON.parse(await readText(response.body)))), at: now };
      this.#attempt = { at: now, failed: false };
    } catch {
      this.#attempt = { at: now, failed: true };
    }
  }
}

function unreachable(cause?: unknown): Fault {
  const detail = "The keys of the identity provider cannot be read: wait for Retry-After, then send the same again";
  return new Fault("unavailable", { detail, retryAfter: 5, cause });
}

async function readText(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    if (bytes > SET_BYTES) throw new Error("Cannot read the key set: it is too large");
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces, bytes));
}
