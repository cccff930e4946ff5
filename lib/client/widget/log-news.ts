import type { Conversation } from "../view/conversation.js";
import { countsAsUnread, isDelivered } from "../view/entry.js";
import { personName } from "./names.js";
import type { Part } from "./part.js";
import { plainText } from "./richtext.js";

// Of what arrives at once, such as after a loss of the connection, only the end is announced.
const NEWS_MAX = 5;
// By then, a screen reader has taken note of a text.
const ANNOUNCED_MS = 3_000;

/**
 * Has screen readers say what others have written after the message number `since`. The log itself is not live: it changes where the reader
 * scrolls as well.
 */
export function announce(
  { widget, inbox }: Part,
  { entries }: Conversation,
  since: number,
  region: Element | null,
): void {
  const me = inbox.me?.id;
  const news = entries.slice(-NEWS_MAX).filter((it) => it.seq > since && isDelivered(it) && countsAsUnread(it, me));
  for (const entry of news) {
    const line = document.createElement("p");
    line.textContent = `${personName(inbox, entry.sender?.id ?? "", widget.strings)}: ${plainText(entry)}`;
    region?.append(line);
    setTimeout(() => line.remove(), ANNOUNCED_MS);
  }
}
