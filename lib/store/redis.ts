import { setTimeout as sleep } from "node:timers/promises";
import { type Pipeline, Redis } from "@upstash/redis";
import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Logger } from "../logger.js";
import { OutageLog } from "./outage-log.js";
import { Scripts } from "./script.js";
import { StoreFailure, storeFault, type Trouble } from "./store-fault.js";
import { Subscriptions } from "./subscribe.js";
import { Rest } from "./upstash-rest.js";

/** Commands to be answered together, in the order in which they are called. */
export type Batch = Pipeline<[]>;
/** Adds commands to a batch. */
export type AddCommands = (batch: Batch) => unknown;
export type Argument = string | number;

/** What the store is asked: a script, a transaction on the primary, or a read of any replica. */
export type CallKind = "script" | "transaction" | "read";

export type StoreOptions = {
  /** The base URL of the REST API, with or without a path. */
  url: string;
  token: string;
  logger: Logger;
  /** Is given the time in ms that each call took, retries included, and what it was. */
  observe?: (ms: number, kind: CallKind) => void;
};

// A caller is told "unavailable" within three seconds: two attempts end before that.
const PATIENCE_MS = 3_000;
const ATTEMPT_MS = 1_300;
const ATTEMPTS = 2;
const PAUSE_MS = 60;

/** The database: commands and scripts over the Upstash REST protocol, each reply parsed. */
export class Store {
  readonly #rest: Rest;
  readonly #client: Redis;
  readonly #subscriptions: Subscriptions;
  readonly #outages: OutageLog;
  readonly #observe: StoreOptions["observe"];
  readonly #scripts: Scripts;
  #isClosed = false;

  /** Opens nothing before the first call. Throws for a URL that is none, and for a token that no header can carry. */
  constructor({ url, token, logger, observe }: StoreOptions) {
    const base = url.replace(/\/+$/, "");
    const { host } = new URL(base);
    this.#rest = new Rest(base, token, ATTEMPT_MS);
    this.#scripts = new Scripts(this.#rest);
    this.#client = new Client({ url: base, token }, this.#rest);
    this.#subscriptions = new Subscriptions(base, token, new OutageLog(logger, { host, operation: "subscribe" }));
    this.#outages = new OutageLog(logger, { host, operation: "request" });
    this.#observe = observe;
  }

  /** Why the store could not be used the last time it was asked; undefined when it answered. */
  get trouble(): Trouble | undefined {
    return this.#outages.trouble;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Lets go of all connections: ends subscriptions at once, other connections when their requests are answered. */
  close(): void {
    this.#isClosed = true;
    this.#rest.close();
    this.#subscriptions.close();
  }

  /**
   * Runs a script on the primary and parses its reply. Scripts are idempotent, so one that got no answer is sent once more.
   * The reply of a script that wrote twice says so by its tag.
   */
  runScript<const Reply extends v.GenericSchema>(
    lua: string,
    reply: Reply,
    scriptKeys: readonly string[],
    args: readonly Argument[],
  ): Promise<v.InferOutput<Reply>> {
    return this.#attempt("script", reply, () => this.#scripts.run(lua, scriptKeys, args));
  }

  /**
   * Runs a script that finds its keys by what it reads, and only reads: where `runScript` locks the keys that are named, Upstash
   * locks the whole database meanwhile. For what would otherwise take several round trips, and is short.
   */
  runReadScript<const Reply extends v.GenericSchema>(
    lua: string,
    reply: Reply,
    scriptKeys: readonly string[],
    args: readonly Argument[],
  ): Promise<v.InferOutput<Reply>> {
    return this.#attempt("script", reply, () => this.#scripts.runOnAnyKeys(lua, scriptKeys, args));
  }

  /**
   * Runs commands as one transaction on the primary: Upstash answers plain reads from replicas that may lag, and a stale answer
   * must not become a verdict. One `/multi-exec`. What is written on the way must depend on nothing that is read, and may be
   * written twice.
   */
  transact<const Reply extends v.GenericSchema>(reply: Reply, add: AddCommands): Promise<v.InferOutput<Reply>> {
    return this.#attempt("transaction", reply, () => {
      const batch = this.#client.multi();
      add(batch);
      return batch.exec();
    });
  }

  /** Reads from any replica: the answer may be old, and must be proved by the script that acts on it. */
  readAnywhere<const Reply extends v.GenericSchema>(reply: Reply, add: AddCommands): Promise<v.InferOutput<Reply>> {
    return this.#attempt("read", reply, () => {
      const batch = this.#client.pipeline();
      add(batch);
      return batch.exec();
    });
  }

  /** Reads the event stream of a channel, in pieces of text, until it ends or `signal` aborts; fulfilled then, never rejected. */
  subscribe(channel: string, take: (piece: string) => void, signal: AbortSignal): Promise<void> {
    return this.#subscriptions.open(channel, take, signal);
  }

  async #attempt<const Reply extends v.GenericSchema>(
    kind: CallKind,
    reply: Reply,
    call: () => Promise<unknown>,
  ): Promise<v.InferOutput<Reply>> {
    const began = performance.now();
    try {
      const answer = parseReply(reply, await this.#ask(call, began));
      this.#outages.succeeded();
      return answer;
    } catch (error) {
      const failure = error instanceof Fault ? error.cause : error;
      if (failure instanceof StoreFailure) this.#outages.failed(failure);
      throw error instanceof StoreFailure ? storeFault(error) : error;
    } finally {
      this.#observe?.(performance.now() - began, kind);
    }
  }

  async #ask(call: () => Promise<unknown>, began: number): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      try {
        return await call();
      } catch (error) {
        const late = performance.now() - began + PAUSE_MS + ATTEMPT_MS > PATIENCE_MS;
        if (tries === ATTEMPTS || late || !(error instanceof StoreFailure && error.passing)) throw error;
        this.#outages.retried(error);
        await sleep(PAUSE_MS);
      }
    }
  }
}

/** The replies to a command list that repeats every `width` commands, as rows of that width. */
export function rows<const Row extends v.GenericSchema>(row: Row, width: number) {
  return v.pipe(
    v.array(v.unknown()),
    v.transform((replies) =>
      Array.from({ length: replies.length / width }, (_, i) => replies.slice(i * width, (i + 1) * width)),
    ),
    v.array(row),
  );
}

/** Parses what the store gave. Throws `unavailable` if it has another shape. */
export function parseReply<const Reply extends v.GenericSchema>(reply: Reply, value: unknown): v.InferOutput<Reply> {
  const parsed = v.safeParse(reply, value);
  if (parsed.success) return parsed.output;
  throw storeFault(new StoreFailure("wrong answer", { sign: "shape", retryAfter: 5 }));
}

/** The SDK over `Rest`: its own way to the store costs more than Redis does, and repeats writes. */
class Client extends Redis {
  constructor(config: { url: string; token: string }, requester: Rest) {
    // Automatic deserialization makes a number of the text "123"; automatic pipelines let reads and writes overtake each other.
    super({ ...config, automaticDeserialization: false, enableAutoPipelining: false, enableTelemetry: false });
    this.client = requester;
  }
}
