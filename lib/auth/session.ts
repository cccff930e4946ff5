import type { JWTPayload } from "jose";
import * as v from "valibot";
import type { Config, User } from "../config.js";
import { Fault } from "../fault.js";
import { ERASED, SYSTEM } from "../people/system.js";
import { Actor, Contact, Entity } from "../schema/actor.js";
import { cleanName } from "../schema/display-name.js";
import { SERVER_OWNED } from "../schema/extension.js";
import { misshapen } from "../schema/json-shape.js";
import { GUEST_ISSUER } from "./guest-key.js";
import type { Verify } from "./jwt.js";
import type { KeptSecret } from "./kept-secret.js";

/**
 * A user whom the host application has authenticated. `contacts` limits the users that this one may address; `expires` is in ms; `sid` names
 * the user's browser session at the host.
 */
export type Session = { actor: Actor; contacts?: string[]; moderator?: true; expires: number; sid?: string };

/** Verifies sessions of the host application: by a JWT, or by the host's own function. */
export class Sessions {
  readonly #config: Config;
  readonly #keptSecret: Pick<KeptSecret, "get"> | undefined;
  #verify: Promise<Verify> | undefined;

  /** `keptSecret` is asked where the settings name no way to verify. */
  constructor(config: Config, keptSecret?: Pick<KeptSecret, "get">) {
    this.#config = config;
    this.#keptSecret = keptSecret;
  }

  /**
   * Verifies a JWT of the host application (RFC 7519) as of `now` in ms, with a leeway of 30 s. Throws `unauthenticated` if it is invalid
   * in any way, and `unavailable` if the key set, or the secret that the store keeps, cannot be fetched.
   */
  async verify(jwt: string, now: number): Promise<Session> {
    const claims = await this.#claims(jwt, now);
    // A service credential is no session: whoever it names is no user.
    if (isService(claims) || !v.is(Claims, claims)) throw new Fault("unauthenticated");
    return toSession(claims);
  }

  /**
   * Verifies the service credential of the host's back end: a JWT as of a session, whose `scope` (RFC 8693 §4.2, or a list, as some issuers write it) has the word `chat:server`.
   * Throws as `verify` does, and `forbidden` for a session.
   */
  async verifyService(jwt: string, now: number): Promise<void> {
    const claims = await this.#claims(jwt, now);
    if (!isService(claims)) throw new Fault("forbidden", { detail: `Only a JWT with the scope ${SERVER_SCOPE} may` });
  }

  async #claims(jwt: string, now: number): Promise<JWTPayload> {
    try {
      this.#verify ??= this.#createVerifier();
      return await (await this.#verify)(jwt, now);
    } catch (error) {
      if (error instanceof Fault) throw error;
      // An error of the verifier may contain claims, so it is not passed on as the cause.
      throw new Fault("unauthenticated");
    }
  }

