/** Chance that can be had again: the same seed draws the same (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Draws a number from `least` up to `most`. */
  between(least: number, most: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return least + (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (most - least);
  }

  /** Draws a whole number, both ends included. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  /** Answers true so often, of 1. */
  happens(share: number): boolean {
    return this.between(0, 1) < share;
  }

  /** Draws one of several. Throws when there is none. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new Error("Cannot pick from nothing");
    return item;
  }

  /** Another chance, for somebody who draws at their own pace. */
  branch(): Chance {
    return new Chance(this.whole(0, 2 ** 32 - 1));
  }
}
