import type { Config } from "../config.js";
import { Fault } from "../fault.js";

/** Returns the origin to allow: the request's if it is listed in CHAT_ORIGINS, else `undefined`. Never `null`, never `*`. */
export function allowOrigin(config: Config, request: Request): string | undefined {
  const origin = request.headers.get("origin");
  return origin !== null && config.origins.has(origin.toLowerCase()) ? origin : undefined;
}

/** Returns the CORS headers of a response: none unless the origin is listed. The caller must always send `Vary: Origin`. */
export function corsHeaders(config: Config, request: Request): Record<string, string> {
  const origin = allowOrigin(config, request);
  if (origin === undefined) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "Retry-After",
  };
}

/** Creates the response to a preflight request: 204, which browsers treat as a refusal if it has no allow headers. */
export function preflight(config: Config, request: Request, methods: readonly string[]): Response {
  if (allowOrigin(config, request) === undefined) return new Response(null, { status: 204 });
  const headers = {
    ...corsHeaders(config, request),
    "Access-Control-Allow-Methods": methods.join(", "),
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "600",
  };
  return new Response(null, { status: 204, headers });
}

/**
 * Throws `origin_not_allowed` if a foreign page could be using a user's cookie: for an unsafe method or a stream (reading one moves its
 * position) from an origin, including `null`, that is neither the chat's own nor listed.
 */
export function checkOrigin(config: Config, request: Request, usesCookie: boolean, toStream: boolean): void {
  if (!usesCookie || (SAFE_METHODS.has(request.method) && !toStream)) return;
  if (!fromOwnPage(request) && allowOrigin(config, request) === undefined) throw new Fault("origin_not_allowed");
}

// RFC 9110 §9.2.1
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

function fromOwnPage(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) return origin.toLowerCase() === ownOrigin(request);
  // An <img> or <script> of another site sends no Origin header; clients other than browsers send neither header.
  const site = request.headers.get("sec-fetch-site");
  return site !== "cross-site" && site !== "same-site";
}

function ownOrigin(request: Request): string {
  const url = new URL(request.url);
  const forwarded = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim().toLowerCase();
  const scheme = forwarded === "https" || forwarded === "http" ? `${forwarded}:` : url.protocol;
  return new URL(`${scheme}//${url.host}`).origin;
}
