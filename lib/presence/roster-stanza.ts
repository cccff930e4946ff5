import { BoundedMap } from "../bounded-map.js";
import { type Cursor, formatCursor } from "../log/cursor.js";
import type { Log } from "../log/log.js";
import { ANSWER_BYTES, countFitting, STANZA_BYTES } from "../schema/answer-size.js";
import { digest } from "../store/keys.js";
import type { AddCommands } from "../store/redis.js";
import { type Contacts, presenceOf } from "./roster.js";

/** A roster as stanzas in JSON, each of at most 16 KiB, and their hash. */
export type Roster = { stanzas: string[]; hash: string };

/** The bytes that a roster takes at most, so that an answer has room for what has happened, too. */
export const ROSTER_BYTES = Math.floor(ANSWER_BYTES / 2);
/** The stanzas that a roster has at most: the presence of one user takes up to 6.5 kB, so each of them is more than half full. */
export const ROSTER_STANZAS = Math.ceil((2 * ROSTER_BYTES) / STANZA_BYTES);

/** Reads the roster of contacts; undefined if there are none, in which case the added commands are not run. */
export async function readRosterStanzas(
  chat: Log,
  of: Contacts,
  now: number,
  add?: AddCommands,
): Promise<Roster | undefined> {
  const presence = (await presenceOf(chat, of, now, add)).map((it) => JSON.stringify(it));
  if (presence.length === 0) return undefined;
  const stanzas: string[] = [];
  for (let rest = presence.slice(0, countFitting(presence, ROSTER_BYTES)); rest.length > 0; ) {
    const count = Math.max(1, countFitting(rest, STANZA_BYTES - OPENING.length - CLOSING.length));
    stanzas.push(`${OPENING}${rest.slice(0, count).join(",")}${CLOSING}`);
    rest = rest.slice(count);
  }
  return { stanzas, hash: digest(stanzas.join()) };
}

const OPENING = '{"type":"presence","presence":[';
const CLOSING = "]}";

// An entry, a cursor and a hash, takes about 100 bytes.
const KNOWN_MAX = 20_000;

/** The rosters that clients have, by their cursor: an unchanged roster is not sent again. */
export class KnownRosters {
  readonly #known = new BoundedMap<string, string>(KNOWN_MAX);

  /** Whether the client that polls with a cursor has this roster. */
  has(entity: string, cursor: Cursor, { hash }: Pick<Roster, "hash">): boolean {
    return this.#known.get(`${formatCursor(cursor)} ${entity}`) === hash;
  }

  /** Notes that the client that continues from a cursor has a roster. */
  note(entity: string, cursor: Cursor, { hash }: Pick<Roster, "hash">): void {
    this.#known.set(`${formatCursor(cursor)} ${entity}`, hash);
  }
}
