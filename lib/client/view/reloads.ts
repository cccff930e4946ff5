import { isPassing } from "../protocol/problem.js";

/** Loads that run without anybody who waits for them, by name: those that have not succeeded are run again. */
export class Reloads {
  readonly #missing = new Map<string, () => Promise<void>>();
  readonly #failed: () => void;

  /** Calls `failed` when a load should be run again, by `retry()`. */
  constructor(failed: () => void) {
    this.#failed = failed;
  }

  run(name: string, load: () => Promise<void>): void {
    this.#missing.set(name, load);
    load().then(
      () => this.#missing.delete(name),
      (error) => (isPassing(error) ? this.#failed() : this.#missing.delete(name)),
    );
  }

  retry(): void {
    for (const [name, load] of [...this.#missing]) this.run(name, load);
  }
}
