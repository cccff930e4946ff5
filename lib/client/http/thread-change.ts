import type { Thread } from "../protocol/stanza.js";
import type { ThreadChange } from "../protocol/thread-change.js";

/** Whether a thread is as a change makes it. Bans cannot be seen, and count as not made. */
export function isDone(thread: Thread, { subject, add = [], remove = [], role, ban, unban }: ThreadChange): boolean {
  if (ban !== undefined || unban !== undefined) return false;
  const roles = new Map(thread.members.map((member) => [member.entity, member.role]));
  return (
    (subject === undefined || subject === (thread.subject ?? "")) &&
    add.every((entity) => roles.has(entity)) &&
    remove.every((entity) => !roles.has(entity)) &&
    (role === undefined || roles.get(role.entity) === role.role)
  );
}
