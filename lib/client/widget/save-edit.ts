import type { Content } from "../protocol/stanza.js";
import type { Entry } from "../view/entry.js";
import type { Widget } from "./part.js";

/** Sends an edit; the input does not edit the message any more once it is accepted. */
export async function saveEdit({ chat, drafts }: Widget, entry: Entry, content: Content): Promise<void> {
  await chat.edit(entry.thread, entry.id, content);
  // The conversation may have been left meanwhile.
  const { regarding } = drafts();
  if (regarding.get(entry.thread)?.editing?.id === entry.id) regarding.delete(entry.thread);
}
