import { linked } from "../environment/abort.js";
import type { Clock } from "../environment/backoff.js";
import { uuid } from "../environment/uuid.js";
import type { Posted } from "../http/deployment.js";
import type { ChatEvent } from "../protocol/chat.js";
import type { Problem } from "../protocol/problem.js";
import type { Actor, Draft, Sent } from "../protocol/stanza.js";
import { Echo } from "./local-echo.js";
import { Outbox, type Outcome } from "./outbox.js";
import { type Entry, memoryDrawer, openDrawer } from "./outbox-store.js";

export type Client = {
  me(): Actor | undefined;
  isOnline(): boolean;
  tell(event: ChatEvent): void;
  send(stanzas: object[]): Promise<Posted>;
  /** A message was accepted: the stream is about to tell of it. */
  accepted(): void;
  /** What calls reject with. */
  Error: new (
    problem: Problem,
  ) => Error;
  clock: Clock;
  closed: AbortSignal;
};

type Waiting = { resolve(result: Sent): void; reject(error: unknown): void };

/** Sends what a user says, shows it before it is delivered, and keeps it by a name until it is. */
export class Sender {
  readonly #client: Client;
  readonly #echo: Echo;
  readonly #outbox: Outbox;
  #channel: BroadcastChannel | undefined;
  #waiting = new Map<string, Waiting>();

  constructor(client: Client, name: Promise<string | undefined>) {
    const { clock, closed, tell } = client;
    this.#client = client;
    this.#echo = new Echo(tell, client.isOnline, clock, closed);
    const ways = {
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
    const drawer = name.then((it) => (it === undefined ? memoryDrawer() : openDrawer(it)));
    this.#outbox = new Outbox(drawer, ways, clock, closed);
    void name.then((it) => it === undefined || this.#listen(`${it} outbox`)).catch(() => {});
    closed.addEventListener("abort", () => {
      for (const { reject } of this.#waiting.values()) reject(closed.reason);
    });
  }

  message(draft: Draft): Promise<Sent> {
    const message = { ...draft, id: draft.id ?? uuid() };
    if (!this.#client.closed.aborted) this.#echo.show(message, this.#client.me());
    return this.put({ type: "message", message }, message.id);
  }

  async put(stanza: Entry["stanza"], id = uuid()): Promise<Sent> {
    this.#client.closed.throwIfAborted();
    const ended = new Promise<Sent>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#outbox.put({ id, stanza });
    return ended;
  }

  /** Takes up what a page before this one left. */
  async resume(): Promise<void> {
    for (const { stanza, id } of await this.#outbox.list()) {
      if (stanza.type === "message") this.#echo.show({ ...Object(stanza.message), id }, this.#client.me());
    }
    await this.drain();
  }

  /** The deployment can be reached again. */
  drain(): Promise<void> {
    return this.#outbox.drain();
  }

  /** The stream delivers a message; answers whether it is news. */
  delivered(id: string): boolean {
    return this.#echo.delivered(id);
  }

  /** Another tab may send what was put in here. */
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
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (problem !== undefined) {
      this.#echo.refused(id, problem);
      waiting?.reject(new this.#client.Error(problem));
    } else if (result !== undefined) {
      waiting?.resolve(result);
      if (result.type === "message") void this.#echo.acknowledged(result);
      this.#client.accepted();
    }
  }
}

// A tab that is frozen keeps its lock. Sending twice does no harm, since what is sent has an id; waiting for ever would.
const PATIENCE_MS = 15_000;

/** Runs while no other tab does, or when that takes too long to come. */
async function alone(lock: string, run: () => Promise<void>, closed: AbortSignal): Promise<void> {
  const { locks } = globalThis.navigator ?? {};
  if (!locks) return run();
  const patience = linked(closed);
  const timer = setTimeout(patience.abort, PATIENCE_MS);
  let mine = false;
  const begin = () => {
    mine = true;
    clearTimeout(timer);
    return run();
  };
  try {
    await locks.request(lock, { signal: patience.signal }, begin);
  } catch (error) {
    if (mine || closed.aborted) throw error;
    await run();
  } finally {
    clearTimeout(timer);
    patience.done();
  }
}
