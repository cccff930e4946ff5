import { backoff, type Clock, Pause } from "../environment/backoff.js";
import type { Posted } from "../http/deployment.js";
import type { Attachment } from "../protocol/file.js";
import type { Problem } from "../protocol/problem.js";
import type { Sent } from "../protocol/stanza.js";
import { Backlog } from "./backlog.js";
import type { OutboxEntry, OutboxStore } from "./outbox-store.js";

/** What became of a stanza; can be posted to another tab. `repeated`: an earlier attempt may have been accepted. */
export type Outcome = {
  id: string;
  result?: Sent;
  problem?: Problem;
  repeated?: boolean;
  /** Those of a message, its files among them. */
  attachments?: Attachment[];
};

export type Transport = {
  send(stanzas: OutboxEntry["stanza"][]): Promise<Posted>;
  /** Runs while no other tab does the same. */
  alone(run: () => Promise<void>): Promise<void>;
  /** Uploads the files of a message, which is replaced when they are there. Called again and again until then. */
  upload(entry: OutboxEntry): void;
  /** Called with the outcome of each stanza that this tab sent, whichever tab it came from. */
  ended(outcome: Outcome, stanza: OutboxEntry["stanza"]): void;
};

// A little less than the deployment accepts in one request.
const BATCH = 20;
const BATCH_BYTES = 48 * 1024;

/** Sends stanzas in order, and retries each until it is accepted or refused for good. */
export class Outbox {
  readonly #backlog: Backlog;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #pause: Pause;
  readonly #closed: AbortSignal;
  /** The stanzas that a request is carrying now, each with what to call when the request is over. */
  #carried = new Map<string, () => void>();
  /** Stanzas whose response was lost at least once. */
  #unanswered = new Set<string>();
  #draining = false;
  #again = false;

  constructor(store: Promise<OutboxStore>, transport: Transport, clock: Clock, closed: AbortSignal) {
    this.#backlog = new Backlog(store);
    this.#transport = transport;
    this.#clock = clock;
    this.#pause = new Pause(clock);
    this.#closed = closed;
  }

  /** Stores a stanza, and sends it when all before it have been sent. */
  put(entry: OutboxEntry): void {
    void this.#backlog.add(entry).then(() => this.drain());
  }

  /** Returns the stanza of this tab that has no outcome yet. */
  find(id: string): OutboxEntry["stanza"] | undefined {
    return this.#backlog.find(id);
  }

  /** Lists the unsent stanzas, including those that the page left before a reload. */
  list(): Promise<OutboxEntry[]> {
    return this.#backlog.list();
  }

  /** A stanza has an outcome; this tab or another one sent it. */
  end(id: string): void {
    this.#unanswered.delete(id);
    this.#backlog.end(id);
  }

  /** Replaces a stanza that waits by what it has become, and sends it. */
  async replace(entry: OutboxEntry): Promise<void> {
    await this.#backlog.replace(entry);
    void this.drain();
  }

  /** Refuses a stanza that waits, since it cannot be sent, and sends what it held back. */
  async refuse(entry: OutboxEntry, problem: Problem): Promise<void> {
    await this.#finish(entry, { problem });
    void this.drain();
  }

  /** Takes a stanza back, after the request that is carrying it; returns whether it was still waiting. */
  async withdraw(id: string): Promise<boolean> {
    const before = this.#carried.get(id);
    if (before !== undefined) {
      await new Promise<void>((resolve) => {
        this.#carried.set(id, () => {
          before();
          resolve();
        });
      });
    }
    const waiting = (await this.list()).some((entry) => entry.id === id);
    // Another attempt may have begun while the list was read.
    if (waiting && this.#carried.has(id)) return this.withdraw(id);
    if (waiting) {
      this.end(id);
      await this.#backlog.remove(id);
      // What it held back can be sent.
      void this.drain();
    }
    return waiting;
  }

  /** Sends all stanzas, also those added meanwhile; a retry that is due later is made at once, with `all` even before it was requested. */
  async drain(all = false): Promise<void> {
    this.#again = true;
    this.#pause.wake(all);
    if (this.#draining) return;
    this.#draining = true;
    for (let failures = 0; this.#again && !this.#closed.aborted; ) {
      this.#again = false;
      try {
        await this.#transport.alone(() => this.#empty());
        failures = 0;
      } catch {
        this.#again = true;
        await this.#pause.wait(0, backoff(++failures, this.#clock.random()), this.#closed);
      }
    }
    this.#draining = false;
  }

  async #empty(): Promise<void> {
    for (let failures = 0, max = BATCH; !this.#closed.aborted; ) {
      const all = await this.list();
      for (const entry of all) if (entry.files !== undefined) this.#transport.upload(entry);
      const batch = batchOf(withoutWaiting(all), max);
      if (batch.length === 0) return;
      const { next, retryAfter } = await this.#carry(batch);
      if (next === "more") [failures, max] = [0, BATCH];
      // Only a stanza that is sent alone is known to be the cause.
      else if (next === "singly") max = 1;
      else await this.#pause.wait(retryAfter, backoff(++failures, this.#clock.random()), this.#closed);
    }
  }

  /** Sends a batch once, ends what has an outcome, and returns how to go on. */
  async #carry(batch: OutboxEntry[]): Promise<{ next: "more" | "singly" | "later"; retryAfter?: number | undefined }> {
    for (const { id } of batch) this.#carried.set(id, () => {});
    try {
      const { results, error } = await this.#transport.send(batch.map(({ stanza }) => stanza));
      for (const [i, result] of results.entries()) await this.#finish(batch[i], { result });
      if (error === undefined && results.length >= batch.length) return { next: "more" };
      const { failed = batch.length === 1 ? 0 : undefined } = error?.problem ?? {};
      const culprit = batch[failed ?? -1];
      if (error !== undefined && !error.passing) {
        if (failed === undefined) return { next: "singly" };
        if (culprit !== undefined) {
          await this.#finish(culprit, { problem: error.problem });
          return { next: "more" };
        }
      }
      // Either the request failed, or the response is not that of a deployment.
      for (const { id } of batch.slice(results.length)) this.#unanswered.add(id);
      return { next: "later", retryAfter: error?.retryAfter };
    } finally {
      const over = [...this.#carried.values()];
      this.#carried.clear();
      for (const end of over) end();
    }
  }

  async #finish(entry: OutboxEntry | undefined, outcome: Omit<Outcome, "id">): Promise<void> {
    if (entry === undefined) return;
    const { id, stanza } = entry;
    const repeated = this.#unanswered.has(id);
    this.end(id);
    await this.#backlog.remove(id);
    this.#transport.ended({ id, ...outcome, ...(repeated && { repeated }) }, stanza);
  }
}

/** Leaves out the messages whose files are not uploaded yet, and whatever comes after them in their threads; other threads do not wait. */
function withoutWaiting(entries: OutboxEntry[]): OutboxEntry[] {
  const waiting = new Set<string>();
  return entries.filter(({ stanza, files }) => {
    const { thread, to }: { thread?: unknown; to?: unknown } = Object(stanza[stanza.type]);
    const place = JSON.stringify(thread ?? to);
    if (files !== undefined) waiting.add(place);
    return !waiting.has(place);
  });
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
