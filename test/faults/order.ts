type Step = { key: string; told: string };

/** What follows what in each thread, as somebody was told it: for all members the same. */
export class Order {
  readonly #next = new Map<string, Step>();
  readonly #before = new Map<string, Step>();

  /** Notes that `key` came directly after `last` in a thread; answers what speaks against it. `by` names who was told so. */
  follow(thread: string, last: string, key: string, by: string): string | undefined {
    const next = this.#next.get(`${thread} ${last}`);
    if (next !== undefined && next.key !== key)
      return `after ${last} came ${key}, but ${next.told} was told ${next.key} there`;
    const before = this.#before.get(`${thread} ${key}`);
    if (before !== undefined && before.key !== last)
      return `before ${key} came ${last}, but ${before.told} was told ${before.key} there`;
    if (next === undefined) this.#next.set(`${thread} ${last}`, { key, told: by });
    if (before === undefined) this.#before.set(`${thread} ${key}`, { key: last, told: by });
    return undefined;
  }

  /** What somebody was told after this in a thread. */
  after(thread: string, key: string): string | undefined {
    return this.#next.get(`${thread} ${key}`)?.key;
  }
}
