import { linked } from "../environment/abort.js";
import { ChatError, type Problem } from "../protocol/problem.js";

export type RequestOptions = {
  method?: string;
  body?: unknown;
  query?: Record<string, unknown>;
  /** Sent as `Bearer`. */
  token?: string;
  /** Seconds for which the deployment may hold the response. */
  wait?: number;
  /** A property that the response has, unless it is the 204 of a change: a proxy or a captive portal can respond with anything else. */
  has?: string;
  /** Whether the request goes on when the page is left. */
  keepalive?: boolean;
  signal: AbortSignal;
};

/** Makes one request to the deployment. Rejects with a `ChatError`; when `signal` aborts, with its reason. */
export type Requester = <T>(path: string, options: RequestOptions) => Promise<T>;

/**
 * The type of each change. Without one, the server that the chat is mounted in can take it for a form of another site (SvelteKit 3, Astro). To
 * another origin, the browser would ask first: a request for a token needs none there.
 */
export const JSON_TYPE = { "Content-Type": "application/json" } as const;

// A connection can die without a sign. It is given up so long after the response was due.
const GRACE_MS = 10_000;

/** Creates the function that makes requests to a deployment; `base` is its URL and ends in a slash. */
export function createRequester(base: string, fetcher: typeof fetch): Requester {
  return async (path, { method = "GET", body, query = {}, token, wait = 0, has, keepalive = false, signal }) => {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, `${one}`);
    }
    const atHome = url.origin === (globalThis.location?.origin ?? url.origin);
    const typed = body !== undefined || (atHome && method !== "GET");
    const either = linked(signal);
    const timer = setTimeout(either.abort, wait * 1_000 + GRACE_MS);
    try {
      signal.throwIfAborted();
      const response = await fetcher(url.href, {
        method,
        signal: either.signal,
        headers: {
          ...(typed ? JSON_TYPE : {}),
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        ...(typed && method !== "DELETE" ? { body: JSON.stringify(body ?? {}) } : {}),
        // Only the request for a token carries the page's session cookie.
        credentials: path === "token" ? "include" : "omit",
        ...(keepalive ? { keepalive } : {}),
      });
      return await read(response, has, method === "PATCH");
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ChatError ? error : unreachable(0);
    } finally {
      clearTimeout(timer);
      either.done();
    }
  };
}

async function read<T>(response: Response, has: string | undefined, mayBeEmpty: boolean): Promise<T> {
  const { ok, status, redirected, headers } = response;
  const text = await response.text();
  const json = parse(text);
  if (ok && (has === undefined || has in Object(json) || (mayBeEmpty && status === 204))) return json;
  const retryAfter = secondsOf(headers.get("Retry-After"));
  // A redirect can change the method of a request: a problem after it is that of another request.
  throw !ok && !redirected && isProblem(json, status)
    ? new ChatError(json, retryAfter)
    : unreachable(ok ? 502 : status, retryAfter);
}

function unreachable(status: number, retryAfter?: number): ChatError {
  return new ChatError({ code: "unreachable", status, title: "Cannot reach the chat" }, retryAfter);
}

// Maintenance pages ask for hours. A deployment asks for a minute at most, and is often back sooner than it was announced.
const RETRY_AFTER_MAX_S = 60;

/** Reads `Retry-After`: seconds or a date. */
function secondsOf(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  const after = Number.isNaN(seconds) ? (Date.parse(`${header}`) - Date.now()) / 1_000 : seconds;
  return Number.isNaN(after) ? undefined : Math.min(Math.max(after, 0), RETRY_AFTER_MAX_S);
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// A gateway can respond with a problem document of its own. Only those of the deployment have this type, where they have one.
const TYPE = "urn:nereid-chat:problem:";

function isProblem(json: unknown, status: number): json is Problem {
  const { code, status: said, type = TYPE } = Object(json);
  return typeof code === "string" && code !== "" && said === status && `${type}`.startsWith(TYPE);
}
