import type { JWTPayload } from "jose";
import * as v from "valibot";
import type { Config, User } from "../config.js";
import { Fault } from "../fault.js";
import { Actor, Entity } from "../schema/actor.js";
import { SERVER_OWNED } from "../schema/extension.js";
import { misshapen } from "../schema/json-shape.js";
import type { Verify } from "./jwt.js";

/** Somebody whom the host application vouches for. `contacts` bounds whom they may address; `expires` is in ms. */
export type Session = { actor: Actor; contacts?: string[]; expires: number };

/** The sessions of the host application: verifies what a request brings, by a JWT or by the host's own function. */
export class Sessions {
  readonly #config: Config;
  #verify: Promise<Verify> | undefined;

  constructor(config: Config) {
    this.#config = config;
  }

  /**
   * Verifies a JWT of the host application (RFC 7519) as of `now` in ms, give or take 30 s. Throws `unauthenticated` for
   * whatever is wrong with it, and `unavailable` when the key set cannot be fetched.
   */
  async verify(jwt: string, now: number): Promise<Session> {
    try {
      // Most requests bring a chat token: a cold start need not wait for what verifies a JWT.
      this.#verify ??= import("./jwt.js").then(({ createVerifier }) => createVerifier(this.#config.jwt));
      return toSession(await (await this.#verify)(jwt, now));
    } catch (error) {
      if (error instanceof Fault) throw error;
      // An error of the verifier may hold claims, so it does not go along as the cause.
      throw new Fault("unauthenticated");
    }
  }

  /** Asks the host's `user` function who sends a request; undefined for nobody, and where there is no such function. Throws `internal`. */
  async ask(request: Request, now: number): Promise<Session | undefined> {
    const user = await this.#config.user?.(request);
    return user ? sessionOf(user, now + this.#config.tokenTtl * 1_000) : undefined;
  }
}

/** Makes a session of a user of the host that ends at a time in ms. Throws `internal` for a user without a usable `id`. */
export function sessionOf(user: User, expires: number): Session {
  const { id: sub, displayName: name, image: picture, url: profile, contacts, actor } = user;
  const payload = {
    sub,
    name,
    picture,
    profile,
    exp: expires / 1_000,
    ...(contacts && { contacts }),
    ...(actor && { actor }),
  };
  try {
    return toSession(payload);
  } catch (error) {
    throw new Fault("internal", { detail: "The host's user has no usable id", cause: error });
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
