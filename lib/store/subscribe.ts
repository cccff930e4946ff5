import * as http from "node:http";
import * as https from "node:https";
import type { OutageLog } from "./outage-log.js";
import { answerFailure, connectionFailure, type StoreFailure } from "./store-fault.js";

/**
 * Reads the event streams of channels. The SDK's own subscriber is not used because it never tells that its stream died, and the streams
 * of `fetch` deliver each piece some turns of the loop later.
 */
export class Subscriptions {
  readonly #url: string;
  readonly #headers: http.OutgoingHttpHeaders;
  readonly #request: typeof http.request;
  readonly #agent: http.Agent;
  readonly #outages: OutageLog;
  #closed = false;

  constructor(url: string, token: string, outages: OutageLog) {
    const secure = /^https:/i.test(url);
    this.#url = url;
    this.#headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
    this.#request = secure ? https.request : http.request;
    // A connection of its own for each: it is never free for anything else.
    this.#agent = secure ? new https.Agent() : new http.Agent();
    this.#outages = outages;
  }

  /**
   * Reads a channel, in pieces of text, until its stream ends or `signal` aborts; fulfilled then, never rejected, because however a stream
   * ends, the same is done. A stream that the store refuses is logged.
   */
  open(channel: string, take: (piece: string) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let stands = false;
      const fail = (failure: StoreFailure) => {
        if (!(stands || signal.aborted || this.#closed)) this.#outages.failed(failure);
        resolve();
      };
      const options = { method: "POST", headers: this.#headers, signal, agent: this.#agent };
      const request = this.#request(`${this.#url}/subscribe/${channel}`, options, (response) => {
        const { statusCode = 0 } = response;
        stands = statusCode === 200;
        response.on("error", () => undefined);
        response.once("close", resolve);
        if (stands) {
          this.#outages.succeeded();
          read(response, take);
        } else {
          response.destroy();
          fail(answerFailure(statusCode, undefined));
        }
      });
      request.on("error", (error) => fail(connectionFailure(error, request.socket)));
      request.end();
    });
  }

  /** Ends every stream. */
  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }
}

function read(response: http.IncomingMessage, take: (piece: string) => void): void {
  response.setEncoding("utf8");
  response.on("data", (piece: string) => {
    try {
      take(piece);
    } catch {
      response.destroy();
    }
  });
}
