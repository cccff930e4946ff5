import { SignJWT } from "jose/jwt/sign";
import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";
import type { Caller } from "../people/caller.js";
import { NoList } from "../schema/stanza.js";
import { type Session, toSession } from "./session.js";
import * as token from "./token.js";

// Longer names do not fit into a cookie; people's do.
const NAME_MAX = 64;

/** The body of `POST token`: nothing, or the name under which a guest comes. */
export const Admission = v.optional(
  v.pipe(
    NoList,
    v.looseObject(
      {
        displayName: v.exactOptional(
          v.pipe(
            v.string("must be a string"),
            v.trim(),
            v.minLength(1, "must not be empty"),
            v.maxLength(NAME_MAX, `must have at most ${NAME_MAX} characters`),
          ),
        ),
      },
      "must be an object",
    ),
  ),
);

/** Makes a chat token for the bearer of a session or, where guests are let in, for a new guest, whose session comes along. */
export async function admit(
  chat: token.TokenContext,
  caller: Caller | undefined,
  admission: v.InferOutput<typeof Admission>,
  now: number,
) {
  if (caller !== undefined) return { made: await token.create(chat, caller, now), jwt: undefined };
  const name = admission?.displayName;
  if (!chat.config.guests || name === undefined) throw new Fault("unauthenticated");
  const { jwt, session } = await signGuest(chat, name, now);
  return { made: await token.create(chat, session, now), jwt };
}

/** How long a guest's session lasts. */
export const GUEST_SECONDS = 30 * 86_400;

/** Makes a guest, the bearer of a JWT signed here that holds for 30 days. Throws `unauthenticated` without a secret to sign with. */
export async function signGuest(
  { config }: Pick<Log, "config">,
  displayName: string,
  now: number,
): Promise<{ jwt: string; session: Session }> {
  const { secret, issuer, audience } = config.jwt;
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
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" });
  return { jwt: await jwt.sign(new TextEncoder().encode(secret)), session: toSession(claims) };
}
