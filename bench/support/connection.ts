import { connect, type Socket } from "node:net";

export type Reply = { status: number; text: string };

type Asked = { resolve(reply: Reply): void; reject(error: Error): void };

/**
 * One kept-alive connection, over which one thing after another is asked. As lean as can be, since the clients share the machine
 * with what is measured: it reads bounded answers alone, which are all that a chat gives.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #heard: Buffer = Buffer.alloc(0);
  #asked: Asked | undefined;

  constructor(origin: string) {
    const { hostname, port } = new URL(origin);
    this.#host = `${hostname}:${port}`;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("Cannot go on: the connection was closed")));
  }

  /** Asks, and waits for the answer; only one thing at a time. `headers` end in a line break each. */
  ask(method: string, path: string, body = "", headers = ""): Promise<Reply> {
    const length =
      body === "" ? "" : `content-length: ${Buffer.byteLength(body)}\r\ncontent-type: application/json\r\n`;
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      this.#socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${headers}${length}\r\n${body}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#heard = this.#heard.length === 0 ? chunk : Buffer.concat([this.#heard, chunk]);
    const end = this.#heard.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.#heard.toString("latin1", 0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const from = end + 4;
    if (this.#heard.length < from + length) return;
    const text = this.#heard.toString("utf8", from, from + length);
    this.#heard = this.#heard.subarray(from + length);
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.resolve({ status: Number(head.slice(9, 12)), text });
  }

  #fail(error: Error): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.reject(error);
  }
}

/** Connections for whoever needs one now: as many as things are under way at once. */
export class Connections {
  readonly #origin: string;
  readonly #idle: Connection[] = [];
  readonly #all: Connection[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  async ask(method: string, path: string, body = "", headers = ""): Promise<Reply> {
    const connection = this.#idle.pop() ?? this.#open();
    const reply = await connection.ask(method, path, body, headers);
    this.#idle.push(connection);
    return reply;
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #open(): Connection {
    const connection = new Connection(this.#origin);
    this.#all.push(connection);
    return connection;
  }
}
