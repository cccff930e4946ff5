import { Agent, type IncomingMessage, request } from "node:http";

export type Reply = { status: number; text: string; ms: number };

export type Asking = { token?: string; body?: unknown; raw?: string; type?: string; signal?: AbortSignal };

// A held poll lasts 55 s at most.
const PATIENCE_MS = 70_000;

/** The leanest client of a chat, from an address of its own; every address of 127.0.0.0/8 is one of this machine. */
export class Wire {
  readonly #base: string;
  readonly #agent: Agent;

  constructor(url: string, address = "127.0.0.1") {
    this.#base = `${url}/nereid-chat/`;
    this.#agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, localAddress: address });
  }

  /** Asks; `raw` goes as it is, `body` as JSON. Status 0: there was no whole answer. Never rejects. */
  async ask(method: string, path: string, asking: Asking = {}): Promise<Reply> {
    const began = performance.now();
    try {
      const response = await this.open(method, path, asking);
      let text = "";
      for await (const piece of response.setEncoding("utf8")) text += piece;
      return { status: response.statusCode ?? 0, text, ms: performance.now() - began };
    } catch {
      return { status: 0, text: "", ms: performance.now() - began };
    }
  }

  /** Fulfilled with the head of the answer; rejects when there is none. */
  open(method: string, path: string, { token, body, raw, type, signal }: Asking = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const length = content === undefined ? {} : { "content-length": `${Buffer.byteLength(content)}` };
      const headers = {
        ...(content === undefined ? {} : { "content-type": type ?? "application/json", ...length }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const options = { agent: this.#agent, method, headers, timeout: PATIENCE_MS };
      const asking = request(this.#base + path, signal === undefined ? options : { ...options, signal }, resolve);
      asking.on("timeout", () => asking.destroy(new Error("no answer in time")));
      asking.on("error", reject);
      asking.end(content);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
