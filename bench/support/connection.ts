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

  /** Reads an event stream, and hears the id and the data of each event, until the server ends it. Rejects if the connection ends before that. */
  follow(path: string, hear: (id: string, data: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = ["Host", this.#host, "Accept", "text/event-stream"];
      const asked = request({ ...this.#target, method: "GET", path, headers }, (response) => {
        if (response.statusCode !== 200)
          reject(new Error(`Cannot go on: a stream was answered with ${response.statusCode}`));
        const take = eventReader(hear);
        response.setEncoding("utf8").on("data", take).on("end", resolve).on("error", reject);
      });
      asked.on("error", reject).end();
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

function eventReader(hear: (id: string, data: string) => void): (piece: string) => void {
  let rest = "";
  let id = "";
  return (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("id: ")) id = line.slice(4);
      else if (line.startsWith("data: ")) hear(id, line.slice(6));
    }
  };
}
