import { linked } from "../environment/abort.js";
import { ChatError, type Problem } from "../protocol/problem.js";

export type Ask = {
  method?: string;
  body?: unknown;
  query?: Record<string, unknown>;
  /** Sent as `Bearer`. */
  token?: string;
  /** Seconds that the deployment may hold the answer. */
  wait?: number;
  signal: AbortSignal;
};

/** Asks the deployment for one thing. Rejects with a `ChatError`; when `signal` aborts, with its reason. */
export type Request = <T>(path: string, ask: Ask) => Promise<T>;

// A connection that died in silence is given up so long after the answer was due.
const PATIENCE_MS = 10_000;

/** Makes the way to a deployment, by its base that ends in a slash. */
export function requester(base: string, fetcher: typeof fetch): Request {
  return async (path, { method = "GET", body, query = {}, token, wait = 0, signal }) => {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, `${one}`);
    }
    const given = linked(signal);
    const timer = setTimeout(given.abort, wait * 1_000 + PATIENCE_MS);
    try {
      signal.throwIfAborted();
      const response = await fetcher(url.href, {
        method,
        signal: given.signal,
        headers: {
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // Only the token is asked for by the page's session cookie.
        credentials: path === "token" ? "include" : "omit",
      });
      return await read(response);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ChatError ? error : unreachable(0);
    } finally {
      clearTimeout(timer);
      given.done();
    }
  };
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  const json = text === "" ? undefined : parse(text);
  // A captive portal answers 200, too, but no JSON.
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
