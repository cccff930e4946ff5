import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";
import type { Caller } from "../people/caller.js";
import { DisplayName } from "../schema/display-name.js";
import { NoList } from "../schema/field.js";
import { digest } from "../store/keys.js";
import { GUEST_ISSUER, GUEST_TYPE, guestKey } from "./guest-key.js";
import type { KeptSecret } from "./kept-secret.js";
import { type Session, toSession } from "./session.js";
import * as token from "./token.js";
import type { YoungTokens } from "./young-tokens.js";

// The guest's JWT must fit into a cookie.
const NAME_MAX = 64;
const NAME = new RegExp(`^.{0,${NAME_MAX}}$`, "su");

/**
 * The body of `POST token`: nothing, or the display name of a guest; `fresh` asks for a token that no other tab has, `shared` for one that
 * another page of the user has rather than for none.
 */
export const Admission = v.optional(
  v.pipe(
    NoList,
    v.looseObject(
      {
        displayName: v.exactOptional(v.pipe(DisplayName, v.regex(NAME, `must have at most ${NAME_MAX} characters`))),
        fresh: v.optional(v.boolean("must be true or false"), false),
        shared: v.optional(v.boolean("must be true or false"), false),
      },
      "must be an object",
    ),
  ),
);

/** Creates a chat token for the bearer of a session or, if guests are admitted, for a new guest, whose session is returned with it. */
export async function admit(
  chat: token.TokenContext & { readonly young: YoungTokens; readonly keptSecret: KeptSecret },
  caller: Caller | undefined,
  admission: v.InferOutput<typeof Admission>,
  now: number,
) {
  if (caller !== undefined) {
    const made = await token.create(chat, caller, now);
    chat.young.remember(caller.browser, caller, made, now);
    return { made, jwt: undefined };
  }
  const name = admission?.displayName;
  if (!chat.config.guests) throw new Fault("unauthenticated");
  // A page that knows nobody learns by this that it may ask for a name.
  if (name === undefined) throw new Fault("unauthenticated", { guests: true });
  const { jwt, session } = await signGuest(chat, name, now);
  const made = await token.create(chat, session, now);
  chat.young.remember(digest(jwt), session, made, now);
  return { made, jwt };
}

/** The lifetime of a guest's session: 30 days. */
export const GUEST_SECONDS = 30 * 86_400;

/**
 * Creates a guest, with a session that is valid for 30 days. It is signed with a key of its own, so that the host application does not take
 * it for one of its sessions. Throws `unauthenticated` without a secret to derive the key from.
 */
export async function signGuest(
  { config, keptSecret }: Pick<Log, "config"> & { readonly keptSecret?: KeptSecret },
  displayName: string,
  now: number,
): Promise<{ jwt: string; session: Session }> {
  const secret = config.jwt.secret ?? (await keptSecret?.get());
  if (secret === undefined) throw new Fault("unauthenticated");
  const iat = Math.floor(now / 1000);
  const claims = {
    iss: GUEST_ISSUER,
    sub: `guest,${uuid()}`,
    name: displayName,
    actor: { objectType: "guest" },
    iat,
    exp: iat + GUEST_SECONDS,
  };
  const { SignJWT } = await import("jose/jwt/sign");
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: GUEST_TYPE });
  return { jwt: await jwt.sign(guestKey(secret)), session: toSession(claims) };
}
