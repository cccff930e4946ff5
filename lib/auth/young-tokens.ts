import { BoundedMap } from "../bounded-map.js";
import type { Cursor } from "../log/cursor.js";
import type { Caller } from "../people/caller.js";
import { digest } from "../store/keys.js";
import { isValid, type TokenContext } from "./token.js";

/** The result of `POST token`. */
export type MadeToken = { token: string; expires: string; cursor: string; actor: Caller["actor"] };

type Young = { made: MadeToken; sha: string; grants: string; until: number; ended?: Cursor };

// An entry takes about 500 bytes.
const MAX = 10_000;

/**
 * The chat tokens that this instance has created for browser sessions and that are young: less than half of their lifetime has passed. The
 * other tabs and the next page of a session receive the same token, instead of a new one with each page view.
 */
export class YoungTokens {
  readonly #bySession = new BoundedMap<string, Young>(MAX);
  readonly #bySha = new BoundedMap<string, Young>(MAX);

  remember(browser: string, caller: Pick<Caller, "actor" | "contacts">, made: MadeToken, now: number): void {
    const until = now + (Date.parse(made.expires) - now) / 2;
    const young = { made, sha: digest(made.token), grants: grantsOf(caller), until };
    this.#bySession.set(browser, young);
    this.#bySha.set(young.sha, young);
  }

  /** Finds the young token of a browser session, if it has the same grants as a new one. */
  find(browser: string, caller: Caller, now: number): Young | undefined {
    const young = this.#bySession.get(browser);
    return young !== undefined && now < young.until && young.grants === grantsOf(caller) ? young : undefined;
  }

  /** Notes where the last event stream without a cursor ended, for a token given by its SHA-256. */
  noteEnd(sha: string, cursor: Cursor): void {
    const young = this.#bySha.get(sha);
    if (young !== undefined) young.ended = cursor;
  }
}

/**
 * Finds the young token of a caller with a browser session; undefined if there is none or it was revoked. `ended` is where the session's
 * last event stream without a cursor ended: for a client that requests a token after each stream, the next one begins there.
 */
export async function findYoung(
  chat: TokenContext & { readonly young: YoungTokens },
  caller: Caller,
  now: number,
): Promise<{ made: MadeToken; sha: string; ended?: Cursor } | undefined> {
  const young = caller.browser === undefined ? undefined : chat.young.find(caller.browser, caller, now);
  return young !== undefined && (await isValid(chat, young.sha, now)) ? young : undefined;
}

function grantsOf({ actor, contacts }: Pick<Caller, "actor" | "contacts">): string {
  return JSON.stringify([actor, contacts]);
}
