import type { IncomingMessage } from "node:http";
import type { Command } from "./link.js";

/** The target of a request: the unescaped segments of its path, and its query. */
export type Target = { words: string[]; query: URLSearchParams };

/** The largest body that is accepted, in bytes. */
export const MAX_BODY = 10 * 1024 * 1024;

/** Parses a URL. Never throws: a malformed one is no known command. */
export function parseTarget(url: string): Target {
  const cut = url.indexOf("?");
  const path = cut < 0 ? url : url.slice(0, cut);
  const words = path.split("/").filter((word) => word !== "");
  return { words: words.map(unescaped), query: new URLSearchParams(cut < 0 ? "" : url.slice(cut)) };
}

/** Reads a body; undefined if it is too large. Even that is read to its end, so that the client receives the response. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on("end", () => resolve(size > MAX_BODY ? undefined : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

/** Parses `["SET", "foo", "bar"]`. */
export function parseCommand(body: Buffer): Command | undefined {
  return asCommand(parseJson(body));
}

/** Parses `[["SET", "foo", "bar"], ["GET", "foo"]]`. */
export function parseCommands(body: Buffer): Command[] | undefined {
  const list = parseJson(body);
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const commands = list.map(asCommand).filter((command) => command !== undefined);
  return commands.length === list.length ? commands : undefined;
}

/** Parses `/set/foo/bar?EX=100`. A body is the last argument before the options. */
export function parsePath({ words, query }: Target, body: Buffer): Command {
  const value = body.length === 0 ? [] : [body.toString()];
  const options = [...query].filter(([name]) => name !== "_token").flat();
  return [...words, ...value, ...options.filter((word) => word !== "")];
}

function asCommand(value: unknown): Command | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((word) => ["string", "number", "boolean"].includes(typeof word)) ? value.map(String) : undefined;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function unescaped(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