  // Most requests carry a chat token, so a cold start does not load the JWT library.
  async #createVerifier(): Promise<Verify> {
    try {
      const [{ createVerifier }, kept] = await Promise.all([import("./jwt.js"), this.#keptSecret?.get()]);
      return createVerifier({ ...this.#config.jwt, secret: this.#config.jwt.secret ?? kept });
    } catch (error) {
      // The next request tries again.
      this.#verify = undefined;
      throw error;
    }
  }

  /** Asks the host's `user` function for the user of a request; undefined for none, or if there is no such function. Throws `internal`. */
  async ask(request: Request, now: number): Promise<Session | undefined> {
    const user = await this.#config.user?.(request);
    return user ? sessionOf(user, now + this.#config.tokenTtl * 1_000) : undefined;
  }
}

/** The word in the `scope` of a JWT that makes it a service credential. */
const SERVER_SCOPE = "chat:server";

/** Whether claims are those of a service credential. A guest's never are, since this server writes them. */
function isService({ scope, iss }: JWTPayload): boolean {
  const words = typeof scope === "string" ? scope.split(" ") : Array.isArray(scope) ? scope : [];
  return words.includes(SERVER_SCOPE) && iss !== GUEST_ISSUER;
}

/** Creates a session for a user of the host, which expires at a time in ms. Throws `internal` for a user without a usable `id`, or with `contacts` that are none. */
export function sessionOf(user: User, expires: number): Session {
  const { id: sub, displayName: name, image: picture, url: profile, contacts, actor, role } = user;
  const payload = {
    sub,
    name,
    picture,
    profile,
    exp: expires / 1_000,
    ...(contacts && { contacts }),
    ...(actor && { actor }),
    ...(role && { role }),
  };
  try {
    return toSession(payload);
  } catch (error) {
    throw new Fault("internal", {
      detail: "The host's user has no usable id, or contacts that are none",
      cause: error,
    });
  }
}

/** Converts claims to a session; an actor that is too large loses its optional parts. Throws a `ValiError` if `sub` or `exp` is wrong. */
export function toSession(payload: JWTPayload): Session {
  const claims = v.parse(Claims, payload);
  return {
    actor: slimDown({ objectType: "person", ...derived(claims), ...acceptable(claims.actor), id: claims.sub }),
    ...(claims.contacts === undefined ? {} : { contacts: claims.contacts }),
    ...(claims.role === "moderator" ? { moderator: true } : {}),
    expires: Math.min(claims.exp * 1000, LAST_MS),
    ...(typeof claims.sid === "string" && claims.sid !== "" ? { sid: claims.sid } : {}),
  };
}

const ACTOR_MAX = 4_096;
/** The last instant that a Date can hold. */
const LAST_MS = 8_640_000_000_000_000;

const Claims = v.looseObject({
  // Nobody logs in as the chat itself, or as all who were erased.
  sub: v.pipe(Entity, v.notValues([SYSTEM, ERASED])),
  exp: v.number(),
  // A malformed claim must not lift the limit that it was meant to set.
  contacts: v.exactOptional(v.array(Contact)),
  role: v.exactOptional(v.unknown()),
});

const Standard = v.keyof(Actor);

function derived(claims: Record<string, unknown>): Record<string, unknown> {
  return acceptable({ displayName: claims.name, url: claims.profile, image: { url: claims.picture } });
}

/** Drops the properties that an actor cannot have: an invalid picture is no reason to refuse a login. */
function acceptable(claim: unknown): Record<string, unknown> {
  if (typeof claim !== "object" || claim === null || Array.isArray(claim)) return {};
  const properties = Object.entries(claim).filter(([key, value]) => isAcceptable(key, value));
  return Object.fromEntries(
    properties.flatMap(([key, value]) => (key === "displayName" ? named(value) : [[key, value]])),
  );
}

/** Others see the name: one without anything visible is dropped. */
function named(value: unknown): [string, unknown][] {
  const name = typeof value === "string" ? cleanName(value) : undefined;
  return name === undefined ? [] : [["displayName", name]];
}

function isAcceptable(key: string, value: unknown): boolean {
  if (key === "id" || SERVER_OWNED.has(key) || misshapen({ [key]: value }) !== undefined || isLossy(value))
    return false;
  return !v.is(Standard, key) || v.is(Actor.entries[key], value);
}

/** Returns whether a value holds a number that would not come back as it was given: `1e400`, which JSON cannot tell, `-0`, 2^53 and more. */
function isLossy(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(isLossy);
  if (typeof value !== "number") return false;
  return Object.is(value, -0) || (Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value));
}

/** Drops extensions, then links and picture, then the name, until the actor fits into 4 KiB of JSON. */
function slimDown(fields: Record<string, unknown>): Actor {
  const whole = v.parse(Actor, fields);
  const { id, objectType, displayName, url, image } = whole;
  const named = displayName === undefined ? { id, objectType } : { id, objectType, displayName };
  const linked = { ...named, ...(url && { url }), ...(image && { image: { url: image.url } }) };
  return [whole, linked, named].find(fits) ?? { id, objectType: "person" };
}

function fits(actor: Actor): boolean {
  return Buffer.byteLength(JSON.stringify(actor)) <= ACTOR_MAX;
}
