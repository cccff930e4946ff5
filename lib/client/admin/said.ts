import type { Message } from "../protocol/stanza.js";
import { withoutTags } from "../view/plain-html.js";

/** Returns what a message says as text: of a formatted one what is read, not its tags. Empty for one that has neither subject nor text. */
export function said({ subject, text = "", type }: Pick<Message, "subject" | "text" | "type">): string {
  return [subject, type === "html" ? withoutTags(text) : text].filter(Boolean).join("\n");
}
