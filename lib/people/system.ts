import { digest, encode } from "../store/keys.js";
import type { Caller } from "./caller.js";

/**
 * The entity in whose name the host's server acts when it names no user. No session can have it. It may read and change every thread as an
 * owner does, without being a member.
 */
export const SYSTEM = "nereid-chat:system";

/** The system as a caller, for what the chat does by itself or a moderator in its name. */
export const SYSTEM_CALLER: Caller = {
  actor: { id: SYSTEM, objectType: "service" },
  contacts: ["*"],
  expires: Number.MAX_SAFE_INTEGER,
  sha: digest(SYSTEM),
};

/** The entity that stands in place of a user who was erased, where an event of others cannot do without. No session can have it. */
export const ERASED = "nereid-chat:erased";

/** Whether a caller is the host's server in its own name. */
export function isSystem({ actor }: Pick<Caller, "actor">): boolean {
  return actor.id === SYSTEM;
}

/** The type of an actor about whom nobody has said another one. */
export function objectTypeOf(entity: string): "service" | "person" {
  return entity === SYSTEM ? "service" : "person";
}

/** The system, encoded. */
const WHO = encode(SYSTEM);

/** Lua: the field of a thread that says where the system has joined it. It is not kept: the system reads what was said before all the same. */
export const SYSTEM_JOINED = `'from:${WHO}'`;

/**
 * Lua: an expression for the role of a user in a thread. Members may add the system, and give it any role: it has its own rights all the same. All three are Lua, too: the role that the thread's hash has, the user (encoded), and
 * the kind of the thread, which is false if there is none.
 */
export function roleOf(role: string, who: string, kind: string): string {
  return `(${who} == '${WHO}' and ${kind} and 'owner' or ${role})`;
}
