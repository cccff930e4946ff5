import { setTimeout as delay } from "node:timers/promises";
import { SignJWT } from "jose";
import { retryAfter } from "./retry-after.js";
import { ServerError } from "./server-answer.js";
import { createServerApi, type ServerApi } from "./server-api.js";
import type { ServerCall } from "./server-call.js";

export { createToken, type Token, type User } from "./create-token.js";
export type { ServerImport } from "./import-batches.js";
export { ServerError } from "./server-answer.js";
export type {
  As,
  ExportedLine,
  ServerApi,
  ServerProfile,
  ServerStanza,
  ServerThread,
  ServerThreadChange,
} from "./server-api.js";

export type ServerOptions = {
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
  /** Returns a JWT with the scope `chat:server`, where an identity provider signs instead of the secret. */
  credential?: () => string | Promise<string>;
  /** The time in ms after which to give up, attempts included. Default: 10,000. */
  timeout?: number;
};

const TIMEOUT_MS = 10_000;
// An attempt that has not been answered by then has met a deployment that hangs; another one may meet a new instance.
const ATTEMPT_MS = 4_000;
const ATTEMPTS = 3;
const PAUSE_MS = 250;

/**
 * Acts as the server of the host on a deployment, over HTTP: sends, administers threads, writes profiles, bans. Keep the secret in the back end.
 * Tries again, at most twice, when the deployment cannot be reached, fails, or asks to wait. Throws a TypeError when `url`, or both `secret` and
 * `credential`, are missing.
 *
 * @example
 * const chat = server({ url: "https://chat.example.com", secret: process.env.CHAT_JWT_SECRET });
 * await chat.send({ type: "message", message: { to: ["user,17"], text: "Your parcel is on its way" } });
 */
export function server(options: ServerOptions = {}): ServerApi {
  const { url = process.env.CHAT_URL, timeout = TIMEOUT_MS } = options;
  if (url === undefined) throw new TypeError("Cannot reach a chat: url, or CHAT_URL, is missing");
  const base = baseUrl(url, options.basePath ?? process.env.CHAT_BASE_PATH ?? "/nereid-chat");
  const credential = options.credential ?? signer(options);
  return createServerApi((call) => ask(base, call, credential, Date.now() + timeout));
}

/** Returns the URL of the chat: as in the client, the base path follows the path of the deployment unless that has it. */
function baseUrl(url: string, base: string): string {
  const { origin, pathname } = new URL(url);
  const [before = ""] = `${pathname}/`.split(`${base}/`);
  return `${origin}${before.replace(/\/+$/, "")}${base}`;
}

function signer(options: ServerOptions): () => Promise<string> {
  const { secret = process.env.CHAT_JWT_SECRET } = options;
  if (secret === undefined) throw new TypeError("Cannot reach a chat: secret, or CHAT_JWT_SECRET, is missing");
  // As the deployment reads them: without white space around, and an empty one is none.
  const issuer = (options.issuer ?? process.env.CHAT_JWT_ISSUER)?.trim();
  const audience = (options.audience ?? process.env.CHAT_JWT_AUDIENCE)?.trim();
  return () => {
    const jwt = new SignJWT({ scope: "chat:server" })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setSubject("server")
      .setIssuedAt()
      .setExpirationTime("1m");
    if (issuer) jwt.setIssuer(issuer);
    if (audience) jwt.setAudience(audience);
    return jwt.sign(new TextEncoder().encode(secret));
  };
}

async function ask(
  base: string,
  { path, ...init }: ServerCall,
  credential: () => string | Promise<string>,
  deadline: number,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const headers = { ...init.headers, Authorization: `Bearer ${await credential()}` };
    const signal = AbortSignal.timeout(Math.max(1, Math.min(ATTEMPT_MS, deadline - Date.now())));
    const response = await fetch(`${base}${path}`, { ...init, headers, signal }).catch(() => undefined);
    const isTemporary = response === undefined || response.status === 429 || response.status >= 500;
    const pause = retryAfter(response?.headers) ?? PAUSE_MS * attempt;
    const isOver = attempt === ATTEMPTS || Date.now() + pause >= deadline;
    if (response !== undefined && (!isTemporary || isOver)) return response;
    if (isOver) throw new ServerError("unreachable", 0, "the deployment cannot be reached, or does not respond");
    await response?.body?.cancel();
    await delay(pause);
  }
}
