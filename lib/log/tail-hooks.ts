import type { Clock } from "./cursor.js";
import type { Ban, Revocation } from "./event.js";
import type { TailMemory } from "./tail-memory.js";

/** What the layers above the log contribute to the tail. */
export type TailHooks = {
  /** Receives revocations of chat tokens, and what they say of a ban of their user. */
  revoked(revocation: Revocation, ban?: Ban): void;
  /** Reads the clock for the regular look, given the users who hold polls here; the same script does what else is due. */
  readClock(held: string[], memory: TailMemory | undefined): Promise<Clock>;
  /** Whether something is due that is done together with a look. */
  isDue(now: number): boolean;
};
