/** A while that others wait in for something to come true, each of them as long. */
export class Moment {
  readonly #ms: number;
  readonly #waiting = new Set<() => void>();

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Waits until something is so, or the moment is over; tells whether it is. */
  async wait(isSo: () => boolean): Promise<boolean> {
    if (isSo()) return true;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = () => {
        if (isSo()) done();
      };
      const timer = setTimeout(done, this.#ms);
      this.#waiting.add(look);
    });
    return isSo();
  }

  /** Has everybody who waits look again. */
  look(): void {
    for (const look of this.#waiting) look();
  }
}
