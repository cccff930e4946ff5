import type { Entry } from "../view/entry.js";
import type { Widget } from "./part.js";

/** Sends an edit, with what it mentions if that has changed; the input does not edit the message any more once it is accepted. */
export async function saveEdit(
  { chat, drafts }: Widget,
  entry: Entry,
  text: string,
  mentions: string[],
): Promise<void> {
  const same = mentions.join() === (entry.mentions ?? []).join();
  await chat.edit(entry.thread, entry.id, same ? { text } : { text, mentions });
  // The conversation may have been left meanwhile.
  const { regarding } = drafts();
  if (regarding.get(entry.thread)?.editing?.id === entry.id) regarding.delete(entry.thread);
}
