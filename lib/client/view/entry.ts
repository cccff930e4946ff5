import type { Problem } from "../protocol/problem.js";
import type { Message } from "../protocol/stanza.js";
import { hasMarksOnly, toMarks } from "./marks.js";

/** A message as it is shown: delivered, `pending` or `refused`. The latter two have no position yet: their `seq` is infinite. */
export type Entry = Message & { pending?: true; refused?: Problem };

/** Returns a delivered message as an entry. What an entry adds to a message cannot come from its sender, as an extension. */
export function toEntry({ pending: _, refused: __, ...message }: Message): Entry {
  return message;
}

/** Whether the deployment has given a message its position. */
export function isDelivered({ seq }: Entry): boolean {
  return Number.isFinite(seq);
}

/** UUIDs are the same in either case (RFC 9562 §4), and an event can name a message in another one than the message itself. */
export function isSameId(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

/** Whether a message can be unread. */
export function countsAsUnread({ sender, retracted, blocked }: Entry, me: string | undefined): boolean {
  return retracted === undefined && !blocked && (sender === undefined || sender.id !== me);
}

/** Whether the user can edit a message here: their own, in plain text, or formatted as an input does. */
export function isEditable(entry: Entry, me: string | undefined): boolean {
  const own = me !== undefined && entry.sender?.id === me && isDelivered(entry);
  const { type = "plain", text = "" } = entry;
  return own && entry.retracted === undefined && (type === "plain" || (type === "html" && hasMarksOnly(text)));
}

/** Returns the text of a message as an input shows it, where marks stand for the tags that they become. */
export function marked({ type, text = "" }: Entry): string {
  return type === "html" && hasMarksOnly(text) ? toMarks(text) : text;
}

/** Adds an entry in its place, or replaces the one with the same id or position. */
export function insert(entries: readonly Entry[], entry: Entry): readonly Entry[] {
  const known = entries.findIndex(({ id }) => isSameId(id, entry.id));
  const before = entries[known];
  if (!isDelivered(entry)) {
    if (before === undefined) return [...entries, entry];
    // A late local echo does not undo the delivery.
    return isDelivered(before) ? entries : entries.with(known, entry);
  }
  if (before?.seq === entry.seq) return entries.with(known, entry);
  const rest = before === undefined ? entries : entries.toSpliced(known, 1);
  const at = rest.findLastIndex((it) => isDelivered(it) && it.seq < entry.seq) + 1;
  return rest[at]?.seq === entry.seq ? rest.with(at, entry) : rest.toSpliced(at, 0, entry);
}

/** Adds a page of delivered messages, which follow each other without a gap; each replaces the entry with the same id or position. */
export function merge(entries: readonly Entry[], page: readonly Entry[]): readonly Entry[] {
  const [first] = page;
  if (first === undefined) return entries;
  const [ids, seqs] = [new Set(page.map(({ id }) => id.toLowerCase())), new Set(page.map(({ seq }) => seq))];
  const rest = entries.filter(({ id, seq }) => !seqs.has(seq) && !ids.has(id.toLowerCase()));
  const at = rest.findLastIndex((it) => isDelivered(it) && it.seq < first.seq) + 1;
  return rest.toSpliced(at, 0, ...page);
}

const indexes = new WeakMap<readonly Entry[], ReadonlyMap<string, Entry>>();

/** Finds an entry by its id. The entries are indexed once: many of a page may quote others. */
export function find(entries: readonly Entry[], id: string): Entry | undefined {
  const index = indexes.get(entries) ?? new Map(entries.map((it) => [it.id.toLowerCase(), it]));
  indexes.set(entries, index);
  return index.get(id.toLowerCase());
}

/** Changes the entry with an id; returns the same entries if there is none. */
export function changed(entries: readonly Entry[], id: string, change: (entry: Entry) => Entry): readonly Entry[] {
  const at = entries.findLastIndex((entry) => isSameId(entry.id, id));
  const entry = entries[at];
  return entry === undefined ? entries : entries.with(at, change(entry));
}
