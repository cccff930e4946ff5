import { Fault } from "../fault.js";
import type { Cursor } from "../log/cursor.js";
import type { Actor } from "../schema/actor.js";
import { contactAllowed } from "./contact.js";

/** The authenticated user of a request, by a session of the host application or by a chat token. */
export type Caller = {
  actor: Actor;
  /** The users whom the caller may address or add; all users if absent. */
  contacts?: string[];
  /** Whether the session says that its user moderates; a chat token never does. */
  moderator?: true;
  /** When the credential expires, in ms. */
  expires: number;
  /** SHA-256 of the credential. */
  sha: string;
  /** For a session that a browser sends by itself: a digest that all of its tabs share. */
  browser?: string;
  /** Of a chat token: where its stream begins. */
  birth?: Cursor;
};

/** Throws `not_a_contact` if the caller may not address one of these users. */
export function checkContacts(caller: Caller, entities: readonly string[]): void {
  for (const entity of entities) {
    if (entity !== caller.actor.id && !contactAllowed(caller.contacts, entity)) throw new Fault("not_a_contact");
  }
}
