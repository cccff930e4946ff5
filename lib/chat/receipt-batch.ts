import { setTimeout as sleep } from "node:timers/promises";

/** That a user has read a thread up to a seq. */
export type Reading = { thread: string; entity: string; seq: number };

/** Writes readings at a time in ms, and returns the seq up to which each of them has been read, or -1. */
export type WriteReadings = (readings: readonly Reading[], at: number) => Promise<number[]>;

/** Up to where a thread has been read, and when that was written, in ms. */
export type Written = { seq: number; at: number };

// In a busy room all members read a message at about the same time. The receipts of a second are one write, and one answer to each reader;
// a tick that appears a second later is no loss.
const GATHER_MS = 1_000;

// So many readings are one script: it names two fields and one key for each of them, and runs for about a millisecond.
const READINGS_MAX = 250;

/** The read receipts of this instance: one that comes alone is written at once, those that follow within a second are written together. */
export class ReceiptBatches {
  #open: Batch | undefined;
  #last = 0;

  /** Adds a reading, and resolves when it is written. `alone`: whether it may wait for others; what comes after it in its request waits, too. */
  async add(reading: Reading, now: number, alone: boolean, writeAll: WriteReadings): Promise<Written> {
    const batch = this.#open ?? this.#begin(now, writeAll);
    const index = batch.add(reading, now);
    if (!alone || batch.size >= READINGS_MAX) this.flush();
    const { seqs, at } = await batch.written;
    return { seq: seqs[index] ?? -1, at };
  }

  /** Writes at once what is waiting. */
  flush(): void {
    this.#open?.gathered.abort();
    this.#open = undefined;
  }

  #begin(now: number, writeAll: WriteReadings): Batch {
    const waits = Math.min(GATHER_MS, Math.max(0, this.#last + GATHER_MS - now));
    const batch = new Batch(waits, (readings, at) => {
      if (this.#open === batch) this.#open = undefined;
      this.#last = at;
      return writeAll(readings, at);
    });
    this.#open = batch;
    return batch;
  }
}

/** The readings of one script: of each user and thread the furthest. */
class Batch {
  readonly gathered = new AbortController();
  readonly written: Promise<{ seqs: number[]; at: number }>;
  readonly #readings: Reading[] = [];
  readonly #indexes = new Map<string, number>();
  #now = 0;

  constructor(waits: number, writeAll: WriteReadings) {
    this.written = this.#write(waits, writeAll);
  }

  get size(): number {
    return this.#readings.length;
  }

  /** Returns the index of the reading. */
  add(reading: Reading, now: number): number {
    this.#now = Math.max(this.#now, now);
    const name = `${reading.thread} ${reading.entity}`;
    const index = this.#indexes.get(name) ?? this.#readings.length;
    const known = this.#readings[index];
    this.#indexes.set(name, index);
    this.#readings[index] = { ...reading, seq: Math.max(reading.seq, known?.seq ?? 0) };
    return index;
  }

  async #write(waits: number, writeAll: WriteReadings): Promise<{ seqs: number[]; at: number }> {
    const { signal } = this.gathered;
    // A promise that is resolved lets those join that come in the same turn.
    await (waits > 0 ? sleep(waits, undefined, { signal }).catch(() => {}) : Promise.resolve());
    const at = this.#now;
    return { seqs: await writeAll(this.#readings, at), at };
  }
}
