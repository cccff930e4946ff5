import { Fault, type FaultCode } from "../fault.js";
import { MEMBERSHIPS_MAX } from "./membership.js";

/** Why a change of a room is forbidden to whoever has the right to make it. */
export const ROOM_RULES = ["fixed", "barred", "absent", "last"] as const;

/** The outcomes with which a script refuses to write, and the problems that they become. */
const REFUSALS = {
  /** There is no such thread, or the caller is not a member of it. */
  not_member: "thread_not_found",
  unknown: "message_not_found",
  forbidden: "forbidden",
  /** The caller is a visitor. */
  read_only: "forbidden",
  full: "too_large",
  /** There are as many as there may be. */
  many: "forbidden",
  /** A user is in as many threads as a user may be in. */
  crowded: "forbidden",
  /** The thread is a direct one. */
  fixed: "forbidden",
  /** Somebody to be added is banned from the room. */
  barred: "forbidden",
  /** The user whose role is to change is no member, or would be none any more. */
  absent: "forbidden",
  /** The room would have no owner. */
  last: "forbidden",
} as const satisfies Record<string, FaultCode>;

const DETAILS: { readonly [outcome in Refusal]?: string } = {
  read_only: "Visitors read and leave, and do nothing else",
  crowded: `A user is in at most ${MEMBERSHIPS_MAX} threads`,
  fixed: "A direct thread never changes: only rooms have roles, bans, a subject that changes, and settings",
  barred: "add: somebody is banned from the room; unban them first",
  absent: "role: the user is not a member of the room",
  last: "role: the room would have no owner; make another member one first",
};

export type Refusal = keyof typeof REFUSALS;

/** Throws the fault of a script's outcome unless it is `ok`; with a detail if the code alone does not say what is wrong. */
export function checkOutcome(
  outcome: "ok" | Refusal,
  details: { readonly [outcome in Refusal]?: string } = {},
): asserts outcome is "ok" {
  if (outcome === "ok") return;
  const detail = details[outcome] ?? DETAILS[outcome];
  throw new Fault(REFUSALS[outcome], detail === undefined ? {} : { detail });
}
