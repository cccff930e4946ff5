import { SignJWT } from "jose";
import * as v from "valibot";

/** Who is logged in at the host application. */
export type User = {
  /** Stable for ever: the user's entity in the chat. */
  id: string;
  displayName?: string;
  /** URL of a picture. */
  image?: string;
  /** URL of a profile page. */
  url?: string;
  /** Entities, or prefixes ending in `*`, whom they may address; else anybody. */
  contacts?: string[];
  /** Extensions, which go with the user wherever they are described. */
  actor?: Record<string, unknown>;
};

const Token = v.object({
  token: v.string(),
  expires: v.string(),
  cursor: v.string(),
  actor: v.looseObject({ id: v.string() }),
});
/** What a page needs to follow and send: hand it on as it is, only to that user. */
export type Token = v.InferOutput<typeof Token>;

const Problem = v.object({ code: v.string(), detail: v.string() });

type Options = {
  /** Origin of the deployment; else CHAT_URL. */
  url?: string;
  /** The deployment's CHAT_JWT_SECRET; else that variable of this process. */
  secret?: string;
  signal?: AbortSignal;
};

/**
 * Makes a chat token for a user whom your own back end has authenticated: signs a session that holds for a minute, and exchanges it at
 * the deployment. Throws when that refuses, its `code` as the error's `cause`.
 */
export async function createToken(user: User, options: Options = {}): Promise<Token> {
  const { url = process.env.CHAT_URL, secret = process.env.CHAT_JWT_SECRET, signal } = options;
  if (url === undefined) throw new TypeError("Cannot make a chat token: url, or CHAT_URL, is missing");
  if (secret === undefined) throw new TypeError("Cannot make a chat token: secret, or CHAT_JWT_SECRET, is missing");
  const response = await fetch(new URL("/nereid-chat/token", url), {
    method: "POST",
    headers: { Authorization: `Bearer ${await sign(user, secret)}` },
    ...(signal === undefined ? {} : { signal }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && v.is(Token, answer)) return answer;
  const { code, detail } = v.is(Problem, answer)
    ? answer
    : { code: "unreachable", detail: `status ${response.status}` };
  throw new Error(`Cannot make a chat token: ${detail}`, { cause: code });
}

function sign(user: User, secret: string): Promise<string> {
  const { id, displayName: name, image: picture, url: profile, contacts, actor } = user;
  return new SignJWT({ name, picture, profile, contacts, actor })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime("1m")
    .sign(new TextEncoder().encode(secret));
}
