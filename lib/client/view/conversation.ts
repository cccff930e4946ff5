import type { Actor, Content, Message, Thread } from "../protocol/stanza.js";
import { changed, countsAsUnread, type Entry, insert, isDelivered, isSameId, merge, toEntry } from "./entry.js";

/** One thread as it is shown. Immutable: each function returns a new one, or the same one when nothing changes. */
export type Conversation = {
  readonly thread: Thread;
  /** The loaded messages: delivered ones without a gap up to the newest, then pending and refused ones. */
  readonly entries: readonly Entry[];
  /** Whether the deployment holds older messages than the loaded ones; undefined until a page of history was read. */
  readonly older: boolean | undefined;
  /** A part of the history that is shown instead, with a gap between it and the loaded messages. */
  readonly apart?: { readonly entries: readonly Entry[]; readonly older: boolean };
  /** The `seq` up to which the user has read. */
  readonly read: number;
  /** The messages of others after that which the deployment counts: not those that were retracted or blocked, none of a muted thread. */
  readonly unreadCount: number;
  /** The `seq` up to which the other member of a direct thread has received. */
  readonly delivered: number;
  /** The users who are typing, each with the time at which that expires, in milliseconds. */
  readonly typing: ReadonlyMap<string, number>;
};

/** Creates the conversation of a thread with its newest message, or updates one to the thread's current state. */
export function fromThread(given: Thread, before?: Conversation, me?: string): Conversation {
  const thread = withOwnMembership(given, before, me);
  const last = thread.last === undefined ? [] : [toEntry(thread.last)];
  const own = thread.members.find(({ entity }) => entity === me)?.read;
  const mark = own ?? thread.seq - thread.unread;
  if (before === undefined) {
    const read = { read: mark, unreadCount: thread.unread };
    return { thread, entries: last, older: undefined, ...read, delivered: 0, typing: new Map() };
  }
  const seq = Math.max(thread.seq, before.thread.seq);
  // No message of a muted thread counts as unread, so that its mark was not known.
  const read = own === undefined && before.thread.muted ? mark : Math.max(mark, before.read);
  // The thread may have been read before the newest messages arrived.
  const since = countAfter(before.entries, Math.max(thread.seq, read), me);
  const now = { ...before, thread: { ...thread, seq }, read, unreadCount: thread.unread + since };
  const newest = before.entries.findLast(isDelivered)?.seq ?? 0;
  // Messages in between are missing: start again from the newest.
  return thread.seq > newest ? { ...replaceHistory(now, last), older: undefined } : now;
}

/** Returns the number of unread messages, as the deployment counts them. */
export function unread({ thread, unreadCount }: Conversation): number {
  return thread.muted ? 0 : unreadCount;
}

/** Whether a thread is to look unread, since messages are or the user has marked it. */
export function looksUnread(it: Conversation): boolean {
  return unread(it) > 0 || it.thread.markedUnread === true;
}

/** Returns the `seq` of the oldest loaded message. */
export function oldest({ entries }: Pick<Conversation, "entries">): number | undefined {
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
  const fresh = seq > it.thread.seq;
  const thread = fresh ? withNewest(it.thread, entry) : it.thread;
  const unreadCount = it.unreadCount + (fresh && countsAsUnread(entry, me) ? 1 : 0);
  const next = { ...it, entries, typing, thread, unreadCount };
  // Sending a message marks all before it as read by its sender.
  return entry.sender === undefined ? next : markRead(next, entry.sender.id, seq, me);
}

/** Adds a page of history. A page that would leave a gap is ignored: it was requested when more was loaded than is now. */
export function prependHistory(it: Conversation, page: { messages: readonly Message[]; first: number }): Conversation {
  if ((page.messages.at(-1)?.seq ?? Number.POSITIVE_INFINITY) < (oldest(it) ?? 0) - 1) return it;
  const entries = merge(it.entries, page.messages.map(toEntry));
  const from = oldest({ ...it, entries });
  return { ...it, entries, older: from !== undefined && from > page.first };
}

