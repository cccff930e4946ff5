import { type Conversation, others } from "./conversation.js";

/** Returns whom the user talks to in a direct thread of two; undefined in all others, where each message has to name its author. */
export function partner(it: Conversation, me: string | undefined): string | undefined {
  const [other, ...more] = it.thread.kind === "direct" ? others(it, me) : [];
  return more.length > 0 ? undefined : other?.entity;
}
