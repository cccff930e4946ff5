import type { Entry } from "./conversation.js";

/** One line of a conversation as it is shown: a day begins, what is unread begins, or a message. */
export type Row =
  | { kind: "day"; key: string; date: Date }
  | { kind: "unread"; key: string }
  /** `first` and `last` of what one person says in one go. */
  | { kind: "entry"; key: string; entry: Entry; first: boolean; last: boolean };

// Longer pauses begin anew, with a name and a picture.
const GO_MS = 5 * 60_000;

/** Lays out entries: days apart, what one person says in one go together, and a line above what others said after `read`. */
export function timeline(entries: readonly Entry[], me: string | undefined, read: number): Row[] {
  const rows: Row[] = [];
  let marked = false;
  for (const [i, entry] of entries.entries()) {
    const [before, after] = [entries[i - 1], entries[i + 1]];
    const fresh: boolean = !marked && entry.seq > read && entry.sender?.id !== me && Number.isFinite(entry.seq);
    const day = startsDay(before, entry);
    if (day !== undefined) rows.push({ kind: "day", key: `day ${day.toDateString()} ${entry.id}`, date: day });
    if (fresh) rows.push({ kind: "unread", key: "unread" });
    marked ||= fresh;
    const first = fresh || day !== undefined || !together(before, entry);
    const last = after === undefined || startsDay(entry, after) !== undefined || !together(entry, after);
    rows.push({ kind: "entry", key: entry.id, entry, first, last });
  }
  return rows;
}

function together(before: Entry | undefined, entry: Entry): boolean {
  if (before?.sender === undefined || before.sender.id !== entry.sender?.id) return false;
  return Date.parse(entry.timestamp) - Date.parse(before.timestamp) < GO_MS;
}

/** The day that begins with an entry, in the time zone of whoever reads. What is blocked has no time. */
function startsDay(before: Entry | undefined, entry: Entry): Date | undefined {
  const date = new Date(entry.timestamp);
  if (Number.isNaN(date.getTime())) return undefined;
  const same = before !== undefined && new Date(before.timestamp).toDateString() === date.toDateString();
  return same ? undefined : date;
}
