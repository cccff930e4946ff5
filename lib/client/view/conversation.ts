import type { Problem } from "../protocol/problem.js";
import type { Actor, Content, Message, Thread } from "../protocol/stanza.js";

/** A message as it is shown: delivered, `pending` or `refused`. The latter two have no position yet: their `seq` is infinite. */
export type Entry = Message & { pending?: true; refused?: Problem };

/** One thread as it is shown. Immutable: each function returns a new one, or the same one when nothing changes. */
export type Conversation = {
  readonly thread: Thread;
  /** The loaded messages: delivered ones without a gap up to the newest, then pending and refused ones. */
  readonly entries: readonly Entry[];
  /** Whether the deployment holds older messages than the loaded ones; undefined until a page of history was read. */
  readonly older: boolean | undefined;
  /** The `seq` up to which the user has read. */
  readonly read: number;
  /** The `seq` up to which the other member of a direct thread has received. */
  readonly delivered: number;
  /** The users who are typing, each with the time at which that expires, in milliseconds. */
  readonly typing: ReadonlyMap<string, number>;
};

/** Creates the conversation of a thread with its newest message, or updates one to the thread's current state. */
export function fromThread(thread: Thread, before?: Conversation): Conversation {
  const last = thread.last === undefined ? [] : [thread.last];
  const read = thread.seq - thread.unread;
  if (before === undefined) {
    return { thread, entries: last, older: undefined, read, delivered: 0, typing: new Map() };
  }
  const seq = Math.max(thread.seq, before.thread.seq);
  const now = { ...before, thread: { ...thread, seq }, read: Math.max(read, before.read) };
  const newest = before.entries.findLast(isDelivered)?.seq ?? 0;
  // Messages in between are missing: start again from the newest.
  return thread.seq > newest ? { ...replaceHistory(now, last), older: undefined } : now;
}

/** Counts the unread messages of others. Sending marks as read, so all messages after the mark are theirs. */
export function unread({ thread, read }: Conversation): number {
  return Math.max(0, thread.seq - read);
}

/** Returns the `seq` of the oldest loaded message. */
export function oldest({ entries }: Conversation): number | undefined {
  return entries.find(isDelivered)?.seq;
}

/** Adds a message, or replaces the one with the same id. */
export function addMessage(it: Conversation, entry: Entry, me: string | undefined): Conversation {
  const { seq } = entry;
  // A message before the loaded ones, with a gap, will be loaded with the history.
  if (seq < (oldest(it) ?? 0) - 1) return it;
  const entries = insert(it.entries, entry);
  if (!isDelivered(entry)) return { ...it, entries };
  const typing = without(it.typing, entry.sender?.id);
  const thread = seq > it.thread.seq ? { ...it.thread, seq, last: entry, updated: entry.timestamp } : it.thread;
  const next = { ...it, entries, typing, thread };
  // Sending a message marks all before it as read by its sender.
  return entry.sender === undefined ? next : markRead(next, entry.sender.id, seq, me);
}

/** Adds a page of history. A page that would leave a gap is ignored: it was requested when more was loaded than is now. */
export function prependHistory(it: Conversation, page: { messages: readonly Message[]; first: number }): Conversation {
  if ((page.messages.at(-1)?.seq ?? Number.POSITIVE_INFINITY) < (oldest(it) ?? 0) - 1) return it;
  const entries = page.messages.reduceRight<readonly Entry[]>(insert, it.entries);
  const from = oldest({ ...it, entries });
  return { ...it, entries, older: from !== undefined && from > page.first };
}

/** Replaces the delivered messages with the current history, after a gap in the stream. */
export function replaceHistory(it: Conversation, messages: readonly Message[]): Conversation {
  const open = it.entries.filter((entry) => !isDelivered(entry) && !messages.some(({ id }) => id === entry.id));
  const seq = messages.at(-1)?.seq ?? it.thread.seq;
  // The next page shows whether there are older messages.
  const older = it.older === undefined ? undefined : (messages[0]?.seq ?? 1) > 1;
  return { ...it, entries: [...messages, ...open], older, thread: { ...it.thread, seq } };
}

