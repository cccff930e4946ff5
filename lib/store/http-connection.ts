import * as net from "node:net";
import * as tls from "node:tls";
import { Reply } from "./http-response.js";

export type Target = { host: string; port: number; secure: boolean };

// A network forgets who was silent for minutes, and tells nobody; so it does with a function that was frozen.
const KEPT_MS = 60_000;

type Exchange = { reply: Reply; resolve(reply: Reply): void; reject(error: Error): void; timer: NodeJS.Timeout };

/**
 * A connection to the store that carries one request after the other (HTTP/1.1, RFC 9112). By Node's own client a
 * message between two is there 0.4 ms later, a tenth of its way (docs/decisions/017).
 */
export class Connection {
  readonly #socket: net.Socket;
  #exchange: Exchange | undefined;
  #keptUntil = Number.POSITIVE_INFINITY;

  constructor({ host, port, secure }: Target) {
    // A certificate is for a name, and an address is none (RFC 6066 §3).
    const name = net.isIP(host) ? {} : { servername: host };
    this.#socket = secure
      ? tls.connect({ host, port, ...name, ALPNProtocols: ["http/1.1"] })
      : net.connect({ host, port });
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (piece) => this.#take(piece));
    this.#socket.on("end", () => this.#end());
    this.#socket.on("error", () => this.#fail());
    this.#socket.on("close", () => this.#fail());
  }

  /** Whether it may be asked. */
  get free(): boolean {
    return this.#exchange === undefined && !this.#socket.destroyed && Date.now() < this.#keptUntil;
  }

  /** Sends a request and answers its whole response. Rejects when none came within `ms`; the connection is then of no use. */
  ask(request: string, ms: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(), ms);
      this.#exchange = { reply: new Reply(), resolve, reject, timer };
      this.#socket.ref();
      this.#socket.write(request);
    });
  }

  /** Lets go of it for good. */
  close(): void {
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    try {
      if (this.#exchange === undefined) this.#fail();
      else if (this.#exchange.reply.take(piece)) this.#answer(this.#exchange);
    } catch {
      this.#fail();
    }
  }

  #end(): void {
    if (this.#exchange?.reply.end()) this.#answer(this.#exchange);
    this.#fail();
  }

  #answer({ reply, resolve, timer }: Exchange): void {
    clearTimeout(timer);
    this.#exchange = undefined;
    this.#keptUntil = Date.now() + Math.min(reply.keepMs, KEPT_MS);
    // Nobody stays alive for a connection that is not needed.
    this.#socket.unref();
    if (reply.keepMs <= 0) this.#socket.destroy();
    resolve(reply);
  }

  #fail(): void {
    const failed = this.#exchange;
    this.#exchange = undefined;
    this.#socket.destroy();
    clearTimeout(failed?.timer);
    failed?.reject(new Error("The connection ended before its answer"));
  }
}
