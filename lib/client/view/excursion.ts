import type { HistoryPage } from "../protocol/stanza.js";
import { type Conversation, oldest } from "./conversation.js";
import { merge, toEntry } from "./entry.js";

/** Shows a page of the history instead of the newest messages; one that has no gap to the loaded messages is added to them. */
export function depart(it: Conversation, page: HistoryPage): Conversation {
  const entries = page.messages.map(toEntry);
  return settle({ ...it, apart: { entries, older: (page.messages[0]?.seq ?? 0) > page.first } });
}

/** Adds a page before or after the part that is shown. A page that would leave a gap is ignored: another part is shown by now. */
export function extend(it: Conversation, { messages, first }: HistoryPage): Conversation {
  const [begins, ends] = [it.apart?.entries[0]?.seq, it.apart?.entries.at(-1)?.seq];
  const [from, to] = [messages[0]?.seq, messages.at(-1)?.seq];
  if (it.apart === undefined || begins === undefined || ends === undefined) return it;
  if (from === undefined || to === undefined) return { ...it, apart: { ...it.apart, older: begins > first } };
  if (from > ends + 1 || to < begins - 1) return it;
  const entries = merge(it.apart.entries, messages.map(toEntry));
  return settle({ ...it, apart: { entries, older: Math.min(from, begins) > first } });
}

/** Shows the newest messages again. */
export function comeBack({ apart: _, ...it }: Conversation): Conversation {
  return it;
}

/** Joins the part that is shown and the loaded messages, if there is no gap between them. */
function settle(it: Conversation): Conversation {
  const { apart } = it;
  if (apart === undefined || (apart.entries.at(-1)?.seq ?? 0) < (oldest(it) ?? 0) - 1) return it;
  const entries = merge(it.entries, apart.entries);
  return { ...comeBack(it), entries, older: apart.older };
}
