import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { hasPassed } from "../elapsed.js";
import { retryAfter } from "./retry-after.js";
import { connectionFailure, StoreFailure } from "./store-fault.js";

/** A whole response; `retryAfter` in seconds. */
export type Answer = { status: number; text: string; retryAfter: number | undefined };

// An instance answers many requests at once; more connections than this would only queue in the store.
const CONNECTIONS_MAX = 64;
// Networks forget silent connections after minutes without telling either side, and a frozen function hears no farewell.
const IDLE_MS = 60_000;
// A reply has at most 10 MB, and the replies to a batch are far smaller each: more than this is no answer, and fills the memory.
const ANSWER_BYTES = 64_000_000;

type Job = {
  path: string;
  body: string;
  /** When it is of no use any more, in ms since 1970. */
  deadline: number;
  resolve(answer: Answer): void;
  reject(failure: StoreFailure): void;
};

/** Posts JSON to one origin by Node's own client, over connections that are kept alive (docs/decisions/019). */
export class HttpClient {
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;
  readonly #host: string;
  readonly #port: string;
  readonly #path: string;
  readonly #headers: readonly string[];
  readonly #queue: Job[] = [];
  readonly #idleSince = new WeakMap<Socket, number>();
  #underWay = 0;
  /** How long the last answer took. */
  #tookMs = 0;

  constructor(url: string, token: string) {
    const { protocol, hostname, host, port, pathname } = new URL(`${url}/`);
    const secure = protocol === "https:";
    this.#agent = keepAliveAgent(secure);
    this.#request = secure ? https.request : http.request;
    // Of an IPv6 address the brackets belong to the URL, not to the name.
    this.#host = hostname.replace(/^\[|\]$/g, "");
    this.#port = port;
    this.#path = pathname;
    const authorization = `Bearer ${token}`;
    http.validateHeaderValue("Authorization", authorization);
    // As a list, Node writes headers as they are, and does not look for those that are missing.
    this.#headers = ["Host", host, "Authorization", authorization, "Content-Type", "application/json"];
  }

  /**
   * Posts a body and returns the response, whatever its status. Rejects with `StoreFailure` at the deadline (ms since 1970). A request
   * that must wait for a connection until it cannot be answered in time is not sent.
   */
  post(path: string, body: string, deadline: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const job = { path, body, deadline, resolve, reject };
      if (this.#underWay < CONNECTIONS_MAX) this.#send(job);
      else this.#queue.push(job);
    });
  }

  /** Closes idle connections and keeps no others from then on. Requests under way, and later ones, still get their answers. */
  close(): void {
    this.#agent.maxFreeSockets = 0;
    this.#dropIdle();
  }

  #send({ path, body, deadline, resolve, reject }: Job): void {
    this.#dropStale();
    const began = Date.now();
    const request = this.#open(path, body);
    this.#underWay++;
    let settled = false;
    const settle = () => {
      if (settled) return false;
      settled = true;
      clearTimeout(timer);
      // Node frees the connection before microtasks run: the next request is to have it.
      queueMicrotask(() => this.#next());
      return true;
    };
    const fail = (failure: StoreFailure) => {
      if (!settle()) return;
      request.destroy();
      // Connections die in company: another attempt is to meet a new one.
      if (request.reusedSocket) this.#dropIdle();
      reject(failure);
    };
    const timer = setTimeout(() => fail(new StoreFailure("no answer in time")), deadline - began);
    request.on("error", (error) => fail(connectionFailure(error, request.socket)));
    request.on("response", (response) => {
      receive(response, fail, (text) => {
        if (!settle()) return;
        this.#tookMs = Date.now() - began;
        if (request.socket !== null) this.#idleSince.set(request.socket, Date.now());
        resolve({ status: response.statusCode ?? 0, text, retryAfter: retryAfter(response) });
      });
    });
    // Not end(body), which adds an empty piece to be gathered with this one: a tenth more time for each request.
    request.write(body, () => request.end());
  }

  #open(path: string, body: string): http.ClientRequest {
    return this.#request({
      agent: this.#agent,
      method: "POST",
      host: this.#host,
      port: this.#port,
      path: this.#path + path,
      headers: this.#headers.concat("Content-Length", `${Buffer.byteLength(body)}`),
    });
  }

  #next(): void {
    this.#underWay--;
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      // With less time left than the last answer took, it would be carried out and its answer come too late.
      if (job.deadline - Date.now() > this.#tookMs) {
        this.#send(job);
        return;
      }
      job.reject(new StoreFailure("no answer in time"));
    }
  }

  /** Closes connections that were idle for too long. A frozen process finds them here, before their own timers can fire. */
  #dropStale(): void {
    const now = Date.now();
    // The agent takes the newest, so the first in line has been idle for the longest.
    for (const socket of this.#idle) {
      if (!hasPassed(socket.timeout ?? IDLE_MS, this.#idleSince.get(socket) ?? now, now)) return;
      socket.destroy();
    }
  }

  #dropIdle(): void {
    for (const socket of this.#idle) socket.destroy();
  }

  get #idle(): readonly Socket[] {
    return this.#agent.freeSockets[ORIGIN] ?? [];
  }
}

const ORIGIN = "store";

function keepAliveAgent(secure: boolean): http.Agent {
  // The newest connection is taken first, and those that are not needed grow old; the agent heeds the server's Keep-Alive, too.
  const options: http.AgentOptions = { keepAlive: true, scheduling: "lifo", timeout: IDLE_MS };
  const agent = secure ? new https.Agent(options) : new http.Agent(options);
  // All its connections are alike. Node would spell out what tells them apart three times in each request, which is a fifth of its cost.
  agent.getName = () => ORIGIN;
  return agent;
}

function receive(
  response: http.IncomingMessage,
  fail: (failure: StoreFailure) => void,
  done: (text: string) => void,
): void {
  const pieces: Buffer[] = [];
  let bytes = 0;
  response.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > ANSWER_BYTES) fail(new StoreFailure("wrong answer", { sign: "too large" }));
    else pieces.push(piece);
  });
  response.on("error", (error) => fail(connectionFailure(error, response.socket)));
  response.on("end", () => {
    const [only] = pieces;
    done((pieces.length === 1 && only ? only : Buffer.concat(pieces)).toString());
  });
}
