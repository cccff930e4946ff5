/** Reads `Retry-After`, a number of seconds or a date (RFC 9110 §10.2.3), as ms from now; undefined where there is none. */
export function retryAfter(headers: Headers | undefined): number | undefined {
  const value = headers?.get("retry-after") ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
