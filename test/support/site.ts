import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { SignJWT } from "jose";

/** The secret that sessions are signed with. */
export const SECRET = "a secret of the tests that has 32 bytes or more";

/** A server in a process of its own, as `npm start` runs it. */
export type Site = {
  url: string;
  /** Calls `/nereid-chat/<path>`; the body goes as JSON. */
  call(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Reply>;
  /** Makes a chat token for somebody, by a session of the host application. */
  token(
    entity: string,
    claims?: Record<string, unknown>,
  ): Promise<{ token: string; cursor: string; expires: string; entity: string }>;
  kill(signal: NodeJS.Signals): void;
  child: ChildProcess;
  stop(): Promise<void>;
};

export type Reply = { status: number; headers: Headers; text: string; json: unknown };

/** Starts a server process on a store; `env` adds to its environment or (undefined) takes away, `flags` are Node's. */
export async function site(
  store: { url: string; token: string },
  env: Record<string, string | undefined> = {},
  flags: readonly string[] = [],
): Promise<Site> {
  const child = spawn(process.execPath, [...flags, "dist/local/start.js"], {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      UPSTASH_REDIS_REST_URL: store.url,
      UPSTASH_REDIS_REST_TOKEN: store.token,
      CHAT_PREFIX: process.env.CHAT_PREFIX,
      CHAT_JWT_SECRET: SECRET,
      CHAT_LOG: "silent",
      CHAT_RATE_SEND: "1000000",
      CHAT_RATE_TOKEN: "1000000",
      CHAT_RATE_GUEST: "1000000",
      CHAT_RATE_STREAM: "1000000",
      CHAT_RATE_REACH: "1000000",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const url = await said(child, /Serving on (http:\S+?),/);
  const call = (method: string, path: string, options = {}) => request(`${url}/nereid-chat/${path}`, method, options);
  return {
    url,
    call,
    async token(entity, claims = {}) {
      const reply = await call("POST", "token", {
        headers: { authorization: `Bearer ${await session(entity, claims)}` },
      });
      const made = reply.json;
      if (reply.status !== 200 || !isToken(made)) throw new Error(`Cannot make a token: ${reply.status} ${reply.text}`);
      return { ...made, entity };
    },
    kill: (signal) => void child.kill(signal),
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** Signs a session as a host application does. */
export function session(entity: string, claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({ name: entity, ...claims, sub: entity })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

async function request(
  url: string,
  method: string,
  options: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal },
): Promise<Reply> {
  const { body, headers = {}, signal } = options;
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  const isJson = text !== "" && /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

function isToken(value: unknown): value is { token: string; cursor: string; expires: string } {
  return typeof value === "object" && value !== null && "token" in value && "cursor" in value && "expires" in value;
}

async function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = "";
  // Left open: whoever writes into a closed pipe is ended by that.
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    text += chunk;
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) {
      child.stdout?.resume();
      return found;
    }
  }
  throw new Error(`Cannot start a server: ${text}`);
}
