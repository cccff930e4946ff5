import { hash } from "node:crypto";
import type { Config } from "../config.js";
import { hasPassed } from "../elapsed.js";

/** How long a mark is kept: a deployment that nobody has used for a week is none that shares anything. */
export const MARK_MS = 7 * 86_400_000;
// An instance notes its secret once a day, so that the mark of a deployment in use never ends.
const AGAIN_MS = 86_400_000;

/**
 * The mark of the secret that a chat was given, which its instances leave in the store: two deployments with one prefix and different secrets
 * leave two, and `nereid-chat doctor` finds them.
 */
export class SecretMark {
  readonly #mark: string | undefined;
  #noted = 0;

  constructor({ jwt }: Pick<Config, "jwt">) {
    this.#mark = jwt.secret === undefined ? undefined : markOf(jwt.secret);
  }

  /** Returns what the next write is to note; nothing where there is no secret, or this instance has noted it within a day. */
  due(now: number): string {
    return this.#mark === undefined || !hasPassed(AGAIN_MS, this.#noted, now) ? "" : this.#mark;
  }

  /** Remembers that it was noted. */
  noted(now: number): void {
    this.#noted = now;
  }
}

/** The mark of a secret: 32 bits of its hash, which tell two apart, and tell whoever reads the store less than a session that is signed with it. */
export function markOf(secret: string): string {
  return hash("sha256", `mark ${secret}`, "hex").slice(0, 8);
}
