import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { onTestFinished } from "vitest";

export type Asked = { path: string; body: unknown; authorization: string | undefined; socket: Socket };

/** What the store answers: by default 200 and, as the result of each command, the command. A function takes the response over. */
export type Told =
  | undefined
  | { status?: number; headers?: Record<string, string>; body?: string; afterMs?: number }
  | ((response: ServerResponse) => void);

/** Starts a store of the REST protocol on 127.0.0.1 that answers as told, and remembers what it was asked, until the test is over. */
export async function scriptedStore(answer: (asked: Asked) => Told = () => undefined) {
  const asked: Asked[] = [];
  const server = createServer({ keepAliveTimeout: 600_000 }, async (request, response) => {
    // A client that gave up has aborted its request; nobody waits for the answer.
    const body = await textOf(request).catch(() => undefined);
    if (body === undefined) return;
    const { url = "", headers, socket } = request;
    const it = {
      path: url,
      body: body === "" ? undefined : JSON.parse(body),
      authorization: headers.authorization,
      socket,
    };
    asked.push(it);
    const told = answer(it);
    if (typeof told === "function") told(response);
    else setTimeout(respond, told?.afterMs ?? 0, response, { body: echo(it.body), ...told });
  });
  const { url, sockets } = await listen(server);
  return { url, asked, sockets, server };
}

/** Lets a server listen until the test is over; `sockets` are all that it has accepted. */
export async function listen(server: Server, host = "127.0.0.1") {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)));
  await once(server.listen(0, host), "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = addressOf(server);
  return { port, url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`, sockets };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot test: the server has no port");
  return address;
}

function respond(
  response: ServerResponse,
  told: { status?: number; headers?: Record<string, string>; body: string },
): void {
  response.writeHead(told.status ?? 200, { "Content-Type": "application/json", ...told.headers }).end(told.body);
}

function echo(body: unknown): string {
  const many = Array.isArray(body) && Array.isArray(body[0]);
  return JSON.stringify(many ? body.map((result: unknown) => ({ result })) : { result: body });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) text += piece;
  return text;
}
