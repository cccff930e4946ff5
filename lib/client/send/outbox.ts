import { type Clock, delay, Rest } from "../environment/backoff.js";
import type { Posted } from "../http/deployment.js";
import type { Problem } from "../protocol/problem.js";
import type { Sent } from "../protocol/stanza.js";
import type { Drawer, Entry } from "./outbox-store.js";

/** How a stanza has ended; in a form that can be told to another tab. */
export type Outcome = { id: string; result?: Sent; problem?: Problem };

export type Ways = {
  send(stanzas: Entry["stanza"][]): Promise<Posted>;
  /** Runs while no other tab does the same. */
  alone(run: () => Promise<void>): Promise<void>;
  /** Hears how each stanza that this tab sent has ended, whichever tab it came from. */
  ended(outcome: Outcome): void;
};

// The most that the deployment takes at once, with something to spare.
const BATCH = 20;
const BATCH_BYTES = 48 * 1024;

/** Sends what has to be sent, in order, each until it is accepted or refused for good. */
export class Outbox {
  readonly #drawer: Promise<Drawer>;
  readonly #ways: Ways;
  readonly #clock: Clock;
  readonly #rest: Rest;
  readonly #closed: AbortSignal;
  /** What this tab has put in and not heard the end of. */
  #open = new Map<string, Entry>();
  #adding: Promise<unknown> = Promise.resolve();
  #draining = false;
  #again = false;

  constructor(drawer: Promise<Drawer>, ways: Ways, clock: Clock, closed: AbortSignal) {
    this.#drawer = drawer;
    this.#ways = ways;
    this.#clock = clock;
    this.#rest = new Rest(clock);
    this.#closed = closed;
  }

  /** Keeps a stanza, and sends it when its turn comes. */
  put(entry: Entry): void {
    this.#open.set(entry.id, entry);
    this.#adding = Promise.all([this.#adding, this.#drawer])
      .then(([, drawer]) => drawer.add(entry))
      // What cannot be kept is sent all the same, as long as the page is there.
      .catch(() => {});
    void this.#adding.then(() => this.drain());
  }

  /** Lists what waits, such as what a page before this one left. */
  async list(): Promise<Entry[]> {
    return (await this.#drawer).list();
  }

  /** A stanza has ended, sent from here or from another tab. */
  end(id: string): void {
    this.#open.delete(id);
  }

  /** Sends all there is, and what comes meanwhile; at once if it waits for another attempt. */
  async drain(): Promise<void> {
    this.#again = true;
    this.#rest.wake();
    if (this.#draining) return;
    this.#draining = true;
    while (this.#again && !this.#closed.aborted) {
      this.#again = false;
      await this.#ways.alone(() => this.#empty()).catch(() => {});
    }
    this.#draining = false;
  }

  async #empty(): Promise<void> {
    const drawer = await this.#drawer;
    for (let failures = 0, most = BATCH; !this.#closed.aborted; ) {
      const batch = take(await this.#pick(drawer), most);
      if (batch.length === 0) return;
      const { results, error } = await this.#ways.send(batch.map(({ stanza }) => stanza));
      for (const [i, result] of results.entries()) await this.#finish(drawer, batch[i], { result });
      if (error === undefined || this.#closed.aborted) {
        [failures, most] = [0, BATCH];
        continue;
      }
      const { passing, retryAfter = 0, problem } = error;
      const { failed } = problem;
      if (passing) {
        await this.#rest.take(retryAfter * 1_000, delay(++failures, this.#clock.random()), this.#closed);
      } else if (failed === undefined && batch.length > 1) {
        // Which one is at fault is only known of one that goes alone.
        most = 1;
      } else await this.#finish(drawer, batch[failed ?? 0], { problem });
    }
  }

  /** What is kept; else what this tab still waits for, since the tab that sent it may be gone before it could tell. */
  async #pick(drawer: Drawer): Promise<Entry[]> {
    await this.#adding;
    const kept = await drawer.list();
    return kept.length > 0 ? kept : [...this.#open.values()];
  }

  async #finish(drawer: Drawer, entry: Entry | undefined, end: Omit<Outcome, "id">): Promise<void> {
    if (entry === undefined) return;
    await drawer.remove(entry.id).catch(() => {});
    this.end(entry.id);
    this.#ways.ended({ id: entry.id, ...end });
  }
}

function take(entries: Entry[], most: number): Entry[] {
  const encoder = new TextEncoder();
  let bytes = 0;
  const fitting = entries.slice(0, most).findIndex(({ stanza }) => {
    bytes += encoder.encode(JSON.stringify(stanza)).length + 1;
    return bytes > BATCH_BYTES;
  });
  return entries.slice(0, fitting === -1 ? most : Math.max(1, fitting));
}
