import * as http from "node:http";
import * as https from "node:https";
import { Webhook } from "standardwebhooks";
import type { Target } from "../config-hooks.js";
import { guardedLookup } from "../guarded-lookup.js";

/** A response: its status, and its body; undefined for one that is too large to be read. */
export type Answer = { status: number; text: string | undefined };

// A verdict repeats a message of at most 16 KiB in JSON, which may escape each of its bytes.
const ANSWER_BYTES = 128 * 1024;
// Who waits for a connection is not asked in time: so many at once are more than one instance sends on. Few of them are kept.
const CONNECTIONS_MAX = 256;
const KEPT_MAX = 16;

/**
 * Posts JSON to the host's server, signed as Standard Webhooks say (https://www.standardwebhooks.com). Follows no redirect, and connects to no
 * address that is not allowed, whatever the name resolves to when the connection is made.
 */
export class SignedPost {
  readonly #url: URL;
  readonly #webhook: Webhook;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  constructor({ url, secret, reachable }: Target) {
    this.#url = new URL(url);
    this.#webhook = new Webhook(secret);
    const secure = this.#url.protocol === "https:";
    const limits = { maxSockets: CONNECTIONS_MAX, maxFreeSockets: KEPT_MAX };
    const options = { keepAlive: true, ...limits, lookup: guardedLookup(reachable) };
    this.#agent = secure ? new https.Agent(options) : new http.Agent(options);
    this.#request = secure ? https.request : http.request;
  }

  /** Posts a body under an id. Rejects if there is no complete response within so many ms. */
  post(id: string, body: string, ms: number): Promise<Answer> {
    const now = new Date();
    const headers = {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      "User-Agent": "nereid-chat",
      "Webhook-Id": id,
      "Webhook-Timestamp": Math.floor(now.getTime() / 1000),
      "Webhook-Signature": this.#webhook.sign(id, now, body),
    };
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(ms);
      const request = this.#request(this.#url, { method: "POST", agent: this.#agent, headers, signal });
      request.on("error", reject);
      request.on("response", (response) => readAnswer(response).then(resolve, reject));
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAnswer(response: http.IncomingMessage): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    bytes += piece.length;
    if (bytes > ANSWER_BYTES) return { status, text: undefined };
    pieces.push(piece);
  }
  return { status, text: Buffer.concat(pieces).toString("utf8") };
}
