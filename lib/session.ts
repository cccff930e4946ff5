import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { Actor, Entity } from "./actor.js";
import { config } from "./config.js";
import { SERVER_OWNED } from "./extension.js";
import { Fault } from "./fault.js";
import { misshapen } from "./shape.js";

/** Somebody whom the host application vouches for. `contacts` bounds whom they may address; `expires` is in ms. */
export type Session = { actor: Actor; contacts?: string[]; expires: number };

/**
 * Verifies a JWT of the host application (RFC 7519) as of `now` in ms, give or take 30 s. Throws `unauthenticated` for
 * whatever is wrong with it, and `unavailable` when the key set cannot be had.
 */
export async function verifySession(jwt: string, now: number): Promise<Session> {
  try {
    return toSession(await verify(jwt, now));
  } catch (error) {
    if (error instanceof Fault) throw error;
    // An error of the verifier may hold claims, so it does not go along as the cause.
    throw new Fault("unauthenticated");
  }
}

/** How long a guest's session lasts. */
export const GUEST_SECONDS = 30 * 86_400;

/** Makes a guest, the bearer of a JWT signed here that holds for 30 days. Throws `unauthenticated` without a secret to sign with. */
export async function signGuest(displayName: string, now: number): Promise<{ jwt: string; session: Session }> {
  if (secret === undefined) throw new Fault("unauthenticated");
  const iat = Math.floor(now / 1000);
  const claims = {
    sub: `guest,${uuid()}`,
    name: displayName,
    actor: { objectType: "guest" },
    iat,
    exp: iat + GUEST_SECONDS,
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(audience === undefined ? {} : { aud: audience }),
  };
  const jwt = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(secret);
  return { jwt, session: toSession(claims) };
}

const LEEWAY_SECONDS = 30;
const ACTOR_MAX = 4_096;
/** The last instant that a Date can hold. */
const LAST_MS = 8_640_000_000_000_000;
const ASYMMETRIC = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ");

const { issuer, audience } = config.jwt;
const secret = config.jwt.secret === undefined ? undefined : new TextEncoder().encode(config.jwt.secret);
const keySet =
  config.jwt.jwks === undefined
    ? undefined
    : createRemoteJWKSet(new URL(config.jwt.jwks), { timeoutDuration: 3_000, cooldownDuration: 30_000 });

const Claims = v.looseObject({
  sub: Entity,
  exp: v.number(),
  // One that is malformed must not lift the bounds that it meant to set.
  contacts: v.exactOptional(v.array(v.string())),
});

const Standard = v.keyof(Actor);

async function verify(jwt: string, now: number): Promise<JWTPayload> {
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
    if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
    throw new Fault("unavailable", { retryAfter: 5, cause: error });
  }
}

function toSession(payload: JWTPayload): Session {
  const claims = v.parse(Claims, payload);
  return {
    actor: slim({ objectType: "person", ...derived(claims), ...kept(claims.actor), id: claims.sub }),
    ...(claims.contacts === undefined ? {} : { contacts: claims.contacts }),
    expires: Math.min(claims.exp * 1000, LAST_MS),
  };
}

function derived(claims: Record<string, unknown>): Record<string, unknown> {
  return kept({ displayName: claims.name, url: claims.profile, image: { url: claims.picture } });
}

/** Drops what an actor cannot hold: a bad picture is no reason to refuse a login. */
function kept(claim: unknown): Record<string, unknown> {
  if (typeof claim !== "object" || claim === null || Array.isArray(claim)) return {};
  return Object.fromEntries(Object.entries(claim).filter(([key, value]) => holds(key, value)));
}

function holds(key: string, value: unknown): boolean {
  if (key === "id" || SERVER_OWNED.has(key) || misshapen({ [key]: value }) !== undefined) return false;
  return !v.is(Standard, key) || v.is(Actor.entries[key], value);
}

/** Sheds extensions, then links and picture, then the name, until the actor fits into 4 KiB of JSON. */
function slim(fields: Record<string, unknown>): Actor {
  const whole = v.parse(Actor, fields);
  const { id, objectType, displayName, url, image } = whole;
  const named = displayName === undefined ? { id, objectType } : { id, objectType, displayName };
  const linked = { ...named, ...(url && { url }), ...(image && { image: { url: image.url } }) };
  return [whole, linked, named].find(fits) ?? { id, objectType: "person" };
}

function fits(actor: Actor): boolean {
  return Buffer.byteLength(JSON.stringify(actor)) <= ACTOR_MAX;
}
