import type { Of } from "./history.js";
import type { Outages } from "./outages.js";

type Accepted = { thread: string; id: string; seq: number; began: number; at: number; who: string };

/** Every message that was acknowledged, and where it was told. */
export class Ledger {
  readonly #outages: Outages;
  readonly accepted = new Map<string, Accepted>();
  readonly #told = new Map<string, string>();
  readonly #firstTold = new Map<string, number>();
  readonly #cut = new Set<string>();
  readonly #newest = new Map<string, { at: number[]; seq: number[] }>();
  /** How many messages were accepted once and first. */
  count = 0;

  constructor(outages: Outages) {
    this.#outages = outages;
  }

  /** Takes an acknowledgement; answers what speaks against it. */
  accept({ thread, id, seq, began, at, who }: Of<"sent">): string | undefined {
    const known = this.accepted.get(`${thread} ${id}`);
    if (known === undefined) this.count++;
    this.accepted.set(`${thread} ${id}`, { thread, id, seq, began, at, who });
    const newest = this.#newest.get(thread) ?? { at: [], seq: [] };
    this.#newest.set(thread, newest);
    newest.at.push(at);
    newest.seq.push(Math.max(seq, newest.seq.at(-1) ?? 0));
    if (known === undefined || known.seq === seq || this.#outages.mayBeGone(known.began, known.at)) return undefined;
    return `${id} was accepted as message ${known.seq} of ${thread}, and again as ${seq}`;
  }

  /** Notes messages whose sender hung up. */
  cut({ thread, ids }: Of<"cut">): void {
    for (const id of ids) this.#cut.add(`${thread} ${id}`);
  }

  /**
   * Answers what became of a message whose sender hung up, by the answer to the next attempt: it was stored, or nothing of it was. Undefined
   * for all others.
   */
  outcome({ thread, id, duplicate, began, at }: Of<"sent">): "whole" | "undone" | "torn" | undefined {
    const name = `${thread} ${id}`;
    if (!this.#cut.delete(name)) return undefined;
    if (duplicate) return "whole";
    const told = this.#firstTold.get(name) ?? began;
    return told >= began || this.#outages.mayBeGone(told, at) ? "undone" : "torn";
  }

  /** Takes a message told in an epoch: one id has one seq, and one seq one id. */
  tell(epoch: string, thread: string, seq: number, id: string, at: number): string | undefined {
    const name = `${thread} ${id}`;
    this.#firstTold.set(name, Math.min(at, this.#firstTold.get(name) ?? at));
    const [here, there] = [`${epoch} ${thread} ${seq}`, `${epoch} ${thread} ${id}`];
    const [first, place] = [this.#told.get(here), this.#told.get(there)];
    if (first !== undefined && first !== id) return `message ${seq} of ${thread} was ${first}, and now ${id}`;
    if (place !== undefined && place !== `${seq}`) return `${id} in ${thread} was message ${place}, and now ${seq}`;
    this.#told.set(here, id);
    this.#told.set(there, `${seq}`);
    return undefined;
  }

  /** The newest message of a thread that had been acknowledged at some time; 0 when that is not known. */
  newest(thread: string, at: number): number {
    const newest = this.#newest.get(thread);
    if (newest === undefined) return 0;
    for (let i = newest.at.length - 1; i >= 0; i--) if ((newest.at[i] ?? 0) < at) return newest.seq[i] ?? 0;
    return 0;
  }

  /** A restore: what was newest need not be there. */
  forget(): void {
    this.#newest.clear();
  }

  /** Holds what is kept of a thread against what was acknowledged. */
  *lost({ thread, first, messages }: Of<"kept">): Generator<Accepted> {
    const kept = new Map(messages.map((it) => [it.id, it.seq]));
    for (const it of this.accepted.values()) {
      if (it.thread !== thread || it.seq < first || this.#outages.mayBeGone(it.began, it.at)) continue;
      if (kept.get(it.id) !== it.seq) yield it;
    }
  }
}
