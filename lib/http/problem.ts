import * as v from "valibot";
import { Fault } from "../fault.js";

/**
 * The headers of every response (PROFILE §1). No other origin may embed one, as an image or a script, nor frame it: a page that may read the
 * chat reads it by CORS.
 */
export const GENERAL_HEADERS = {
  "Cache-Control": "private, no-store, no-transform",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  Vary: "Origin, Authorization, Cookie, Accept",
} as const;

// In pairs, because copying an object costs more than everything else that a response needs.
const GENERAL: readonly [string, string][] = Object.entries(GENERAL_HEADERS);

/** Creates a response of known length; with its `Content-Length`, an HTTP/1.0 client can read it. */
export function bounded(body: string, status: number, type: string, headers: Record<string, string> = {}): Response {
  const length = `${Buffer.byteLength(body)}`;
  return new Response(body, {
    status,
    headers: [...GENERAL, ["Content-Type", type], ["Content-Length", length], ...Object.entries(headers)],
  });
}

/** Describes a fault as a problem (RFC 9457); clients switch on `code`. */
export function describeProblem(fault: Fault) {
  const { detail, issues, results, failed, guests } = fault.extra;
  return {
    type: `urn:nereid-chat:problem:${fault.code}`,
    title: fault.title,
    status: fault.status,
    detail: detail ?? `${fault.title}: ${fault.advice}`,
    code: fault.code,
    ...(issues === undefined ? {} : { issues }),
    ...(results === undefined ? {} : { results }),
    ...(failed === undefined ? {} : { failed }),
    ...(guests === undefined ? {} : { guests }),
  };
}

/** Creates the response to a fault: a problem document. */
export function refuse(fault: Fault, headers: Record<string, string> = {}): Response {
  const { allow, retryAfter } = fault.extra;
  return bounded(JSON.stringify(describeProblem(fault)), fault.status, "application/problem+json", {
    ...(fault.status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
    ...(allow === undefined ? {} : { Allow: allow }),
    ...(retryAfter === undefined ? {} : { "Retry-After": `${retryAfter}` }),
    ...headers,
  });
}

/**
 * Converts anything that was thrown to a fault. A `ValiError` means that the store returned an unexpected value, since invalid input of
 * clients is reported by faults.
 */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return error instanceof v.ValiError
    ? new Fault("unavailable", { retryAfter: 5, cause: error })
    : new Fault("internal", { cause: error });
}
