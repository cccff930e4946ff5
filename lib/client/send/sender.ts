import { linked } from "../environment/abort.js";
import type { Clock } from "../environment/backoff.js";
import { uuid } from "../environment/uuid.js";
import type { Posted } from "../http/deployment.js";
import type { ChatEvent } from "../protocol/chat.js";
import type { Problem } from "../protocol/problem.js";
import type { Actor, Draft, Sent } from "../protocol/stanza.js";
import { LocalEcho } from "./local-echo.js";
import { Outbox, type Outcome } from "./outbox.js";
import { memoryStore, type OutboxEntry, openStore } from "./outbox-store.js";

export type Client = {
  me(): Actor | undefined;
  isOnline(): boolean;
  emit(event: ChatEvent): void;
  send(stanzas: object[]): Promise<Posted>;
  /** A message was accepted: the stream is about to deliver it. */
  accepted(): void;
  /** The class that calls reject with. */
  Error: new (
    problem: Problem,
  ) => Error;
  clock: Clock;
  closed: AbortSignal;
};

type Waiter = { resolve(result: Sent): void; reject(error: unknown): void };

/** Sends messages and stanzas, with a local echo and an outbox that is stored under `name` in this browser. */
export class Sender {
  readonly #client: Client;
  readonly #echo: LocalEcho;
  readonly #outbox: Outbox;
  #channel: BroadcastChannel | undefined;
  #waiters = new Map<string, Waiter>();

  constructor(client: Client, name: Promise<string | undefined>) {
    const { clock, closed, emit } = client;
    this.#client = client;
    this.#echo = new LocalEcho(emit, client.isOnline, clock, closed);
    const transport = {
      send: client.send,
      alone: async (run: () => Promise<void>) => {
        const lock = await name;
        await (lock === undefined ? run() : alone(`${lock} outbox`, run, closed));
      },
      ended: (outcome: Outcome) => {
        this.#channel?.postMessage(outcome);
        this.#ended(outcome);
      },
    };
    const store = name.then((it) => (it === undefined ? memoryStore() : openStore(it)));
    this.#outbox = new Outbox(store, transport, clock, closed);
    void name.then((it) => it === undefined || this.#listen(`${it} outbox`)).catch(() => {});
    closed.addEventListener("abort", () => {
      for (const { reject } of this.#waiters.values()) reject(closed.reason);
    });
  }

  message(draft: Draft): Promise<Sent> {
    const message = { ...draft, id: draft.id ?? uuid() };
    if (!this.#client.closed.aborted) this.#echo.show(message, this.#client.me());
    return this.put({ type: "message", message }, message.id);
  }

  async put(stanza: OutboxEntry["stanza"], id = uuid()): Promise<Sent> {
    this.#client.closed.throwIfAborted();
    const ended = new Promise<Sent>((resolve, reject) => this.#waiters.set(id, { resolve, reject }));
    this.#outbox.put({ id, stanza });
    return ended;
  }

  /** Shows and sends the messages that the page left before a reload. */
  async resume(): Promise<void> {
    for (const { stanza, id } of await this.#outbox.list()) {
      if (stanza.type === "message") this.#echo.show({ ...Object(stanza.message), id }, this.#client.me());
    }
    await this.drain();
  }

  /** Sends at once: the deployment is reachable again. */
  drain(): Promise<void> {
    return this.#outbox.drain();
  }

  /** The stream delivers a message; returns whether it has not been emitted yet. */
  delivered(id: string): boolean {
    return this.#echo.delivered(id);
  }

  /** Receives the outcomes of stanzas that another tab sends for this one. */
  #listen(name: string): void {
    const { closed } = this.#client;
    if (closed.aborted || !globalThis.BroadcastChannel) return;
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => this.#ended(data);
    closed.addEventListener("abort", () => channel.close());
    this.#channel = channel;
  }

  #ended({ id, problem, result }: Outcome): void {
    this.#outbox.end(id);
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (problem !== undefined) {
      this.#echo.refused(id, problem);
      waiter?.reject(new this.#client.Error(problem));
    } else if (result !== undefined) {
      waiter?.resolve(result);
      if (result.type === "message") void this.#echo.acknowledged(result);
      this.#client.accepted();
    }
  }
}

// A frozen tab keeps its lock. After this time, run without it: a stanza has an id, so sending it twice is harmless.
const LOCK_TIMEOUT_MS = 15_000;

/** Runs while no other tab does, or once the lock has been busy for too long. */
async function alone(lock: string, run: () => Promise<void>, closed: AbortSignal): Promise<void> {
  const { locks } = globalThis.navigator ?? {};
  if (!locks) return run();
  const waiting = linked(closed);
  const timer = setTimeout(waiting.abort, LOCK_TIMEOUT_MS);
  let locked = false;
  const begin = () => {
    locked = true;
    clearTimeout(timer);
    return run();
  };
  try {
    await locks.request(lock, { signal: waiting.signal }, begin);
  } catch (error) {
    if (locked || closed.aborted) throw error;
    await run();
  } finally {
    clearTimeout(timer);
    waiting.done();
  }
}
