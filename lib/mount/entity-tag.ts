import { createHash } from "node:crypto";

/** Returns the entity tag of a file: the same for the same bytes. */
export function entityTag(body: Uint8Array): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
}

/** Whether the request names the current version (RFC 9110 §13.1.2); a proxy that compresses a file makes its tag a weak one. */
export function isFresh(request: Pick<Request, "headers">, etag: string): boolean {
  const tags = request.headers.get("if-none-match")?.split(",") ?? [];
  return tags.some((it) => it.trim() === "*" || it.trim().replace(/^W\//, "") === etag);
}
