import * as http from "node:http";
import * as https from "node:https";
import { config } from "../config.js";

/**
 * Reads the event stream of a channel, in pieces of text, until it ends or `signal` aborts; fulfilled then, never rejected: however a
 * stream ends, the same is done. The SDK's own subscriber is not used because it never tells that its stream died, and the streams
 * of `fetch` bring each piece some turns of the loop later.
 */
export function subscribe(channel: string, take: (piece: string) => void, signal: AbortSignal): Promise<void> {
  const url = `${config.redis.url}/subscribe/${channel}`;
  const headers = { Authorization: `Bearer ${config.redis.token}`, Accept: "text/event-stream" };
  const { request } = url.startsWith("https:") ? https : http;
  return new Promise((resolve) => {
    // A connection of its own: it is never free for anything else.
    const asked = request(url, { method: "POST", headers, signal, agent: false }, (response) => {
      response.on("error", () => undefined);
      response.once("close", resolve);
      if (response.statusCode !== 200) return void response.destroy();
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        try {
          take(piece);
        } catch {
          response.destroy();
        }
      });
    });
    asked.once("error", () => resolve());
    asked.end();
  });
}
