import { Fault } from "../fault.js";
import type { Cursor } from "../log/cursor.js";
import type { Actor } from "../schema/actor.js";
import { contactAllowed } from "./contact.js";

/** Who is asking, proved: by a session of the host application or by a chat token. */
export type Caller = {
  actor: Actor;
  /** Whom the bearer may address or add; everybody when absent. */
  contacts?: string[];
  /** When the credential ends, in ms. */
  expires: number;
  /** SHA-256 of the credential. */
  sha: string;
  /** Of a chat token: where its stream begins. */
  birth?: Cursor;
};

/** Throws `not_a_contact` when a caller may not address one of these. */
export function checkContacts(caller: Caller, entities: readonly string[]): void {
  for (const entity of entities) {
    if (entity !== caller.actor.id && !contactAllowed(caller.contacts, entity)) throw new Fault("not_a_contact");
  }
}
