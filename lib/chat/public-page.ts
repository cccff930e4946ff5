import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import { isReachable, type Reachable } from "../config-hooks.js";
import { guardedLookup } from "../guarded-lookup.js";

// Heads of pages that embed their styles reach 300 kB; what lies beyond is not read.
const BYTES_MAX = 512 * 1024;
// A shortener, the change to https, and the change to www.
const REDIRECTS_MAX = 3;
// The sender still writes meanwhile.
const DEADLINE_MS = 4_000;
// Declared within the first 1,024 bytes (HTML, section 4.2.5.4).
const CHARSET_BYTES = 1_024;

/**
 * Reads the beginning of a page of HTML. Connects to no address that is not allowed, whatever a name or a redirect leads to, and to no port but
 * those of the web. Sends nothing of the user. Rejects when there is no page of HTML, or it does not come in time.
 */
export async function readPage(url: string, reachable: Reachable = "public", ms = DEADLINE_MS): Promise<string> {
  const signal = AbortSignal.timeout(ms);
  let at = new URL(url);
  for (let redirects = 0; ; redirects++) {
    check(at, reachable);
    const response = await ask(at, reachable, signal);
    const { statusCode: status = 0, headers } = response;
    try {
      if (status >= 300 && status < 400 && headers.location !== undefined && redirects < REDIRECTS_MAX) {
        at = new URL(headers.location, at);
        continue;
      }
      const type = headers["content-type"] ?? "";
      const encoded = headers["content-encoding"] ?? "identity";
      if (status !== 200 || !/^(text\/html|application\/xhtml\+xml)\b/i.test(type) || encoded !== "identity")
        throw new Error(`The response is no page: ${status}`);
      return decode(await readBeginning(response), type);
    } finally {
      response.destroy();
    }
  }
}

/** An address in the URL is not looked up, so that the lookup does not guard against it. */
function check({ protocol, hostname, port, username, password }: URL, reachable: Reachable): void {
  if (protocol !== "https:" && protocol !== "http:") throw new Error("The address is not one of the web");
  if (username !== "" || password !== "") throw new Error("The address has a user");
  if (port !== "" && reachable === "public") throw new Error("The port is not one of the web");
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !isReachable(host, reachable)) throw new Error("The address is private");
}

function ask(url: URL, reachable: Reachable, signal: AbortSignal): Promise<http.IncomingMessage> {
  const { request: send } = url.protocol === "https:" ? https : http;
  const headers = { Accept: "text/html", "Accept-Encoding": "identity", "User-Agent": "nereid-chat (link preview)" };
  return new Promise((resolve, reject) => {
    const request = send(url, { agent: false, lookup: guardedLookup(reachable), headers, signal });
    request.on("error", reject);
    request.on("response", resolve);
    request.end();
  });
}

async function readBeginning(response: http.IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= BYTES_MAX) break;
  }
  return Buffer.concat(pieces).subarray(0, BYTES_MAX);
}

function decode(bytes: Buffer, type: string): string {
  const declared = bytes.toString("latin1", 0, CHARSET_BYTES);
  const label =
    /charset\s*=\s*["']?([\w:.-]+)/i.exec(type)?.[1] ?? /<meta[^>]+charset\s*=\s*["']?([\w:.-]+)/i.exec(declared)?.[1];
  try {
    return new TextDecoder(label ?? "utf-8").decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
