import { setTimeout as sleep } from "node:timers/promises";
import { errors, type Requester, type UpstashRequest, type UpstashResponse } from "@upstash/redis";
import { Connection, type Target } from "./http-connection.js";
import type { Reply } from "./http-response.js";

// An instance answers many requests at once; more connections than this would only queue in the store.
const CONNECTIONS_MAX = 64;
// A request may have 10 MB; a batch stays far below.
const BATCH_BYTES = 2_000_000;
const BATCH_MAX = 128;
// Nobody waits longer for somebody else's answer: a store that says nothing must be told of within three seconds.
const QUEUE_MS = 50;

/** Thrown when the store gave no usable answer: whether a command was carried out is not known. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

type Waiting = { body: string; resolve(answer: Promise<UpstashResponse<never>>): void };

/**
 * Carries commands to Upstash's REST API over kept-alive connections. Single commands that come while one is under way wait, and go
 * together as one pipeline, in order, each with its own result: an idle instance adds no delay, a busy one saves requests.
 */
export class Rest implements Requester {
  readonly #target: Target;
  readonly #path: string;
  readonly #headers: string;
  readonly #timeoutMs: number;
  readonly #free: Connection[] = [];
  readonly #turns: (() => void)[] = [];
  #taken = 0;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(url: string, token: string, timeoutMs: number) {
    const { protocol, hostname, host, port, pathname } = new URL(`${url}/`);
    const secure = protocol === "https:";
    // Of an IPv6 address the brackets belong to the URL, not to the name.
    this.#target = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (secure ? 443 : 80), secure };
    this.#path = pathname;
    this.#headers = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a command, or (by its path) a pipeline or transaction. Rejects with `NoAnswer`. */
  request<Result>({ path, body }: UpstashRequest): Promise<UpstashResponse<Result>> {
    const text = JSON.stringify(body);
    return path?.length ? this.#post(path.join("/"), text).then(whole) : this.#queue(text);
  }

  /** Runs one command and answers what the store said. Rejects with `NoAnswer`, or as the SDK does with what the store refused. */
  async run(command: readonly unknown[]): Promise<unknown> {
    const { result, error } = await this.#queue(JSON.stringify(command));
    if (error) throw new errors.UpstashError(error);
    return result;
  }

  #queue(body: string): Promise<UpstashResponse<never>> {
    return new Promise((resolve) => {
      this.#waiting.push({ body, resolve });
      if (!this.#busy) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#fitting());
      const [only] = batch;
      const answer =
        batch.length === 1 && only
          ? this.#post("", only.body)
          : this.#post("pipeline", `[${batch.map((it) => it.body).join(",")}]`).then(whole);
      for (const [i, it] of batch.entries()) it.resolve(batch.length === 1 ? answer : answer.then((all) => all[i]));
      await Promise.race([answer.catch(() => undefined), sleep(QUEUE_MS, undefined, { ref: false })]);
    }
    this.#busy = false;
  }

  #fitting(): number {
    let bytes = 0;
    const over = this.#waiting.findIndex(({ body }) => {
      bytes += body.length;
      return bytes > BATCH_BYTES;
    });
    return Math.min(BATCH_MAX, over < 0 ? this.#waiting.length : Math.max(1, over));
  }

  /** Posts JSON and answers what came back, an error of the store included. */
  async #post(path: string, body: string) {
    const { status, text } = await this.#exchange(path, body);
    if (status >= 500 || status === 429) throw new NoAnswer(`The store answered ${status}`);
    try {
      return JSON.parse(text);
    } catch {
      throw new NoAnswer("The store did not answer in JSON");
    }
  }

  async #exchange(path: string, body: string): Promise<Reply> {
    const until = Date.now() + this.#timeoutMs;
    const length = Buffer.byteLength(body);
    const request = `POST ${this.#path}${path} HTTP/1.1\r\n${this.#headers}Content-Length: ${length}\r\n\r\n${body}`;
    if (this.#taken < CONNECTIONS_MAX) this.#taken++;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
    const connection = this.#connection();
    try {
      return await connection.ask(request, until - Date.now());
    } catch {
      throw new NoAnswer("The store did not answer");
    } finally {
      if (connection.free) this.#free.push(connection);
      const next = this.#turns.shift();
      if (next === undefined) this.#taken--;
      else next();
    }
  }

  #connection(): Connection {
    for (let kept = this.#free.pop(); kept !== undefined; kept = this.#free.pop()) {
      if (kept.free) return kept;
      kept.close();
    }
    return new Connection(this.#target);
  }
}

/** Lets the answers to several commands pass. A refusal of the whole is an answer, too, and is thrown as the SDK throws one. */
function whole<Answers>(answers: Answers): Answers {
  if (Array.isArray(answers)) return answers;
  throw new errors.UpstashError("The store refused a transaction");
}
