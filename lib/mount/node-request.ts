import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** A request of Node's server, with what Express and Fastify add to it. */
export type Incoming = IncomingMessage & {
  /** The URL before a router of Express took its own path off. */
  originalUrl?: string | undefined;
  /** The client's address, as the framework takes it from the proxies that it trusts. */
  ip?: string | undefined;
  /** The body, where a parser has read it already. */
  body?: unknown;
};

/** Converts a request of Node to a web request; undefined if its target or its Host header is malformed. */
export function toWebRequest(incoming: Incoming, signal: AbortSignal): Request | undefined {
  const url = urlOf(incoming);
  if (url === undefined) return undefined;
  const { method = "GET" } = incoming;
  const body = method === "GET" || method === "HEAD" ? undefined : bodyOf(incoming);
  try {
    return new Request(url, { method, headers: headersOf(incoming), signal, ...(body && { body, duplex: "half" }) });
  } catch {
    // A method that web requests cannot have, such as TRACE.
    return undefined;
  }
}

/** Returns the path of a request, as it was asked for; undefined if it is malformed. */
export function pathOf(incoming: Incoming): string | undefined {
  const url = urlOf(incoming);
  return url === undefined ? undefined : new URL(url).pathname;
}

function urlOf(incoming: Incoming): string | undefined {
  const target = incoming.originalUrl ?? incoming.url ?? "/";
  const scheme = "encrypted" in incoming.socket && incoming.socket.encrypted === true ? "https" : "http";
  const host = incoming.headers.host ?? incoming.headers[":authority"] ?? "localhost";
  // Put together, not resolved: `//host/path` is a path here. A client of a proxy may send the whole URL (RFC 9112 §3.2.2).
  const url = target.startsWith("/") ? `${scheme}://${host}${target}` : target;
  return /^https?:/i.test(url) && URL.canParse(url) ? url : undefined;
}

function headersOf(incoming: Incoming): Headers {
  const headers = new Headers();
  const { rawHeaders } = incoming;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = "", value = ""] = rawHeaders.slice(i, i + 2);
    if (!name.startsWith(":")) headers.append(name, value);
  }
  // Limits by address must not depend on what a client claims.
  headers.set("x-real-ip", incoming.ip ?? incoming.socket.remoteAddress ?? "unknown");
  // As a proxy says it: such a client cannot read a stream.
  if (incoming.httpVersion === "1.0") headers.append("via", "1.0 node");
  return headers;
}

function bodyOf(incoming: Incoming): ReadableStream | Uint8Array<ArrayBuffer> | string | undefined {
  const { body } = incoming;
  // A parser may also have left an empty object where there was nothing to parse.
  if (!hasBody(incoming)) return undefined;
  if (!incoming.readableDidRead && !incoming.readableEnded) return Readable.toWeb(incoming);
  if (body === undefined || body === null || typeof body === "string") return body ?? undefined;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (!/^application\/x-www-form-urlencoded/i.test(incoming.headers["content-type"] ?? "")) return JSON.stringify(body);
  const fields = Object.entries(body).map(([name, value]): [string, string] => [name, `${value}`]);
  return new URLSearchParams(fields).toString();
}

function hasBody({ headers, httpVersionMajor }: Incoming): boolean {
  const { "content-length": length, "transfer-encoding": encoding } = headers;
  return length === undefined ? encoding !== undefined || httpVersionMajor > 1 : length !== "0";
}
