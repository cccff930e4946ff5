import type { Cursor } from "../log/cursor.js";
import type { Revocation } from "../log/event.js";
import type { Actor } from "../schema/actor.js";

/** The user and the rights that a chat token gives access to; `birth` is where its stream begins. */
export type Grant = { sha: string; actor: Actor; contacts?: string[]; expires: number; birth: Cursor };

const GRANTS_MAX = 50_000;

/** A cache of grants. A grant never changes, so it may be cached for as long as revocations are sure to arrive. */
export class GrantCache {
  readonly #grants = new Map<string, Grant>();
  #revocations = 0;

  /** How many revocations have arrived; shows whether one arrived while a grant was being read. */
  get revocations(): number {
    return this.#revocations;
  }

  get(sha: string): Grant | undefined {
    return this.#grants.get(sha);
  }

  remember(grant: Grant, now: number): void {
    // All tokens have the same lifetime, so the oldest entries expire first.
    for (const [sha, { expires }] of this.#grants) {
      if (expires > now) break;
      this.#grants.delete(sha);
    }
    if (this.#grants.size >= GRANTS_MAX)
      for (const oldest of [...this.#grants.keys()].slice(0, GRANTS_MAX / 10)) this.#grants.delete(oldest);
    this.#grants.set(grant.sha, grant);
  }

  forget(revocation: Revocation): void {
    this.#revocations++;
    if (revocation === "all") this.#grants.clear();
    else for (const sha of revocation) this.#grants.delete(sha);
  }
}
