import { BoundedMap } from "../bounded-map.js";
import type { Ban } from "../log/event.js";

// An entry takes about 100 bytes.
const MAX = 50_000;

/** What this instance knows of bans: true or false by entity. It may be believed for as long as changes are sure to arrive. */
export class BanCache {
  readonly #known = new BoundedMap<string, boolean>(MAX);
  #changes = 0;

  /** How many changes have arrived; shows whether one arrived while a ban was being read. */
  get changes(): number {
    return this.#changes;
  }

  /** Returns whether a user is banned; undefined if that is not known. */
  get(entity: string): boolean | undefined {
    return this.#known.get(entity);
  }

  /** Notes what was read, unless something has changed since there were `changes`. */
  remember(entity: string, isBanned: boolean, changes: number): void {
    if (changes === this.#changes) this.#known.set(entity, isBanned);
  }

  /** Notes a change. */
  note({ entity, isBanned }: Ban): void {
    this.#changes++;
    this.#known.set(entity, isBanned);
  }

  /** Forgets everything: changes may have been missed. */
  doubt(): void {
    this.#changes++;
    this.#known.clear();
  }
}
