import { type Conversation, others } from "./conversation.js";
import type { Inbox } from "./inbox.js";

/** Returns the display name of a user, else their entity. */
export function nameOf({ actors }: Inbox, entity: string): string {
  return actors.get(entity)?.displayName ?? entity;
}

/**
 * Returns the title of a conversation: the subject of a room, else the names of the other members; undefined when there are none. A direct thread
 * is named by its members whatever its subject: anybody can begin one, and call it after somebody else.
 */
export function titleOf(
  inbox: Inbox,
  it: Conversation,
  { subject = it.thread.subject, name = (entity: string) => nameOf(inbox, entity) } = {},
): string | undefined {
  if (subject && it.thread.kind === "room") return subject;
  const names = others(it, inbox.me?.id).map(({ entity }) => name(entity));
  const people = names.slice(0, NAMES_MAX).join(", ") + (names.length > NAMES_MAX ? " …" : "");
  return [people, subject].filter(Boolean).join(" · ") || undefined;
}

// More names make no readable title.
const NAMES_MAX = 4;
