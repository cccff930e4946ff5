// A response that brings nothing new and comes earlier was not held: it comes from a cache, or from a proxy that ends what is silent.
const HASTY_MS = 1_000;
const PAUSE_MS = { first: 400, max: 15_000 };

/** Slows down a loop of requests whose responses come at once and bring nothing. */
export class Haste {
  #count = 0;

  /** Returns the ms to pause after a response that took so many ms: longer each time in a row that one is hasty. */
  pause(tookMs: number, brought: boolean): number {
    const isHasty = !brought && tookMs < HASTY_MS;
    this.#count = isHasty ? this.#count + 1 : 0;
    return isHasty ? Math.min(PAUSE_MS.first * 2 ** (this.#count - 1), PAUSE_MS.max) : 0;
  }
}
