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
  signal: AbortSignal;
};

/** Makes one request to the deployment. Rejects with a `ChatError`; when `signal` aborts, with its reason. */
export type Requester = <T>(path: string, options: RequestOptions) => Promise<T>;

// A connection can die without a sign. It is given up so long after the response was due.
const GRACE_MS = 10_000;

/** Creates the function that makes requests to a deployment; `base` is its URL and ends in a slash. */
export function createRequester(base: string, fetcher: typeof fetch): Requester {
  return async (path, { method = "GET", body, query = {}, token, wait = 0, signal }) => {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, `${one}`);
    }
    const either = linked(signal);
    const timer = setTimeout(either.abort, wait * 1_000 + GRACE_MS);
    try {
      signal.throwIfAborted();
      const response = await fetcher(url.href, {
        method,
        signal: either.signal,
        headers: {
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // Only the request for a token carries the page's session cookie.
        credentials: path === "token" ? "include" : "omit",
      });
      return await read(response);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ChatError ? error : unreachable(0);
    } finally {
      clearTimeout(timer);
      either.done();
    }
  };
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  const json = text === "" ? undefined : parse(text);
  // A captive portal also returns 200, but no JSON.
  if (response.ok && (text === "" || json !== undefined)) return json;
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfter = Number.isFinite(after) ? after : undefined;
  if (response.ok || !isProblem(json)) throw unreachable(response.ok ? 502 : response.status, retryAfter);
  throw new ChatError(json, retryAfter);
}

function unreachable(status: number, retryAfter?: number): ChatError {
  return new ChatError({ code: "unreachable", status, title: "Cannot reach the chat" }, retryAfter);
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(json: unknown): json is Problem {
  return typeof json === "object" && json !== null && "code" in json && "status" in json;
}
