import type { Conversation } from "./conversation.js";
import type { Entry } from "./entry.js";

/** Returns the state of the user's own message. In a room, it is read once any other member has read it. */
export function progress(
  it: Conversation,
  entry: Entry,
  me: string,
): "refused" | "pending" | "sent" | "delivered" | "read" {
  if (entry.refused !== undefined) return "refused";
  if (entry.pending) return "pending";
  if (readers(it, entry.seq, me).length > 0) return "read";
  return it.delivered >= entry.seq ? "delivered" : "sent";
}

/** Returns the other members who have read up to `seq`. */
export function readers({ thread }: Conversation, seq: number, me: string): string[] {
  return thread.members.filter(({ entity, read }) => entity !== me && read >= seq).map(({ entity }) => entity);
}