/** Replaces the delivered messages with the current history, after a gap in the stream. */
export function replaceHistory(it: Conversation, messages: readonly Message[]): Conversation {
  const open = it.entries.filter((entry) => !isDelivered(entry) && !messages.some(({ id }) => isSameId(id, entry.id)));
  const newest = messages.at(-1);
  const thread = newest === undefined ? it.thread : withNewest(it.thread, toEntry(newest));
  // The next page shows whether there are older messages.
  const older = it.older === undefined ? undefined : (messages[0]?.seq ?? 1) > 1;
  // What was shown apart may have changed in the gap, too.
  const { apart: _, ...rest } = it;
  return { ...rest, entries: [...messages.map(toEntry), ...open], older, thread };
}

/** Removes a refused message. */
export function discard(it: Conversation, id: string): Conversation {
  return { ...it, entries: it.entries.filter((entry) => !isSameId(entry.id, id) || entry.refused === undefined) };
}

/** Applies an edit of a message (XEP-0308). */
export function applyEdit(it: Conversation, id: string, changes: Content, timestamp: string): Conversation {
  return revise(it, id, (entry) => ({ ...toEntry({ ...entry, ...changes }), edited: timestamp }));
}

/** Removes all of a retracted message but its position (XEP-0424). */
export function applyRetraction(it: Conversation, id: string, retracted: string): Conversation {
  const entry = it.entries.findLast((entry) => isSameId(entry.id, id));
  const counted = entry !== undefined && entry.seq > it.read && countsAsUnread(entry, undefined);
  const unreadCount = Math.max(0, it.unreadCount - (counted ? 1 : 0));
  const next = revise(it, id, ({ id, thread, seq, timestamp }) => ({ id, thread, seq, timestamp, retracted }));
  return next === it ? it : { ...next, unreadCount };
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
  const next = { ...it, thread: { ...it.thread, members } };
  if (entity !== me || seq <= it.read) return next;
  const whole = (oldest(it) ?? Number.POSITIVE_INFINITY) <= seq + 1;
  const left = whole ? countAfter(it.entries, seq, me) : Math.max(0, it.thread.seq - seq);
  return { ...next, read: seq, unreadCount: Math.min(it.unreadCount, left) };
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

/** Removes the users whose typing has expired, or began before the clock was set back. */
export function expireTyping(it: Conversation, now: number): Conversation {
  const typing = new Map([...it.typing].filter(([, until]) => until > now && until <= now + TYPING_MS));
  return typing.size === it.typing.size ? it : { ...it, typing };
}

/** Returns the known members except the user. */
export function others({ thread }: Conversation, me: string | undefined): { entity: string; actor?: Actor }[] {
  return thread.members.filter(({ entity }) => entity !== me);
}

/** Above 100 members, a thread names only some of them. The user's own membership stays as it was known. */
function withOwnMembership(thread: Thread, before: Conversation | undefined, me: string | undefined): Thread {
  const isOwn = ({ entity }: { entity: string }) => entity === me;
  const own = thread.members.some(isOwn) ? undefined : before?.thread.members.find(isOwn);
  return own === undefined ? thread : { ...thread, members: [...thread.members, own] };
}

/** Adds the newest message to a thread: a hidden one comes back with it. The message of a blocked user has no time. */
function withNewest(thread: Thread, last: Entry): Thread {
  const { hidden: _, ...shown } = thread;
  const fresh = last.seq > thread.seq;
  const updated = (fresh && last.timestamp) || thread.updated;
  return { ...(fresh ? shown : thread), seq: last.seq, last, updated };
}

function countAfter(entries: readonly Entry[], seq: number, me: string | undefined): number {
  return entries.filter((entry) => entry.seq > seq && isDelivered(entry) && countsAsUnread(entry, me)).length;
}

function revise(it: Conversation, id: string, change: (entry: Entry) => Entry): Conversation {
  const entries = changed(it.entries, id, change);
  const apart = it.apart && { ...it.apart, entries: changed(it.apart.entries, id, change) };
  if (entries === it.entries && apart?.entries === it.apart?.entries) return it;
  const last = entries === it.entries ? undefined : entries.findLast((entry) => isSameId(entry.id, id));
  const isLast = last !== undefined && it.thread.last !== undefined && isSameId(it.thread.last.id, id);
  return { ...it, ...(apart && { apart }), thread: isLast ? { ...it.thread, last } : it.thread, entries };
}

function without(typing: ReadonlyMap<string, number>, entity: string | undefined): ReadonlyMap<string, number> {
  if (entity === undefined || !typing.has(entity)) return typing;
  return new Map([...typing].filter(([it]) => it !== entity));
}