/** Removes a refused message. */
export function discard(it: Conversation, id: string): Conversation {
  return { ...it, entries: it.entries.filter((entry) => entry.id !== id || entry.refused === undefined) };
}

/** Applies an edit of a message (XEP-0308). */
export function applyEdit(it: Conversation, id: string, changes: Content, timestamp: string): Conversation {
  return revise(it, id, (entry) => ({ ...entry, ...changes, edited: timestamp }));
}

/** Removes all of a retracted message but its position (XEP-0424). */
export function applyRetraction(it: Conversation, id: string, retracted: string): Conversation {
  return revise(it, id, ({ id, thread, seq, timestamp }) => ({ id, thread, seq, timestamp, retracted }));
}

/** Adds or removes a reaction (XEP-0444). */
export function applyReaction(
  it: Conversation,
  id: string,
  emoji: string,
  entity: string,
  remove: boolean,
): Conversation {
  return revise(it, id, (entry) => {
    const others = (entry.reactions?.[emoji] ?? []).filter((reactor) => reactor !== entity);
    const { [emoji]: _, ...rest } = entry.reactions ?? {};
    const all = remove ? others : [...others, entity];
    return { ...entry, reactions: all.length === 0 ? rest : { ...entry.reactions, [emoji]: all } };
  });
}

/** Marks the messages up to `seq` as read by a member; never moves the mark back. */
export function markRead(it: Conversation, entity: string, seq: number, me: string | undefined): Conversation {
  const members = it.thread.members.map((member) =>
    member.entity === entity && member.read < seq ? { ...member, read: seq } : member,
  );
  const read = entity === me ? Math.max(it.read, seq) : it.read;
  return { ...it, read, thread: { ...it.thread, members } };
}

/** Marks the messages up to `seq` as received by the other member; never moves the mark back. */
export function markDelivered(it: Conversation, seq: number): Conversation {
  return seq > it.delivered ? { ...it, delivered: seq } : it;
}

// A client does not repeat a chat state while its user goes on typing, nor end it when it disconnects (XEP-0085), so it expires.
const TYPING_MS = 10_000;

/** Notes that a user has started or stopped typing. */
export function setTyping(it: Conversation, entity: string, state: string, now: number): Conversation {
  const typing = without(it.typing, entity);
  return { ...it, typing: state === "composing" ? new Map([...typing, [entity, now + TYPING_MS]]) : typing };
}

/** Removes the users whose typing has expired. */
export function expireTyping(it: Conversation, now: number): Conversation {
  const typing = new Map([...it.typing].filter(([, until]) => until > now));
  return typing.size === it.typing.size ? it : { ...it, typing };
}

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

/** Returns the known members except the user. */
export function others({ thread }: Conversation, me: string | undefined): { entity: string; actor?: Actor }[] {
  return thread.members.filter(({ entity }) => entity !== me);
}

/** Whether the user can edit a message here: their own, in plain text. */
export function isEditable(entry: Entry, me: string | undefined): boolean {
  const own = me !== undefined && entry.sender?.id === me && isDelivered(entry);
  return own && entry.retracted === undefined && (entry.type ?? "plain") === "plain";
}

function isDelivered({ seq }: Entry): boolean {
  return Number.isFinite(seq);
}

function insert(entries: readonly Entry[], entry: Entry): readonly Entry[] {
  const known = entries.findIndex(({ id }) => id === entry.id);
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

function revise(it: Conversation, id: string, change: (entry: Entry) => Entry): Conversation {
  const at = it.entries.findLastIndex((entry) => entry.id === id);
  const entry = it.entries[at];
  if (entry === undefined) return it;
  const revised = change(entry);
  const thread = it.thread.last?.id === id ? { ...it.thread, last: revised } : it.thread;
  return { ...it, thread, entries: it.entries.with(at, revised) };
}

function without(typing: ReadonlyMap<string, number>, entity: string | undefined): ReadonlyMap<string, number> {
  if (entity === undefined || !typing.has(entity)) return typing;
  return new Map([...typing].filter(([it]) => it !== entity));
}
