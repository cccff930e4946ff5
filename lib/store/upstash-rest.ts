import type { Requester, UpstashRequest, UpstashResponse } from "@upstash/redis";
import { type Answer, HttpClient } from "./http-client.js";
import { answerFailure, StoreFailure } from "./store-fault.js";

// A request may have 10 MB; a batch stays far below.
const BATCH_BYTES = 2_000_000;
const BATCH_MAX = 128;
// No command waits longer for the answer to others: a store that says nothing must be reported within three seconds.
const QUEUE_MS = 50;
// A wrong Retry-After must not silence an instance for long.
const HOLD_MAX_MS = 60_000;

type Waiting = { body: string; deadline: number; resolve(result: unknown): void; reject(error: unknown): void };
type Reply = UpstashResponse<unknown>;

/**
 * Carries commands to Upstash's REST API. Single commands that come while one is under way wait, and go together as one pipeline, in
 * order, each with its own result: an idle instance adds no delay, a busy one saves requests.
 */
export class Rest implements Requester {
  readonly #http: HttpClient;
  readonly #attemptMs: number;
  #waiting: Waiting[] = [];
  #busy = false;
  #heldUntil = 0;

  /** Every request of this client is answered or rejected within `attemptMs`. */
  constructor(url: string, token: string, attemptMs: number) {
    this.#http = new HttpClient(url, token);
    this.#attemptMs = attemptMs;
  }

  /** Sends a pipeline or transaction (by its path) or a single command. Rejects with `StoreFailure`, also if Redis refuses one of them. */
  async request<Result>({ path, body }: UpstashRequest): Promise<UpstashResponse<Result>> {
    const text = JSON.stringify(body);
    const answer = await this.#post(path?.join("/") ?? "", text, this.#deadline());
    const replies = path?.length ? repliesIn(answer, Array.isArray(body) ? body.length : 0) : [replyIn(answer)];
    for (const reply of replies) resultOf(reply);
    return answer;
  }

  /** Runs one command and returns its result. Rejects with `StoreFailure`. */
  run(command: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ body: JSON.stringify(command), deadline: this.#deadline(), resolve, reject });
      if (!this.#busy) this.#flush();
    });
  }

  /** Lets go of idle connections, and of the others when their requests end. */
  close(): void {
    this.#http.close();
  }

  #deadline(): number {
    return Date.now() + this.#attemptMs;
  }

  #flush(): void {
    const batch = this.#nextBatch();
    const [first] = batch;
    this.#busy = first !== undefined;
    if (first === undefined) return;
    let over = false;
    const next = () => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      this.#flush();
    };
    const timer = setTimeout(next, QUEUE_MS).unref();
    void this.#send(batch, first).then(next);
  }

  /** Takes the commands that go together, and rejects those that would be sent too late. */
  #nextBatch(): Waiting[] {
    const now = Date.now();
    const inTime = this.#waiting.findIndex(({ deadline }) => deadline > now);
    for (const it of this.#waiting.splice(0, inTime < 0 ? this.#waiting.length : inTime)) {
      it.reject(new StoreFailure("no answer in time"));
    }
    let bytes = 0;
    const over = this.#waiting.findIndex(({ body }) => {
      bytes += body.length;
      return bytes > BATCH_BYTES;
    });
    return this.#waiting.splice(0, Math.min(BATCH_MAX, over < 0 ? this.#waiting.length : Math.max(1, over)));
  }

  async #send(batch: readonly Waiting[], { body, deadline }: Waiting): Promise<void> {
    try {
      const [path, text] = batch.length === 1 ? ["", body] : ["pipeline", `[${batch.map((it) => it.body).join(",")}]`];
      const answer = await this.#post(path, text, deadline);
      const replies = batch.length === 1 ? [replyIn(answer)] : repliesIn(answer, batch.length);
      for (const [i, it] of batch.entries()) settle(it, replies[i]);
    } catch (error) {
      for (const it of batch) it.reject(error);
    }
  }

  /** Posts JSON and returns the JSON that came back: replies of Redis, refusals included. */
  async #post(path: string, body: string, deadline: number) {
    const heldMs = this.#heldUntil - Date.now();
    // Longer than any hold, and the clock was set back.
    if (heldMs > 0 && heldMs <= HOLD_MAX_MS) throw answerFailure(429, undefined, Math.ceil(heldMs / 1_000));
    const answer = await this.#http.post(path, body, deadline);
    if (answer.status === 429) this.#heldUntil = Date.now() + Math.min(HOLD_MAX_MS, (answer.retryAfter ?? 0) * 1_000);
    return read(answer);
  }
}

function read({ status, text, retryAfter }: Answer) {
  const json = parse(text);
  if (json !== undefined && status >= 200 && status < 300) return json;
  throw answerFailure(status, isReply(json) ? json.error : undefined, retryAfter);
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function replyIn(answer: unknown): Reply {
  if (isReply(answer)) return answer;
  throw new StoreFailure("wrong answer");
}

function repliesIn(answers: unknown, count: number): readonly Reply[] {
  if (Array.isArray(answers) && answers.length === count && answers.every(isReply)) return answers;
  throw isReply(answers) && answers.error ? answerFailure(200, answers.error) : new StoreFailure("wrong answer");
}

function isReply(it: unknown): it is Reply {
  if (typeof it !== "object" || it === null) return false;
  return "result" in it || ("error" in it && typeof it.error === "string");
}

function resultOf({ result, error }: Reply): unknown {
  if (typeof error === "string") throw answerFailure(200, error);
  return result;
}

function settle({ resolve, reject }: Waiting, reply: Reply = {}): void {
  try {
    resolve(resultOf(reply));
  } catch (error) {
    reject(error);
  }
}
