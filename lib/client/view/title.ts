import type { Conversation } from "./conversation.js";
import type { Inbox } from "./inbox.js";

/** Returns the display name of a user, else their entity. */
export function nameOf({ actors }: Inbox, entity: string): string {
  return actors.get(entity)?.displayName ?? entity;
}

/** Returns the title of a conversation: its subject, else the names of the other members; undefined when there are none. */
export function titleOf(inbox: Inbox, { thread }: Conversation): string | undefined {
  if (thread.subject) return thread.subject;
  const names = thread.members
    .filter(({ entity }) => entity !== inbox.me?.id)
    .map(({ entity }) => nameOf(inbox, entity));
  return names.length === 0 ? undefined : names.slice(0, NAMES_MAX).join(", ") + (names.length > NAMES_MAX ? " …" : "");
}

// More names make no readable title.
const NAMES_MAX = 4;
