import { backoff, type Clock, Pause } from "../environment/backoff.js";
import type { Posted } from "../http/deployment.js";
import type { Problem } from "../protocol/problem.js";
import type { Sent } from "../protocol/stanza.js";
import type { OutboxEntry, OutboxStore } from "./outbox-store.js";

/** What became of a stanza; can be posted to another tab. */
export type Outcome = { id: string; result?: Sent; problem?: Problem };

export type Transport = {
  send(stanzas: OutboxEntry["stanza"][]): Promise<Posted>;
  /** Runs while no other tab does the same. */
  alone(run: () => Promise<void>): Promise<void>;
  /** Called with the outcome of each stanza that this tab sent, whichever tab it came from. */
  ended(outcome: Outcome): void;
};

// A little less than the deployment accepts in one request.
const BATCH = 20;
const BATCH_BYTES = 48 * 1024;

/** Sends stanzas in order, and retries each until it is accepted or refused for good. */
export class Outbox {
  readonly #store: Promise<OutboxStore>;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #pause: Pause;
  readonly #closed: AbortSignal;
  /** Stanzas of this tab that have no outcome yet. */
  #open = new Map<string, OutboxEntry>();
  #adding: Promise<unknown> = Promise.resolve();
  #draining = false;
  #again = false;

  constructor(store: Promise<OutboxStore>, transport: Transport, clock: Clock, closed: AbortSignal) {
    this.#store = store;
    this.#transport = transport;
    this.#clock = clock;
    this.#pause = new Pause(clock);
    this.#closed = closed;
  }

  /** Stores a stanza, and sends it when all before it have been sent. */
  put(entry: OutboxEntry): void {
    this.#open.set(entry.id, entry);
    this.#adding = Promise.all([this.#adding, this.#store])
      .then(([, store]) => store.add(entry))
      // A stanza that cannot be stored is still sent, as long as the page is open.
      .catch(() => {});
    void this.#adding.then(() => this.drain());
  }

  /** Lists the unsent stanzas, including those that the page left before a reload. */
  async list(): Promise<OutboxEntry[]> {
    return (await this.#store).list();
  }

  /** A stanza has an outcome; this tab or another one sent it. */
  end(id: string): void {
    this.#open.delete(id);
  }

  /** Sends all stanzas, also those added meanwhile; a retry that is due later is made at once. */
  async drain(): Promise<void> {
    this.#again = true;
    this.#pause.wake();
    if (this.#draining) return;
    this.#draining = true;
    while (this.#again && !this.#closed.aborted) {
      this.#again = false;
      await this.#transport.alone(() => this.#empty()).catch(() => {});
    }
    this.#draining = false;
  }

  async #empty(): Promise<void> {
    const store = await this.#store;
    for (let failures = 0, max = BATCH; !this.#closed.aborted; ) {
      const batch = batchOf(await this.#pending(store), max);
      if (batch.length === 0) return;
      const { results, error } = await this.#transport.send(batch.map(({ stanza }) => stanza));
      for (const [i, result] of results.entries()) await this.#finish(store, batch[i], { result });
      if (error === undefined || this.#closed.aborted) {
        [failures, max] = [0, BATCH];
        continue;
      }
      const { passing, retryAfter = 0, problem } = error;
      const { failed } = problem;
      if (passing) {
        await this.#pause.wait(retryAfter * 1_000, backoff(++failures, this.#clock.random()), this.#closed);
      } else if (failed === undefined && batch.length > 1) {
        // Only a stanza that is sent alone is known to be the cause.
        max = 1;
      } else await this.#finish(store, batch[failed ?? 0], { problem });
    }
  }

  /** Returns the stored stanzas, else those without an outcome: the tab that sent them may be gone before it could report it. */
  async #pending(store: OutboxStore): Promise<OutboxEntry[]> {
    await this.#adding;
    const stored = await store.list();
    return stored.length > 0 ? stored : [...this.#open.values()];
  }

  async #finish(store: OutboxStore, entry: OutboxEntry | undefined, outcome: Omit<Outcome, "id">): Promise<void> {
    if (entry === undefined) return;
    await store.remove(entry.id).catch(() => {});
    this.end(entry.id);
    this.#transport.ended({ id: entry.id, ...outcome });
  }
}

function batchOf(entries: OutboxEntry[], max: number): OutboxEntry[] {
  const encoder = new TextEncoder();
  let bytes = 0;
  const end = entries.slice(0, max).findIndex(({ stanza }) => {
    bytes += encoder.encode(JSON.stringify(stanza)).length + 1;
    return bytes > BATCH_BYTES;
  });
  return entries.slice(0, end === -1 ? max : Math.max(1, end));
}
