import type { JWTPayload, JWTVerifyOptions } from "jose";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { JOSEError, JWKSMultipleMatchingKeys, JWSSignatureVerificationFailed } from "jose/errors";
import { jwtVerify } from "jose/jwt/verify";
import type { Config } from "../config.js";
import { Fault } from "../fault.js";
import { GUEST_ISSUER, GUEST_TYPE, guestKey } from "./guest-key.js";
import { KeySet } from "./key-set.js";

const LEEWAY_SECONDS = 30;
const ASYMMETRIC = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ");
// RFC 8725 §3.12: a JWT of an explicit type, such as `logout+jwt`, was issued for another purpose. RFC 9068 §2.1: `at+jwt`.
const SESSION_TYPE = /^(application\/)?(at\+)?jwt$/i;

/** Verifies a JWT as of `now` in ms, with a leeway of 30 s, and returns its claims, which include `exp` and `sub`. */
export type Verify = (jwt: string, now: number) => Promise<JWTPayload>;

/**
 * Creates a verifier of the host's sessions and of guests', which caches the key set. It rejects with `unavailable` if the key set cannot be
 * fetched, else as jose does.
 */
export function createVerifier({ secret, jwks, issuer, audience }: Config["jwt"]): Verify {
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const keyOfGuests = secret === undefined ? undefined : guestKey(secret);
  const keySet = jwks === undefined ? undefined : new KeySet(jwks);
  return async (jwt, now) => {
    const common = {
      currentDate: new Date(now),
      clockTolerance: LEEWAY_SECONDS,
      requiredClaims: ["exp", "sub"],
    };
    // RFC 8725 §3.1: the header selects the key, but each key accepts only algorithms of its own kind.
    const { alg, typ } = decodeProtectedHeader(jwt);
    if (typ === GUEST_TYPE && keyOfGuests !== undefined) {
      const options = { ...common, issuer: GUEST_ISSUER, algorithms: ["HS256"] };
      return (await jwtVerify(jwt, keyOfGuests, options)).payload;
    }
    if (typ !== undefined && !SESSION_TYPE.test(typ)) throw new Fault("unauthenticated");
    const options = {
      ...common,
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    };
    if (alg === "HS256" && key !== undefined) {
      return (await jwtVerify(jwt, key, { ...options, algorithms: ["HS256"] })).payload;
    }
    if (keySet === undefined) throw new Fault("unauthenticated");
    return verifyByKeySet(keySet, jwt, now, { ...options, algorithms: ASYMMETRIC });
  };
}

/** Verifies a JWT by the key set; if several keys match, because they or the JWT have no `kid`, by any of them. */
async function verifyByKeySet(
  keySet: KeySet,
  jwt: string,
  now: number,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(jwt, (header, token) => keySet.find(header, token, now), options)).payload;
  } catch (error) {
    if (!(error instanceof JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const payload = await verifyBy(key, jwt, options);
      if (payload !== undefined) return payload;
    }
    throw new JWSSignatureVerificationFailed();
  }
}

/** Verifies a JWT by one of several keys; undefined if another key has signed it, or if this one cannot be used, such as a short RSA key. */
async function verifyBy(
  key: Parameters<typeof jwtVerify>[1],
  jwt: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload | undefined> {
  try {
    return (await jwtVerify(jwt, key, options)).payload;
  } catch (error) {
    if (error instanceof JWSSignatureVerificationFailed || !(error instanceof JOSEError)) return undefined;
    throw error;
  }
}
