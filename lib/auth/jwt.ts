import type { FlattenedJWSInput, JWSHeaderParameters, JWTPayload } from "jose";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { JWKSMultipleMatchingKeys, JWKSNoMatchingKey } from "jose/errors";
import { createRemoteJWKSet } from "jose/jwks/remote";
import { jwtVerify } from "jose/jwt/verify";
import { config } from "../config.js";
import { Fault } from "../fault.js";

const LEEWAY_SECONDS = 30;
const ASYMMETRIC = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ");

const { issuer, audience } = config.jwt;
const secret = config.jwt.secret === undefined ? undefined : new TextEncoder().encode(config.jwt.secret);
const keySet =
  config.jwt.jwks === undefined
    ? undefined
    : createRemoteJWKSet(new URL(config.jwt.jwks), { timeoutDuration: 3_000, cooldownDuration: 30_000 });

/** Verifies a JWT as of `now` in ms, give or take 30 s, and gives its claims; `exp` and `sub` are among them. Throws `unavailable` when the key set cannot be had, else what the verifier throws. */
export async function verify(jwt: string, now: number): Promise<JWTPayload> {
  const options = {
    currentDate: new Date(now),
    clockTolerance: LEEWAY_SECONDS,
    requiredClaims: ["exp", "sub"],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  // RFC 8725 §3.1: the header chooses between the verifiers, but each takes only algorithms that fit its kind of key.
  const { alg } = decodeProtectedHeader(jwt);
  if (alg === "HS256" && secret !== undefined) {
    return (await jwtVerify(jwt, secret, { ...options, algorithms: ["HS256"] })).payload;
  }
  return (await jwtVerify(jwt, publicKey, { ...options, algorithms: ASYMMETRIC })).payload;
}

async function publicKey(header: JWSHeaderParameters, token: FlattenedJWSInput) {
  if (keySet === undefined) throw new Fault("unauthenticated");
  try {
    return await keySet(header, token);
  } catch (error) {
    if (error instanceof JWKSNoMatchingKey || error instanceof JWKSMultipleMatchingKeys) throw error;
    throw new Fault("unavailable", { retryAfter: 5, cause: error });
  }
}
