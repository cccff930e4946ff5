/** Runs work by name, never twice at once: whoever asks while it runs gets the result of the run under way. */
export class SingleFlight {
  readonly #running = new Map<string, Promise<void>>();

  run(name: string, work: () => Promise<void>): Promise<void> {
    const running = this.#running.get(name) ?? work().finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    return running;
  }
}
