import { hash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { SignJWT } from "jose";
import * as v from "valibot";
import { retryAfter } from "./retry-after.js";

/** The user who is logged in to the host application. */
export type User = {
  /** The user's entity in the chat. It must never change. */
  id: string;
  displayName?: string | null | undefined;
  /** URL of a picture. */
  image?: string | null | undefined;
  /** URL of a profile page. */
  url?: string | null | undefined;
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
  /** URL of the deployment; a path is kept. Default: the environment variable CHAT_URL. */
  url?: string;
  /** The path where the deployment has the chat. Default: the environment variable CHAT_BASE_PATH, else `/nereid-chat`. */
  basePath?: string;
  /** The deployment's CHAT_JWT_SECRET. Default: the environment variable of that name. */
  secret?: string;
  /** The deployment's CHAT_JWT_ISSUER. Default: the environment variable of that name. */
  issuer?: string;
  /** The deployment's CHAT_JWT_AUDIENCE. Default: the environment variable of that name. */
  audience?: string;
  /** The id of the user's session in your application: the pages and tabs of one session share a token. Only its SHA-256 leaves the host. */
  session?: string;
  /** The time in ms after which to give up, attempts included. Default: 10,000. */
  timeout?: number;
  signal?: AbortSignal;
};

// RFC 7518 §3.2: an HS256 key has at least 256 bits, and the deployment takes no shorter one.
const SECRET_BYTES = 32;
const TIMEOUT_MS = 10_000;
// An attempt that has not been answered by then has met a deployment that hangs; another one may meet a new instance.
const ATTEMPT_MS = 4_000;
const ATTEMPTS = 3;
const PAUSE_MS = 250;

/**
 * Creates a chat token for a user whom your own back end has authenticated: signs a session JWT that is valid for a minute, and
 * exchanges it at the deployment. Tries again, at most twice, when the deployment cannot be reached, fails, or asks to wait. Throws a
 * TypeError when `url` or `secret` is missing or unusable, the signal's reason when it is aborted, and an Error when the deployment
 * refuses, redirects to another origin, or does not respond within 10 s, with the problem's `code` (`unreachable` without one) as `cause`.
 *
 * @example
 * app.post("/my/chat-token", async (request, response) => {
 *   response.json(await createToken({ id: request.user.id, displayName: request.user.name }));
 * });
 */
export async function createToken(user: User, options: Options = {}): Promise<Token> {
  const { url = process.env.CHAT_URL, secret = process.env.CHAT_JWT_SECRET, timeout = TIMEOUT_MS, signal } = options;
  if (url === undefined) throw new TypeError("Cannot make a chat token: url, or CHAT_URL, is missing");
  if (secret === undefined) throw new TypeError("Cannot make a chat token: secret, or CHAT_JWT_SECRET, is missing");
  if (Buffer.byteLength(secret) < SECRET_BYTES)
    throw new TypeError("Cannot make a chat token: secret, or CHAT_JWT_SECRET, must have at least 32 bytes");
  const target = tokenUrl(url, options.basePath ?? process.env.CHAT_BASE_PATH ?? "/nereid-chat");
  const jwt = await sign(user, secret, options);
  const deadline = Date.now() + timeout;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const result = await exchange(target, jwt, Math.min(ATTEMPT_MS, deadline - Date.now()), signal);
    if ("token" in result) return result.token;
    const pause = result.pause ?? PAUSE_MS * attempt;
    if (!result.isTemporary || attempt === ATTEMPTS || Date.now() + pause >= deadline)
      throw new Error(`Cannot make a chat token: ${result.detail}`, { cause: result.code });
    await delay(pause, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

type Refusal = { code: string; detail: string; isTemporary: boolean; pause?: number };

/** Returns the URL of `POST token`: as in the client, the base path follows the path of the deployment unless that has it. */
function tokenUrl(url: string, base: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new TypeError(
      "Cannot make a chat token: url, or CHAT_URL, must be a URL that begins with http:// or https://",
    );
  const { origin, pathname } = new URL(url);
  const [before = ""] = `${pathname}/`.split(`${base}/`);
  return `${origin}${before.replace(/\/+$/, "")}${base}/token`;
}

async function exchange(
  url: string,
  jwt: string,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<{ token: Token } | Refusal> {
  const within = AbortSignal.timeout(Math.max(1, ms));
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { Authorization: `Bearer ${jwt}`, "Content-Type": "application/json" },
      // Beyond the tokens of a minute, a page that is loaded with each click gets one that an earlier page has.
      body: `{"shared":true}`,
      signal: signal === undefined ? within : AbortSignal.any([signal, within]),
    });
    const text = await response.text();
    const result = readAnswer(response, text);
    return "token" in result || !isElsewhere(response, url) ? result : redirected(response);
  } catch {
    signal?.throwIfAborted();
    const detail = within.aborted ? "the deployment does not respond" : "the deployment cannot be reached";
    return { code: "unreachable", detail, isTemporary: true };
  }
}

/** Returns whether a redirection led to another origin, to which `fetch` does not take the credential. */
function isElsewhere(response: Response, url: string): boolean {
  return response.redirected && new URL(response.url).origin !== new URL(url).origin;
}

function redirected({ url }: Response): Refusal {
  const detail = `the deployment redirects to ${new URL(url).origin}: set url, or CHAT_URL, to where the chat is`;
  return { code: "unreachable", detail, isTemporary: false };
}

function readAnswer({ ok, status, headers }: Response, text: string): { token: Token } | Refusal {
  const token = v.safeParse(v.pipe(v.string(), v.parseJson(), Token), text);
  if (ok && token.success) return { token: token.output };
  const problem = v.safeParse(v.pipe(v.string(), v.parseJson(), Problem), text);
  const { code, detail } = problem.success ? problem.output : { code: "unreachable", detail: `status ${status}` };
  // What is no problem document comes from a proxy on the way, and refuses nothing.
  const pause = retryAfter(headers);
  return {
    ...{ code, detail, isTemporary: status === 429 || status >= 500 || !problem.success },
    ...(pause === undefined ? {} : { pause }),
  };
}

function sign(user: User, secret: string, options: Options): Promise<string> {
  // As the deployment reads them: without white space around, and an empty one is none.
  const issuer = (options.issuer ?? process.env.CHAT_JWT_ISSUER)?.trim();
  const audience = (options.audience ?? process.env.CHAT_JWT_AUDIENCE)?.trim();
  const { id, displayName: name, image: picture, url: profile, contacts, actor } = user;
  const sid = options.session && hash("sha256", options.session, "base64url");
  const described = { name: name ?? undefined, picture: picture ?? undefined, profile: profile ?? undefined };
  const jwt = new SignJWT({ ...described, contacts, actor, ...(sid && { sid }) })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime("1m");
  if (issuer) jwt.setIssuer(issuer);
  if (audience) jwt.setAudience(audience);
  return jwt.sign(new TextEncoder().encode(secret));
}
