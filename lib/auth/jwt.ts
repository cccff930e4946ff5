import type { FlattenedJWSInput, JWSHeaderParameters, JWTPayload } from "jose";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { JWKSMultipleMatchingKeys, JWKSNoMatchingKey } from "jose/errors";
import { createRemoteJWKSet } from "jose/jwks/remote";
import { jwtVerify } from "jose/jwt/verify";
import type { Config } from "../config.js";
import { Fault } from "../fault.js";

const LEEWAY_SECONDS = 30;
const ASYMMETRIC = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ");

/** Verifies a JWT as of `now` in ms, with a leeway of 30 s, and returns its claims, which include `exp` and `sub`. */
export type Verify = (jwt: string, now: number) => Promise<JWTPayload>;

/** Creates a verifier, which caches the key set. It rejects with `unavailable` if the key set cannot be fetched, else as jose does. */
export function createVerifier({ secret, jwks, issuer, audience }: Config["jwt"]): Verify {
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const publicKey = keySet(jwks);
  return async (jwt, now) => {
    const options = {
      currentDate: new Date(now),
      clockTolerance: LEEWAY_SECONDS,
      requiredClaims: ["exp", "sub"],
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    };
    // RFC 8725 §3.1: the header selects the key, but each key accepts only algorithms of its own kind.
    const { alg } = decodeProtectedHeader(jwt);
    if (alg === "HS256" && key !== undefined) {
      return (await jwtVerify(jwt, key, { ...options, algorithms: ["HS256"] })).payload;
    }
    return (await jwtVerify(jwt, publicKey, { ...options, algorithms: ASYMMETRIC })).payload;
  };
}

function keySet(url: string | undefined) {
  const keys =
    url === undefined
      ? undefined
      : createRemoteJWKSet(new URL(url), { timeoutDuration: 3_000, cooldownDuration: 30_000 });
  return async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    if (keys === undefined) throw new Fault("unauthenticated");
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof JWKSNoMatchingKey || error instanceof JWKSMultipleMatchingKeys) throw error;
      throw new Fault("unavailable", { retryAfter: 5, cause: error });
    }
  };
}
