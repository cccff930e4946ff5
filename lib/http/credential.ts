import { validate as isUuid } from "uuid";
import type { Config } from "../config.js";
import { Fault } from "../fault.js";
import { isFromListedSite } from "./cors.js";

/** The credential of a request, not yet verified; `undefined` for none. */
export type Credential =
  | { kind: "session"; jwt: string; cookie: boolean }
  | { kind: "token"; token: string; inPath: boolean }
  | undefined;

/**
 * Finds the credential of a request: the path's token, else the Authorization header, else the session cookie.
 * Tokens are returned in lower case. An Authorization header of another scheme than `Bearer` is meant for another party, such as a proxy,
 * and is ignored. Throws `token_unknown` (404) for a path segment that is not a UUID, and `unauthenticated` for `Bearer` without one
 * well-formed value (RFC 6750 §2.1): a client that tried to authenticate is never taken for another user because of its cookie.
 */
export function findCredential(config: Config, request: Request, pathToken: string | undefined): Credential {
  if (pathToken !== undefined) {
    if (!isUuid(pathToken)) throw new Fault("token_unknown");
    return { kind: "token", token: pathToken.toLowerCase(), inPath: true };
  }
  const authorization = request.headers.get("authorization");
  if (authorization !== null && BEARER.test(authorization)) return fromBearer(authorization);
  return fromCookie(config, request.headers.get("cookie") ?? "");
}

/**
 * Formats the cookie of a session that was created here; it expires with its JWT. For a listed page of another site it is of that page alone
 * (CHIPS), because browsers neither keep nor send any other cookie there.
 */
export function sessionCookie(config: Config, request: Request, jwt: string, seconds: number): string {
  const forwarded = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  const isSecure = (forwarded ?? new URL(request.url).protocol).startsWith("https");
  const site = isSecure && isFromListedSite(config, request) ? "None" : "Lax";
  const attributes = `${isSecure ? "; Secure" : ""}${site === "None" ? "; Partitioned" : ""}`;
  return `${config.sessionCookie}=${jwt}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=${site}${attributes}`;
}

// The scheme is case-insensitive (RFC 9110 §11.1).
const BEARER = /^\s*Bearer(?:\s|$)/i;

function fromBearer(authorization: string): Credential {
  const value = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (value === undefined) throw new Fault("unauthenticated");
  if (isUuid(value)) return { kind: "token", token: value.toLowerCase(), inPath: false };
  return { kind: "session", jwt: value, cookie: false };
}

function fromCookie(config: Config, header: string): Credential {
  const jwt = cookie(header, config.sessionCookie);
  // Browsers attach cookies to any request, so a chat token in a cookie would bypass the origin check of sessions.
  if (jwt === undefined || jwt === "" || isUuid(jwt)) return undefined;
  return { kind: "session", jwt, cookie: true };
}

/** Finds a cookie by its name, the first if there are several: browsers send the one with the longest path first (RFC 6265 §5.4). */
function cookie(header: string, name: string): string | undefined {
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) {
      return pair
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, "$1");
    }
  }
  return undefined;
}
