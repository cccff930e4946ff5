import type { Config } from "../config.js";
import { Fault } from "../fault.js";

/** Returns the origin to allow: the request's if CHAT_ORIGINS lists it, else `undefined`. Never `null`, never `*`. */
export function allowOrigin(config: Config, request: Request): string | undefined {
  const origin = request.headers.get("origin");
  return origin !== null && isListed(config, origin.toLowerCase()) ? origin : undefined;
}

/** Returns whether a request comes from a page of another site whose origin is listed: its browser treats the chat's cookies as foreign. */
export function isFromListedSite(config: Config, request: Request): boolean {
  if (allowOrigin(config, request) === undefined || fromOwnPage(request)) return false;
  return request.headers.get("sec-fetch-site") !== "same-site";
}

// What PROFILE promises and scripts of other origins cannot read otherwise; Content-Type and Content-Length they can.
const EXPOSED = "Allow, Retry-After, WWW-Authenticate";

/** Returns the CORS headers of a response: none unless the origin is listed. The caller must always send `Vary: Origin`. */
export function corsHeaders(config: Config, request: Request): Record<string, string> {
  const origin = allowOrigin(config, request);
  if (origin === undefined) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": EXPOSED,
  };
}

/**
 * Creates the response to OPTIONS: 204 with the methods of the path (RFC 9110 §9.3.7). Browsers treat one to a preflight request as a refusal if
 * it has no allow headers of CORS.
 */
export function preflight(config: Config, request: Request, methods: readonly string[]): Response {
  const allow = { Allow: allowed(methods) };
  if (allowOrigin(config, request) === undefined) return new Response(null, { status: 204, headers: allow });
  const headers = {
    ...allow,
    ...corsHeaders(config, request),
    "Access-Control-Allow-Methods": methods.join(", "),
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "600",
  };
  return new Response(null, { status: 204, headers });
}

/** Formats the methods of a path, and OPTIONS, which every path has. */
export function allowed(methods: readonly string[]): string {
  return [...methods, "OPTIONS"].join(", ");
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

const FIRST_LABEL = /^(https?:\/\/)[a-z0-9_-]+\./;

/** Returns whether an origin is listed, by itself or by `*` in place of its first label. */
function isListed({ origins }: Config, origin: string): boolean {
  if (origins.has(origin)) return !origin.includes("*");
  return origins.has(origin.replace(FIRST_LABEL, "$1*."));
}

function fromOwnPage(request: Request): boolean {
  const origin = request.headers.get("origin")?.toLowerCase();
  // No page can set this header. Behind a rewrite of the page's own site, the browser alone knows that it is the same origin.
  const site = request.headers.get("sec-fetch-site");
  if (origin !== undefined) return origin !== "null" && (site === "same-origin" || isOwnOrigin(request, origin));
  // An <img> or <script> of another site sends no Origin header; clients other than browsers send neither header.
  return site !== "cross-site" && site !== "same-site";
}

/**
 * Returns whether an origin is the chat's own, by the host of the request or the one that a rewrite forwards. A page of another origin can
 * send neither: the forwarded host would take a preflight, which is refused.
 */
function isOwnOrigin(request: Request, origin: string): boolean {
  const url = new URL(request.url);
  const forwarded = firstOf(request, "x-forwarded-proto");
  const scheme = forwarded === "https" || forwarded === "http" ? `${forwarded}:` : url.protocol;
  const hosts = [url.host, firstOf(request, "x-forwarded-host") ?? url.host];
  return hosts.some((host) => URL.canParse(`${scheme}//${host}`) && new URL(`${scheme}//${host}`).origin === origin);
}

function firstOf(request: Request, header: string): string | undefined {
  return request.headers.get(header)?.split(",")[0]?.trim().toLowerCase();
}
