import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";

/** The body of `POST setup`: the store's token, which proves that the deployment is the asker's. */
export const StoreProof = v.object({ token: v.string("must be a string") }, "must be an object");

// RFC 7518 §3.2: as many as HS256 hashes to.
const SECRET_BYTES = 32;

// Keeps the first secret that an instance offers, and returns it. With a showing, marks it as shown first, and returns nothing if another
// showing has: the same one may be repeated, since its answer may have been lost.
// KEYS: secret. ARGV: the secret offered, the nonce of the showing or "". Returns: the secret, or false.
const KEEP = `
local secret, offered, showing = KEYS[1], ARGV[1], ARGV[2]
redis.call('HSETNX', secret, 'value', offered)
if showing ~= '' then
  redis.call('HSETNX', secret, 'shown', showing)
  if redis.call('HGET', secret, 'shown') ~= showing then return false end
end
return redis.call('HGET', secret, 'value')
`;

/**
 * The secret of a deployment that was given no way to verify sessions. The first instance that needs it makes it, and the store keeps it for
 * all; its owner sees it once.
 */
export class KeptSecret {
  readonly #log: Pick<Log, "config" | "keys" | "store" | "nonces">;
  #secret: Promise<string> | undefined;

  constructor(log: Pick<Log, "config" | "keys" | "store" | "nonces">) {
    this.#log = log;
  }

  /** Returns the secret; undefined if the deployment verifies sessions in another way. Rejects with `unavailable`. */
  get(): Promise<string | undefined> {
    if (!isNeeded(this.#log.config)) return Promise.resolve(undefined);
    this.#secret ??= this.#keep("").then(
      (secret) => secret ?? Promise.reject(new Fault("unavailable", { retryAfter: 5 })),
    );
    // The next request tries again.
    this.#secret.catch(() => {
      this.#secret = undefined;
    });
    return this.#secret;
  }

  /**
   * Shows the secret to the holder of the store's token, once. Throws `unauthenticated` for another token, and `not_found` if there is no
   * secret to show.
   */
  async show(token: string): Promise<{ secret: string }> {
    const { config, nonces } = this.#log;
    if (!isNeeded(config))
      throw new Fault("not_found", { detail: "The deployment has made no secret: it was given one" });
    if (!isSame(token, config.redis.token))
      throw new Fault("unauthenticated", { detail: "This is not the store's token" });
    const secret = await this.#keep(nonces.next());
    if (secret === null) throw new Fault("not_found", { detail: "The secret was shown already" });
    return { secret };
  }

  #keep(showing: string): Promise<string | null> {
    const { keys, store } = this.#log;
    const offered = randomBytes(SECRET_BYTES).toString("base64url");
    return store.runScript(KEEP, v.nullable(v.string()), [keys.secret], [offered, showing]);
  }
}

function isNeeded({ jwt, user }: Log["config"]): boolean {
  return jwt.secret === undefined && jwt.jwks === undefined && user === undefined;
}

/** Compares two texts in a time that depends on neither. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
}
