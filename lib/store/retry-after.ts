import type { IncomingMessage } from "node:http";

/** Reads `Retry-After`, a number of seconds or a date (RFC 9110 §10.2.3), as seconds from now; undefined where there is none. */
export function retryAfter({ headers }: Pick<IncomingMessage, "headers">): number | undefined {
  const value = headers["retry-after"];
  if (value === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1_000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
