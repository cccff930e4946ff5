import { createChat } from "../../lib/chat.js";
import type { ChatOptions } from "../../lib/config.js";
import { type Reply, session } from "./site.js";

/** A chat in this process, asked by requests: what a server process answers, without the server. */
export type InProcess = {
  /** What the URLs of its requests begin with. */
  url: string;
  /** Answers a request to `/nereid-chat/<path>`, as the platform hands it over. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Calls `/nereid-chat/<path>`; the body goes as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** Makes a chat token for a user, by a session of the host application. */
  token(entity: string, claims?: Record<string, unknown>): Promise<Token>;
  stop(): Promise<void>;
};

export type CallOptions = { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal };
export type Token = { token: string; cursor: string; expires: string; entity: string };

const ORIGIN = "http://chat.test";

/**
 * Makes a chat of the store of this run, in the key space of this test file. `options` win over `environment`, which wins over
 * that of the test.
 */
export function inProcess(
  options: ChatOptions = {},
  environment: Readonly<Record<string, string | undefined>> = {},
): InProcess {
  const chat = createChat({ log: "silent", ...options }, { ...process.env, ...environment });
  const fetch = (path: string, init: RequestInit = {}) =>
    chat.fetch(
      new Request(`${ORIGIN}/nereid-chat/${path}`, { ...init, headers: { "x-real-ip": "127.0.0.1", ...init.headers } }),
    );
  const call = async (method: string, path: string, { body, headers = {}, signal }: CallOptions = {}) => {
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(path, {
      method,
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    const isJson = text !== "" && /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
  return {
    url: ORIGIN,
    fetch,
    call,
    async token(entity, claims = {}) {
      const headers = { authorization: `Bearer ${await session(entity, claims)}` };
      const { status, text, json } = await call("POST", "token", { headers });
      if (status !== 200) throw new Error(`Cannot make a token: ${status} ${text}`);
      return { ...json, entity };
    },
    stop: async () => chat.close(),
  };
}
