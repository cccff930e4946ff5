/** Users who hold at most so many polls together: the guests of one address, who cost nothing to make. */
export type Crowd = { name: string; most: number };

type Held = { readonly ending: unknown; end(ending: "crowded"): void };

/** What crowds hold. */
export class Crowds<It extends Held> {
  readonly #held = new Map<string, Set<It>>();
  readonly #names = new Map<It, string>();

  /** Adds what a crowd holds. Beyond what it may, the oldest ends. */
  add(it: It, crowd: Crowd | undefined): void {
    if (crowd === undefined) return;
    const { name, most } = crowd;
    const all = this.#held.get(name) ?? new Set();
    this.#held.set(name, all.add(it));
    this.#names.set(it, name);
    if (all.size <= most) return;
    for (const older of all) {
      // Few have ended and are not released yet.
      if (older.ending !== undefined) continue;
      older.end("crowded");
      return;
    }
  }

  remove(it: It): void {
    const name = this.#names.get(it);
    if (name === undefined) return;
    this.#names.delete(it);
    const all = this.#held.get(name);
    all?.delete(it);
    if (all?.size === 0) this.#held.delete(name);
  }
}
