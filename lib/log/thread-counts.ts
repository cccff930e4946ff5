import { BoundedMap } from "../bounded-map.js";

const USERS_MAX = 50_000;
// What is assumed of a user whose threads this instance has not read yet, whose next request it then knows.
const UNKNOWN = 20;

/** In how many threads users are, as this instance last read it: requests that look at each of them are weighed by that. */
export class ThreadCounts {
  readonly #counts = new BoundedMap<string, number>(USERS_MAX);

  /** Notes the memberships of a user; those that were left count as negative. */
  note(entity: string, memberships: ReadonlyMap<string, number>): void {
    let count = 0;
    for (const n of memberships.values()) if (n > 0) count += 1;
    this.#counts.set(entity, count);
  }

  /** Returns how many threads of a user a request looks at that looks at `most` of them. */
  of(entity: string, most: number): number {
    return Math.min(this.#counts.get(entity) ?? UNKNOWN, most);
  }
}
