import { createHmac } from "node:crypto";

/** What lets this server sign URLs of a store for some time; only the signing token is secret. */
export type Delegation = { delegationToken: string; clientSigningToken: string; validUntil: number };

/** What one URL allows: an operation on one file, until a time in ms. `rules` bind an upload: which types, how large, whether over another. */
export type Grant = { operation: "get" | "put"; pathname: string; until: number; rules?: Record<string, string> };

/**
 * Signs a URL as Vercel Blob has it ("Signed URLs"): an HMAC over the sorted lines of what is allowed, which the service computes again. The
 * test compares each URL with the one that `@vercel/blob` makes.
 */
export function signUrl(
  place: URL,
  { delegationToken, clientSigningToken, validUntil }: Delegation,
  { operation, pathname, until, rules = {} }: Grant,
): string {
  // The service takes the end of the delegation for that of a URL which names none.
  const end = until < validUntil ? { "vercel-blob-valid-until": `${until}` } : {};
  const named = Object.entries({ ...end, ...rules });
  const lines = [["operation", operation], ["pathname", pathname], ...named].map((pair) => pair.join("="));
  const signature = createHmac("sha256", clientSigningToken).update(lines.sort().join("\n")).digest("base64url");
  const url = new URL(place);
  for (const [name, value] of named) url.searchParams.set(name, value);
  url.searchParams.set("vercel-blob-delegation", delegationToken);
  url.searchParams.set("vercel-blob-signature", signature);
  return url.href;
}
