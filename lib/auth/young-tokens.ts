import { BoundedMap } from "../bounded-map.js";
import { hasPassed } from "../elapsed.js";
import type { Cursor } from "../log/cursor.js";
import type { Caller } from "../people/caller.js";
import { digest } from "../store/keys.js";
import { isValid, type TokenContext } from "./token.js";

/** The result of `POST token`. */
export type MadeToken = { token: string; expires: string; cursor: string; actor: Caller["actor"] };

type Young = { made: MadeToken; sha: string; browser: string | undefined; grants: string; at: number; ms: number };

/** Where and when the last event stream without a cursor of a browser session ended, and where, and since when, the next ones continue. */
type End = { cursor: Cursor; at: number; resume?: { cursor: Cursor; at: number } };

// An entry takes about 500 bytes, which a session and its user share.
const MAX = 10_000;
// A client that requests a token when its stream ends opens the next one a few round trips later. After this time it is another page, which
// begins anew.
const RESUME_MS = 30_000;

/**
 * The chat tokens that this instance has created for browser sessions and that are young: less than half of their lifetime has passed. The
 * other tabs and the next page of a session receive the same token, instead of a new one with each page view.
 */
export class YoungTokens {
  readonly #bySession = new BoundedMap<string, Young>(MAX);
  readonly #bySha = new BoundedMap<string, Young>(MAX);
  readonly #byUser = new BoundedMap<string, Young>(MAX);
  readonly #ends = new BoundedMap<string, End>(MAX);
  readonly #making = new Map<string, Promise<unknown>>();

  remember(
    browser: string | undefined,
    caller: Pick<Caller, "actor" | "contacts">,
    made: MadeToken,
    now: number,
  ): void {
    const ms = (Date.parse(made.expires) - now) / 2;
    const young = { made, sha: digest(made.token), browser, grants: grantsOf(caller), at: now, ms };
    this.#byUser.set(caller.actor.id, young);
    if (browser === undefined) return;
    this.#bySession.set(browser, young);
    this.#bySha.set(young.sha, young);
  }

  /** Finds the young token of a browser session, if it has the same grants as a new one. */
  find(browser: string, caller: Caller, now: number): Young | undefined {
    return fitting(this.#bySession.get(browser), caller, now);
  }

  /** Finds the young token that was created last for a user, whatever the session, if it has the same grants as a new one. */
  findOfUser(caller: Caller, now: number): Young | undefined {
    return fitting(this.#byUser.get(caller.actor.id), caller, now);
  }

  /** Returns the request under way that makes a token for a browser session. */
  making(browser: string): Promise<unknown> | undefined {
    return this.#making.get(browser);
  }

  /** Notes the request that makes a token for a browser session, until it has ended. */
  noteMaking(browser: string, made: Promise<unknown>): void {
    this.#making.set(browser, made);
    const end = () => this.#making.delete(browser);
    made.then(end, end);
  }

  /** Notes where an event stream without a cursor ended, of a browser session or of its young token. */
  noteEnd(caller: Pick<Caller, "sha" | "browser">, cursor: Cursor, now: number): void {
    const session = this.#sessionOf(caller);
    if (session === undefined) return;
    this.#ends.set(session, { ...this.#ends.get(session), cursor, at: now });
  }

  /**
   * Returns where the event stream of a browser session has just ended, and lets the next ones continue there for a while: a client
   * that requests a token after each stream misses nothing in between. What ends later does not move that place, since a client that has
   * asked several times closes the stream of one answer for that of the next, whether or not it has received anything.
   */
  resume(browser: string | undefined, now: number): Cursor | undefined {
    const end = browser === undefined ? undefined : this.#ends.get(browser);
    if (end === undefined || hasPassed(RESUME_MS, end.at, now)) return undefined;
    end.resume = { cursor: end.cursor, at: now };
    return end.cursor;
  }

  /** Returns where an event stream without a cursor continues after `resume`; undefined for any other. */
  resumed(caller: Pick<Caller, "sha" | "browser">, now: number): Cursor | undefined {
    const session = this.#sessionOf(caller);
    const place = session === undefined ? undefined : this.#ends.get(session)?.resume;
    return place === undefined || hasPassed(RESUME_MS, place.at, now) ? undefined : place.cursor;
  }

  #sessionOf({ sha, browser }: Pick<Caller, "sha" | "browser">): string | undefined {
    return browser ?? this.#bySha.get(sha)?.browser;
  }
}

/** A token, and the session that was made with it, if one was. */
type Admitted = { made: MadeToken; jwt: string | undefined };

/**
 * Returns the young token of a caller with a browser session, else a new one. The tabs of a session that ask at once get the token of the
 * first: the others wait until it is made, and make their own if that fails.
 */
export async function youngOrNew(
  chat: TokenContext & { readonly young: YoungTokens },
  caller: Caller,
  now: number,
  make: () => Promise<Admitted>,
): Promise<Admitted> {
  const { browser } = caller;
  if (browser === undefined) return make();
  const find = () => valid(chat, chat.young.find(browser, caller, now), now);
  const found = await find();
  if (found !== undefined) return { made: found, jwt: undefined };
  const making = chat.young.making(browser);
  if (making === undefined) {
    const made = make();
    chat.young.noteMaking(browser, made);
    return made;
  }
  await making.catch(() => undefined);
  const theirs = await find();
  return theirs === undefined ? make() : { made: theirs, jwt: undefined };
}

/** Finds the young token that a user was given last; undefined if there is none or it was revoked. */
export async function findYoungOfUser(
  chat: TokenContext & { readonly young: YoungTokens },
  caller: Caller,
  now: number,
): Promise<MadeToken | undefined> {
  return valid(chat, chat.young.findOfUser(caller, now), now);
}

async function valid(chat: TokenContext, young: Young | undefined, now: number): Promise<MadeToken | undefined> {
  return young !== undefined && (await isValid(chat, young.sha, now)) ? young.made : undefined;
}

function fitting(young: Young | undefined, caller: Caller, now: number): Young | undefined {
  if (young === undefined || hasPassed(young.ms, young.at, now)) return undefined;
  return young.grants === grantsOf(caller) ? young : undefined;
}

function grantsOf({ actor, contacts }: Pick<Caller, "actor" | "contacts">): string {
  return JSON.stringify([actor, contacts]);
}
