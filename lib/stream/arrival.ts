import type { Standing } from "../log/tail-memory.js";
import type { Cursor } from "../log/write.js";
import type { Caller } from "../people/caller.js";

/** Somebody who comes to listen. */
export type Listener = Caller & { arrival?: Arrival };

/** What was read of somebody on arrival, together with who they are, since the instance remembered nothing. */
export class Arrival {
  /** Where the log stood. */
  readonly now: Cursor;
  /** Where the credential's last cursorless answer ended, null for nowhere; undefined when that was not asked for. */
  readonly position: string | null | undefined;
  #standing: Standing | undefined;

  constructor(standing: Standing, position: string | null | undefined) {
    this.now = { epoch: standing.clock.epoch, n: standing.clock.n };
    this.position = position;
    this.#standing = standing;
  }

  /** Gives away the standing, once: what is read later must not be answered from it, nor a held poll keep it. */
  take(): Standing | undefined {
    const standing = this.#standing;
    this.#standing = undefined;
    return standing;
  }
}
