/** A deployment that is looked at from outside. */
export type Site = {
  /** The URL where the chat is mounted, without a slash at its end: `https://example.org/nereid-chat`. */
  base: string;
  fetch: typeof fetch;
  now(): number;
};

/** A response with its text, and how long it took; or why there was none. */
export type Reply = { response: Response; text: string; ms: number } | { failure: string };

// A cold start takes a few seconds.
const PATIENCE_MS = 15_000;

/** Makes a request and reads the whole response; a change names a type, as those of the client do. Never rejects. */
export async function ask({ fetch }: Pick<Site, "fetch">, url: string, init: RequestInit = {}): Promise<Reply> {
  const began = performance.now();
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { redirect: "manual", signal, ...typed(init) });
    const text = await response.text();
    return { response, text, ms: Math.round(performance.now() - began) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** Without a type, SvelteKit and Astro refuse a change as a form of another site; with it, Fastify wants something to parse. */
function typed(init: RequestInit): RequestInit {
  const { method = "GET" } = init;
  const headers = new Headers(init.headers);
  if (/^(GET|HEAD|OPTIONS)$/.test(method) || headers.has("content-type")) return init;
  headers.set("content-type", "application/json");
  return { ...init, headers, ...(method === "POST" ? { body: "{}" } : {}) };
}

/** Parses the JSON of a response; undefined if it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a URL is of this machine, where plain HTTP is as good as HTTPS. */
export function isLocal(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.*\.localhost)$/.test(new URL(url).hostname);
}

/** Names why a request got no response, by the codes of Node. */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown failure";
  if (error.name === "TimeoutError") return "no answer in time";
  const { cause } = error;
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return error.message;
  const code = `${cause.code}`;
  return REASONS.find(([pattern]) => pattern.test(code))?.[1].concat(` (${code})`) ?? code;
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^ENOTFOUND$/, "unknown host"],
  [/^EAI_AGAIN$/, "unknown host, or no network"],
  [/^ECONNREFUSED$/, "connection refused"],
  [/^(ECONNRESET|UND_ERR_SOCKET)$/, "the connection was cut"],
  [/CERT|SSL|TLS/, "TLS failure"],
  [/TIMEOUT|ETIMEDOUT/, "no answer in time"],
];
