import type { Thread } from "../protocol/stanza.js";
import type { ThreadChange } from "../protocol/thread-change.js";

/** Whether a thread is as a change makes it. Bans cannot be seen, and count as not made. */
export function isDone(thread: Thread, change: ThreadChange): boolean {
  const { subject, add = [], remove = [], role, ban, unban, history, slow } = change;
  if (ban !== undefined || unban !== undefined) return false;
  // Of a large room some members are named: whether others are gone cannot be seen.
  if (remove.length > 0 && thread.memberCount > thread.members.length) return false;
  const roles = new Map(thread.members.map((member) => [member.entity, member.role]));
  return (
    (history === undefined || history === (thread.history ?? "all")) &&
    (slow === undefined || slow === (thread.slow ?? 0)) &&
    (subject === undefined || subject === (thread.subject ?? "")) &&
    add.every((entity) => roles.has(entity)) &&
    remove.every((entity) => !roles.has(entity)) &&
    (role === undefined || roles.get(role.entity) === role.role)
  );
}
