import { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerRequest } from "srvx";
import { serve as listen } from "srvx/node";
import { Departure } from "./disconnect.js";
import type { PathHeaders } from "./public-headers.js";
import { readPublic } from "./static.js";

type Options = {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Answers every path at the chat's base and below that is no public file. */
  chat: { base: string; fetch(request: Request): Response | Promise<Response> };
  /** The folder of public files. */
  folder: string;
  /** What is added to the headers of public files. */
  headers?: PathHeaders;
  /** Answers what a deployment does not have. */
  beside?: (request: Request, path: string) => Promise<Response | undefined>;
};

/** Serves a chat and public files as a deployment would. Rejects when the port is taken. */
export async function serve(options: Options): Promise<{ url: string; stop(): Promise<void> }> {
  const server = listen({
    // By name it could be either family, and clients differ in which they try; all of them try this one.
    hostname: options.host === "localhost" ? "127.0.0.1" : options.host,
    port: options.port,
    silent: true,
    gracefulShutdown: false,
    fetch: (request) => answer(options, request),
    error: fail,
    node: {
      // Bounds what a client may take to ask; an answer may take as long as it likes.
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 75_000,
    },
  });
  // After a stop, no connection waits for another request. One listener for all: each would be held as long as a poll.
  function release(this: ServerResponse): void {
    if (!server.node?.server?.listening) this.req.socket.destroySoon();
  }
  server.node?.server?.on("request", (_: IncomingMessage, response: ServerResponse) => response.on("finish", release));
  await server.ready();
  const port = new URL(server.url ?? "").port;
  return {
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    stop: () => stop(server),
  };
}

// None of these is an async function where a request is for one of the chat's: its frame would stay for as long as a poll is held.
function answer(options: Options, request: ServerRequest): Response | Promise<Response> {
  const pathname = pathOf(request);
  if (pathname === undefined) return new Response(null, { status: 400, headers: { "content-length": "0" } });
  describe(request);
  readFast(request);
  // As on Vercel, a public file comes before the function.
  return FILE.test(pathname) ? answerFile(options, request, pathname) : answerElse(options, request, pathname);
}

async function answerFile(options: Options, request: ServerRequest, pathname: string): Promise<Response> {
  return (await publicFile(options, request, pathname)) ?? answerElse(options, request, pathname);
}

function answerElse(options: Options, request: ServerRequest, pathname: string): Response | Promise<Response> {
  const { base, fetch } = options.chat;
  if (pathname === base || pathname.startsWith(`${base}/`)) return fetch(request);
  return answerBeside(options, request, pathname);
}

async function answerBeside(options: Options, request: ServerRequest, pathname: string): Promise<Response> {
  const found = (await options.beside?.(request, pathname)) ?? (await publicFile(options, request, pathname));
  return (
    found ?? new Response("Not found\n", { status: 404, headers: { "content-type": "text/plain; charset=utf-8" } })
  );
}

// What is a URL beyond doubt, and normal already: to parse it anew costs more than to find its function.
const PLAIN = /^http:\/\/(?:127\.0\.0\.1|[a-z]+(?:\.[a-z]+)*)(?::[1-5]?\d{1,4})?(\/[\w/-]*)(?:\?|$)/;

// A Host that is none makes no URL, and whoever reads it then is told so by an error: at once, or when its parts are asked for.
function pathOf(request: ServerRequest): string | undefined {
  try {
    return PLAIN.exec(request.url)?.[1] ?? new URL(request.url).pathname;
  } catch {
    return undefined;
  }
}

// Only what looks like a file is looked for among the files before a function is asked.
const FILE = /\.(js|mjs|css|json|html|png|svg|ico|map|txt|md)$/;

async function publicFile(options: Options, request: ServerRequest, path: string): Promise<Response | undefined> {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const file = await readPublic(options.folder, path);
  for (const [name, value] of Object.entries(options.headers?.(path) ?? {})) file?.headers.set(name, value);
  return file;
}

// What a function is told by the platform: who asks, whatever they claim, and that an old client cannot take a stream.
function describe(request: ServerRequest): void {
  const { req: asked, res: answer } = request.runtime?.node ?? {};
  if (asked === undefined) return;
  if (answer instanceof ServerResponse) Object.defineProperty(request, "signal", { value: new Departure(answer) });
  // Set on Node's own request, since the web's headers are slow to make and need not be.
  tell(asked, "x-real-ip", asked.socket?.remoteAddress ?? "");
  const { via } = asked.headers;
  if (asked.httpVersion === "1.0") tell(asked, "via", via === undefined ? "1.0 local" : `${via}, 1.0 local`);
}

function tell(asked: Pick<IncomingMessage, "headers" | "rawHeaders">, name: string, value: string): void {
  asked.headers[name] = value;
  for (let i = asked.rawHeaders.length - 2; i >= 0; i -= 2) {
    if (asked.rawHeaders[i]?.toLowerCase() === name) asked.rawHeaders.splice(i, 2);
  }
  asked.rawHeaders.push(name, value);
}

// A body whose length is known comes without the streams of the web, which cost more than the chat does.
function readFast(request: ServerRequest): void {
  const asked = request.runtime?.node?.req;
  if (!(asked instanceof IncomingMessage) || asked.headers["content-length"] === undefined) return;
  Object.defineProperty(request, "body", { value: { [Symbol.asyncIterator]: () => whole(asked) } });
}

// Written out, since a generator takes a few promises more.
function whole(asked: IncomingMessage): AsyncIterator<Uint8Array> {
  let given = false;
  return {
    async next() {
      if (given) return { value: undefined, done: true };
      given = true;
      return { value: await buffer(asked), done: false };
    },
  };
}

function buffer(asked: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    asked.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    asked.on("end", () => resolve(Buffer.concat(chunks)));
    asked.on("close", () => asked.readableEnded || reject(new Error("The client went away")));
  });
}

// Functions answer their own failures; what arrives here may quote a message or a token, so only its name is told.
function fail(error: unknown): Response {
  console.error(`Cannot answer a request: ${error instanceof Error ? error.name : typeof error}`);
  return new Response(null, { status: 500, headers: { "content-length": "0" } });
}

/** Takes no more connections, and ends those there are: when they have been answered, at the latest after 500 ms. */
async function stop({ node }: ReturnType<typeof listen>): Promise<void> {
  const server = node?.server;
  if (server === undefined || !("closeAllConnections" in server)) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await Promise.race([closed, delay(500)]);
  server.closeAllConnections();
  await closed;
}
