import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

export type Asked = { method: string; path: string; body: string; headers: Headers };

/** What a proxy does to what passes it. */
export type Tampering = {
  /** Replies in place of the target. */
  reply?(asked: Asked): { status: number; text: string; headers?: Record<string, string> } | undefined;
  /** Asks the target for another path. */
  to?(path: string): string;
  /** Changes the headers of a request. */
  up?(headers: Headers): void;
  /** Changes the headers of a response. */
  down?(headers: Headers, asked: Asked): void;
  /** Passes the responses to these paths on when they are whole. */
  buffers?: RegExp;
  /** Resets connections on which these paths take longer. */
  cuts?: { path: RegExp; afterMs: number };
};

/** Starts a proxy on a free port of 127.0.0.1. */
export async function front(target: string, tampering: Tampering = {}): Promise<{ url: string; stop(): void }> {
  const server = createServer((request, response) => {
    pass(target, tampering, request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

// Each side has its own; and what the target has compressed is passed on as it was before.
const HOP_BY_HOP = [
  ...["connection", "keep-alive", "transfer-encoding", "host", "content-length"],
  ...["accept-encoding", "content-encoding"],
];

async function pass(target: string, tampering: Tampering, request: IncomingMessage, response: ServerResponse) {
  const asked = await read(request);
  const { reply, to = (it) => it, up, down, buffers, cuts } = tampering;
  const own = reply?.(asked);
  if (own !== undefined) return void response.writeHead(own.status, own.headers).end(own.text);
  if (cuts?.path.test(asked.path)) void delay(cuts.afterMs, undefined, { ref: false }).then(() => response.destroy());
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  for (const name of HOP_BY_HOP) asked.headers.delete(name);
  up?.(asked.headers);
  const { method, headers, body, path } = asked;
  const init = { method, headers, redirect: "manual", signal: gone.signal } as const;
  const answer = await fetch(target + to(path), body === "" ? init : { ...init, body });
  const changed = new Headers(answer.headers);
  for (const name of HOP_BY_HOP) changed.delete(name);
  down?.(changed, asked);
  const cookies = changed.getSetCookie();
  changed.delete("set-cookie");
  const whole = buffers?.test(path) ? await answer.text() : undefined;
  response.writeHead(answer.status, {
    ...Object.fromEntries(changed),
    ...(cookies.length > 0 && { "set-cookie": cookies }),
  });
  if (whole !== undefined) return void response.end(whole);
  for await (const piece of answer.body ?? []) response.write(piece);
  response.end();
}

async function read(request: IncomingMessage): Promise<Asked> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(request.headersDistinct))
    for (const value of values) headers.append(name, value);
  return { method: request.method ?? "GET", path: request.url ?? "/", body, headers };
}
