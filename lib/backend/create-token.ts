import { SignJWT } from "jose";
import * as v from "valibot";

/** The user who is logged in to the host application. */
export type User = {
  /** The user's entity in the chat. It must never change. */
  id: string;
  displayName?: string;
  /** URL of a picture. */
  image?: string;
  /** URL of a profile page. */
  url?: string;
  /** The entities, or prefixes ending in `*`, to which the user may write. Default: all. */
  contacts?: string[];
  /** Extension properties, part of the user's description everywhere. */
  actor?: Record<string, unknown>;
};

const Token = v.object({
  token: v.string(),
  expires: v.string(),
  cursor: v.string(),
  actor: v.looseObject({ id: v.string() }),
});
/** The credential of a page. Return it unchanged, and only to that user. */
export type Token = v.InferOutput<typeof Token>;

const Problem = v.object({ code: v.string(), detail: v.string() });

type Options = {
  /** Origin of the deployment. Default: the environment variable CHAT_URL. */
  url?: string;
  /** The deployment's CHAT_JWT_SECRET. Default: the environment variable of that name. */
  secret?: string;
  signal?: AbortSignal;
};

/**
 * Creates a chat token for a user whom your own back end has authenticated: signs a session JWT that is valid for a minute, and
 * exchanges it at the deployment. Throws a TypeError when `url` or `secret` is missing, and an Error when the deployment refuses or
 * does not respond, with the problem's `code` (`unreachable` without one) as `cause`.
 *
 * @example
 * app.post("/my/chat-token", async (request, response) => {
 *   response.json(await createToken({ id: request.user.id, displayName: request.user.name }));
 * });
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
