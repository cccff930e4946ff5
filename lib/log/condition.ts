/** Lets callers wait until a condition holds, each for at most `ms`. */
export class Condition {
  readonly #ms: number;
  readonly #waiting = new Set<() => void>();

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Waits until the condition holds or the time is up; returns whether it holds. */
  async wait(holds: () => boolean): Promise<boolean> {
    if (holds()) return true;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(recheck);
        resolve();
      };
      const recheck = () => {
        if (holds()) done();
      };
      const timer = setTimeout(done, this.#ms);
      this.#waiting.add(recheck);
    });
    return holds();
  }

  /** Has every waiting caller check its condition again. */
  recheck(): void {
    for (const recheck of this.#waiting) recheck();
  }
}
