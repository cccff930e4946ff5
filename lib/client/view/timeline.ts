import type { Entry } from "./entry.js";

/** One row of a conversation as it is shown: the start of a day, the start of the unread messages, or a message. */
export type Row =
  | { kind: "day"; key: string; date: Date }
  | { kind: "unread"; key: string }
  /** `first` and `last` in a group of messages by one sender. */
  | { kind: "entry"; key: string; entry: Entry; first: boolean; last: boolean };

// A longer pause starts a new group, with name and picture.
const GROUP_MS = 5 * 60_000;

/**
 * Lays out entries, or those from one index to that before another, in rows, grouped by day and by sender; one row marks the first message of
 * another user after `read`. The first row tells its day, wherever that began.
 */
export function timeline(
  entries: readonly Entry[],
  me: string | undefined,
  read: number,
  { from = 0, to = entries.length } = {},
): Row[] {
  const rows: Row[] = [];
  const unread = entries.findIndex(({ seq, sender }) => seq > read && sender?.id !== me && Number.isFinite(seq));
  for (const [at, entry] of entries.slice(from, to).entries()) {
    const i = from + at;
    const [before, after] = [at === 0 ? undefined : entries[i - 1], entries[i + 1]];
    const firstUnread = i === unread;
    const day = startsDay(before, entry);
    if (day !== undefined) rows.push({ kind: "day", key: `day ${day.toDateString()} ${entry.id}`, date: day });
    if (firstUnread) rows.push({ kind: "unread", key: "unread" });
    const first = firstUnread || day !== undefined || !sameGroup(before, entry);
    const last = after === undefined || startsDay(entry, after) !== undefined || !sameGroup(entry, after);
    rows.push({ kind: "entry", key: entry.id, entry, first, last });
  }
  return rows;
}

function sameGroup(before: Entry | undefined, entry: Entry): boolean {
  if (before?.sender === undefined || before.sender.id !== entry.sender?.id) return false;
  return Date.parse(entry.timestamp) - Date.parse(before.timestamp) < GROUP_MS;
}

/** Returns the day that an entry starts, in the reader's time zone. The message of a blocked user has no time. */
function startsDay(before: Entry | undefined, entry: Entry): Date | undefined {
  const date = new Date(entry.timestamp);
  if (Number.isNaN(date.getTime())) return undefined;
  const same = before !== undefined && new Date(before.timestamp).toDateString() === date.toDateString();
  return same ? undefined : date;
}
