import type { JWTPayload } from "jose";
import * as v from "valibot";
import { Fault } from "../fault.js";
import { Actor, Entity } from "../schema/actor.js";
import { SERVER_OWNED } from "../schema/extension.js";
import { misshapen } from "../schema/json-shape.js";

/** Somebody whom the host application vouches for. `contacts` bounds whom they may address; `expires` is in ms. */
export type Session = { actor: Actor; contacts?: string[]; expires: number };

/**
 * Verifies a JWT of the host application (RFC 7519) as of `now` in ms, give or take 30 s. Throws `unauthenticated` for
 * whatever is wrong with it, and `unavailable` when the key set cannot be had.
 */
export async function verifySession(jwt: string, now: number): Promise<Session> {
  try {
    // Most requests bring a chat token: a cold start need not wait for what verifies a JWT.
    const { verify } = await import("./jwt.js");
    return toSession(await verify(jwt, now));
  } catch (error) {
    if (error instanceof Fault) throw error;
    // An error of the verifier may hold claims, so it does not go along as the cause.
    throw new Fault("unauthenticated");
  }
}

/** Reads a session from claims; an actor that is too large sheds what it can do without. Throws what valibot throws when `sub` or `exp` is wrong. */
export function toSession(payload: JWTPayload): Session {
  const claims = v.parse(Claims, payload);
  return {
    actor: slim({ objectType: "person", ...derived(claims), ...kept(claims.actor), id: claims.sub }),
    ...(claims.contacts === undefined ? {} : { contacts: claims.contacts }),
    expires: Math.min(claims.exp * 1000, LAST_MS),
  };
}

const ACTOR_MAX = 4_096;
/** The last instant that a Date can hold. */
const LAST_MS = 8_640_000_000_000_000;

const Claims = v.looseObject({
  sub: Entity,
  exp: v.number(),
  // One that is malformed must not lift the bounds that it meant to set.
  contacts: v.exactOptional(v.array(v.string())),
});

const Standard = v.keyof(Actor);

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
