import { Agent, type IncomingMessage, request } from "node:http";

export type Reply = { status: number; text: string };

/** Connections to one server that are kept alive: as many as requests are under way at once. */
export class Connections {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #host: string;
  readonly #target: { agent: Agent; host: string; port: string };

  constructor(origin: string) {
    const { host, hostname, port } = new URL(origin);
    this.#host = host;
    this.#target = { agent: this.#agent, host: hostname, port };
    // All lead to the same server. The clients share the machine with what is measured, so they do as little as they can.
    this.#agent.getName = () => "";
  }

  /** Sends a request and returns the whole response. Rejects if the connection ends before that. */
  ask(method: string, path: string, body = "", bearer = ""): Promise<Reply> {
    const headers = ["Host", this.#host];
    if (bearer !== "") headers.push("Authorization", `Bearer ${bearer}`);
    if (method !== "GET") headers.push("Content-Length", `${Buffer.byteLength(body)}`);
    if (body !== "") headers.push("Content-Type", "application/json");
    return new Promise((resolve, reject) => {
      const asked = request({ ...this.#target, method, path, headers }, (response) =>
        receive(response, resolve, reject),
      );
      asked.on("error", reject).end(body);
    });
  }

  /** Ends what is under way, too. */
  close(): void {
    this.#agent.destroy();
  }
}

function receive(response: IncomingMessage, resolve: (reply: Reply) => void, reject: (error: Error) => void): void {
  let text = "";
  response.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  response.on("end", () => resolve({ status: response.statusCode ?? 0, text })).on("error", reject);
}
