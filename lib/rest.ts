import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { errors, type Requester, type UpstashRequest, type UpstashResponse } from "@upstash/redis";

// An instance answers many requests at once; more connections than this would only queue in the store.
const SOCKETS_MAX = 64;
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
  readonly #request: typeof http.request;
  readonly #path: string;
  readonly #options: http.RequestOptions;
  readonly #timeoutMs: number;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(url: string, token: string, timeoutMs: number) {
    const { protocol, hostname, port, pathname } = new URL(`${url}/`);
    const { Agent, request } = protocol === "https:" ? https : http;
    const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX, noDelay: true });
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    this.#request = request;
    this.#path = pathname;
    // Of an IPv6 address the brackets belong to the URL, not to the name.
    this.#options = {
      method: "POST",
      agent,
      headers,
      host: hostname.replace(/^\[|\]$/g, ""),
      ...(port ? { port } : {}),
    };
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

  #exchange(path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const fail = () => {
        clearTimeout(timer);
        reject(new NoAnswer("The store did not answer"));
      };
      const asked = this.#request({ ...this.#options, path: `${this.#path}${path}` }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
        response.on("error", fail);
        response.on("aborted", fail);
      });
      const timer = setTimeout(() => asked.destroy(new NoAnswer()), this.#timeoutMs);
      asked.on("error", fail);
      asked.end(body);
    });
  }
}

/** Lets the answers to several commands pass. A refusal of the whole is an answer, too, and is thrown as the SDK throws one. */
function whole<Answers>(answers: Answers): Answers {
  if (Array.isArray(answers)) return answers;
  throw new errors.UpstashError("The store refused a transaction");
}
