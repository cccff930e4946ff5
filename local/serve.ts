import { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerRequest } from "srvx";
import { serve as listen } from "srvx/node";
import { CodedFiles } from "../lib/mount/content-coding.js";
import { isRead, refuseMethod } from "../lib/mount/file-method.js";
import { Departure } from "./disconnect.js";
import type { PathHeaders } from "./public-headers.js";
import { inCoding, readPublic } from "./static.js";

type Options = {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Handles requests at `base` and below, except for public files. */
  chat: { base: string; fetch(request: Request): Response | Promise<Response> };
  /** The folder of public files. */
  folder: string;
  /** Adds headers to public files. */
  headers?: PathHeaders;
  /** Handles paths that exist only locally. */
  beside?: (request: Request, path: string) => Promise<Response | undefined>;
};

type Served = Options & { coded: CodedFiles };

/** Serves a chat and public files as a deployment would. Rejects when the port is taken. */
export async function serve(options: Options): Promise<{ url: string; stop(): Promise<void> }> {
  const served = { ...options, coded: new CodedFiles() };
  const server = listen({
    // localhost can be IPv4 or IPv6, and clients differ in which they try; all of them try IPv4.
    hostname: options.host === "localhost" ? "127.0.0.1" : options.host,
    port: options.port,
    silent: true,
    gracefulShutdown: false,
    fetch: (request) => answer(served, request),
    error: fail,
    node: {
      // Limits the time a client may take to send a request. The response has no limit.
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 75_000,
    },
  });
  // After a stop, connections are not kept alive. One shared function, since one per response would be held as long as a poll.
  function release(this: ServerResponse): void {
    if (!server.node?.server?.listening) this.req.socket.destroySoon();
  }
  server.node?.server?.prependListener("request", (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead = writeHeadWithReason;
    response.on("finish", release);
  });
  await server.ready();
  const port = new URL(server.url ?? "").port;
  return {
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    stop: () => stop(server),
  };
}

/** Writes the reason phrase that belongs to a status (RFC 9112 §4), where a web response has an empty one. One shared function, as above. */
function writeHeadWithReason(this: ServerResponse, status: number, ...rest: unknown[]): ServerResponse {
  const args = rest[0] === "" ? [status, ...rest.slice(1)] : [status, ...rest];
  return Reflect.apply(ServerResponse.prototype.writeHead, this, args);
}

// On the path to the chat, none of these functions is async: a frame would stay in memory for as long as a poll is held.
function answer(options: Served, request: ServerRequest): Response | Promise<Response> {
  const pathname = pathOf(request);
  if (pathname === undefined) return new Response(null, { status: 400, headers: { "content-length": "0" } });
  describe(request);
  readFast(request);
  // As on Vercel, a public file takes precedence over the function.
  return FILE.test(pathname) ? answerFile(options, request, pathname) : answerElse(options, request, pathname);
}

async function answerFile(options: Served, request: ServerRequest, pathname: string): Promise<Response> {
  return (await publicFile(options, request, pathname)) ?? answerElse(options, request, pathname);
}

function answerElse(options: Served, request: ServerRequest, pathname: string): Response | Promise<Response> {
  const { base, fetch } = options.chat;
  if (pathname === base || pathname.startsWith(`${base}/`)) return fetch(request);
  return answerBeside(options, request, pathname);
}

async function answerBeside(options: Served, request: ServerRequest, pathname: string): Promise<Response> {
  const found = (await options.beside?.(request, pathname)) ?? (await publicFile(options, request, pathname));
  return (
    found ?? new Response("Not found\n", { status: 404, headers: { "content-type": "text/plain; charset=utf-8" } })
  );
}

// Matches valid, normalised URLs. Parsing the URL would cost more than routing it.
const PLAIN = /^http:\/\/(?:127\.0\.0\.1|[a-z]+(?:\.[a-z]+)*)(?::[1-5]?\d{1,4})?(\/[\w/-]*)(?:\?|$)/;

// Returns undefined for an invalid Host header, with which the URL of the request throws, either when read or when parsed.
function pathOf(request: ServerRequest): string | undefined {
  try {
    return PLAIN.exec(request.url)?.[1] ?? new URL(request.url).pathname;
  } catch {
    return undefined;
  }
}

// Only these paths are looked up among the public files before they go to the chat.
const FILE = /\.(js|mjs|css|json|html|png|svg|ico|map|txt|md)$/;

async function publicFile(options: Served, request: ServerRequest, path: string): Promise<Response | undefined> {
  const isScript = path.startsWith(`${options.chat.base}/`);
  if (!isRead(request) && !isScript) return undefined;
  const file = await readPublic(options.folder, path);
  if (file !== undefined && !isRead(request)) return refuseMethod();
  for (const [name, value] of Object.entries(options.headers?.(path) ?? {})) file?.headers.set(name, value);
  return file && inCoding(options.coded, request, file);
}

// Adds what the platform tells a function: the client's address, whatever headers claim, and that an HTTP/1.0 client cannot stream.
function describe(request: ServerRequest): void {
  const { req: asked, res: answer } = request.runtime?.node ?? {};
  if (asked === undefined) return;
  if (answer instanceof ServerResponse) Object.defineProperty(request, "signal", { value: new Departure(answer) });
  // Set on Node's request, since a web Headers object is slow to create, and often not needed.
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

// A body of known length is read without web streams, which cost more than the chat itself.
function readFast(request: ServerRequest): void {
  const asked = request.runtime?.node?.req;
  if (!(asked instanceof IncomingMessage) || asked.headers["content-length"] === undefined) return;
  Object.defineProperty(request, "body", { value: { [Symbol.asyncIterator]: () => whole(asked) } });
}

// Written by hand, since a generator creates more promises.
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

// The chat handles its own failures. Any other error may quote a message or a token, so only its name is logged.
function fail(error: unknown): Response {
  console.error(`Cannot answer a request: ${error instanceof Error ? error.name : typeof error}`);
  return new Response(null, { status: 500, headers: { "content-length": "0" } });
}

/** Closes the server: open connections end when they have their response, at the latest after 500 ms. */
async function stop({ node }: ReturnType<typeof listen>): Promise<void> {
  const server = node?.server;
  if (server === undefined || !("closeAllConnections" in server)) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await Promise.race([closed, delay(500)]);
  server.closeAllConnections();
  await closed;
}
