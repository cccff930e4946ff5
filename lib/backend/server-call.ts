/** A call below the path of the chat. */
export type ServerCall = { method: string; path: string; headers: Record<string, string>; body?: string };

/** The parameters of a call. What is absent or null is left out, as the chat reads bodies. */
export type Query = Readonly<Record<string, string | number | readonly string[] | null | undefined>>;

/** Formats a call, with its body if there is one. */
export function toCall(method: string, path: string, body: unknown): ServerCall {
  // Without a type, the server that the chat is mounted in can take a change for a form of another site.
  const headers: ServerCall["headers"] = method === "GET" ? {} : { "Content-Type": "application/json" };
  return { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

/** Formats parameters, with the question mark. */
export function queryOf(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const it of [value ?? []].flat()) given.append(name, `${it}`);
  }
  return given.size === 0 ? "" : `?${given}`;
}

/**
 * Formats an id as a part of a path. One that a URL would take for another path, and one that is no Unicode, become ids that nothing has: the
 * chat answers that it does not know them.
 */
export function segment(id: string): string {
  const text = `${id}`;
  return /^\.{0,2}$/.test(text) ? "%00" : encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\u{fffd}"));
}
