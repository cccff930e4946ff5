import type { Problem } from "../protocol/problem.js";
import type { Actor, Content, Message, Thread } from "../protocol/stanza.js";

/** A message as it is shown: delivered; on its way, `pending`; or not taken, `refused`. Those two have no place yet: their `seq` is infinite. */
export type Entry = Message & { pending?: true; refused?: Problem };

/** One thread as it is shown. Never changed: each verb returns the next one, or the same when nothing is new. */
export type Conversation = {
  readonly thread: Thread;
  /** What is loaded: delivered messages without a gap up to the newest, then those on their way. */
  readonly entries: readonly Entry[];
  /** Whether older messages are kept than those that are loaded; undefined until a page of history was read. */
  readonly older: boolean | undefined;
  /** How far oneself has read. */
  readonly read: number;
  /** How far the other one of a direct thread has received. */
  readonly delivered: number;
  /** Who is writing, and until when that is to be believed, in milliseconds. */
  readonly typing: ReadonlyMap<string, number>;
};

/** Begins the conversation of a thread with the newest message, or takes the thread's present form into one. */
export function introduce(thread: Thread, before?: Conversation): Conversation {
  const last = thread.last === undefined ? [] : [thread.last];
  const read = thread.seq - thread.unread;
  if (before === undefined) {
    return { thread, entries: last, older: undefined, read, delivered: 0, typing: new Map() };
  }
  const seq = Math.max(thread.seq, before.thread.seq);
  const now = { ...before, thread: { ...thread, seq }, read: Math.max(read, before.read) };
  const newest = before.entries.findLast(isDelivered)?.seq ?? 0;
  // What lies between was not told: the loaded begins anew with the newest.
  return thread.seq > newest ? { ...replace(now, last), older: undefined } : now;
}

/** Counts the messages of others that one has not read. Sending reads, so all after the mark are theirs. */
export function unread({ thread, read }: Conversation): number {
  return Math.max(0, thread.seq - read);
}

/** The seq of the oldest message that is loaded. */
export function oldest({ entries }: Conversation): number | undefined {
  return entries.find(isDelivered)?.seq;
}

/** Adds a message, or puts it in the place of the one that has its id. */
export function receive(it: Conversation, entry: Entry, me: string | undefined): Conversation {
  const { seq } = entry;
  // Far before what is loaded is history, to be read when one gets there.
  if (seq < (oldest(it) ?? 0) - 1) return it;
  const entries = place(it.entries, entry);
  if (!isDelivered(entry)) return { ...it, entries };
  const typing = without(it.typing, entry.sender?.id);
  const thread = seq > it.thread.seq ? { ...it.thread, seq, last: entry, updated: entry.timestamp } : it.thread;
  const said = { ...it, entries, typing, thread };
  // Who says something has read what was before, and tells it by that.
  return entry.sender === undefined ? said : mark(said, entry.sender.id, seq, me);
}

/** Adds a page of history; not one that was asked for when more was loaded than is now, since that would leave a gap. */
export function prepend(it: Conversation, page: { messages: readonly Message[]; first: number }): Conversation {
  if ((page.messages.at(-1)?.seq ?? Number.POSITIVE_INFINITY) < (oldest(it) ?? 0) - 1) return it;
  const entries = page.messages.reduceRight<readonly Entry[]>(place, it.entries);
  const from = oldest({ ...it, entries });
  return { ...it, entries, older: from !== undefined && from > page.first };
}

/** Shows these messages and no other delivered ones: what a thread holds after a gap that could not be closed. */
export function replace(it: Conversation, messages: readonly Message[]): Conversation {
  const open = it.entries.filter((entry) => !isDelivered(entry) && !messages.some(({ id }) => id === entry.id));
  const seq = messages.at(-1)?.seq ?? it.thread.seq;
  // Whether there is more before is told by the next page.
  const older = it.older === undefined ? undefined : (messages[0]?.seq ?? 1) > 1;
  return { ...it, entries: [...messages, ...open], older, thread: { ...it.thread, seq } };
}

/** Takes away a message that was refused. */
export function discard(it: Conversation, id: string): Conversation {
  return { ...it, entries: it.entries.filter((entry) => entry.id !== id || entry.refused === undefined) };
}

/** Gives a message what was said instead (XEP-0308). */
export function correct(it: Conversation, id: string, changes: Content, timestamp: string): Conversation {
  return revise(it, id, (entry) => ({ ...entry, ...changes, edited: timestamp }));
}

/** Leaves nothing of a message but its place (XEP-0424). */
export function withdraw(it: Conversation, id: string, timestamp: string): Conversation {
  return revise(it, id, ({ id, thread, seq, timestamp: sent }) => ({
    id,
    thread,
    seq,
    timestamp: sent,
    retracted: timestamp,
  }));
}

/** Adds or takes away somebody's emoji (XEP-0444). */
export function react(it: Conversation, id: string, emoji: string, entity: string, remove: boolean): Conversation {
  return revise(it, id, (entry) => {
    const others = (entry.reactions?.[emoji] ?? []).filter((who) => who !== entity);
    const { [emoji]: _, ...rest } = entry.reactions ?? {};
    const all = remove ? others : [...others, entity];
    return { ...entry, reactions: all.length === 0 ? rest : { ...entry.reactions, [emoji]: all } };
  });
}

/** Moves how far somebody has read; never back. */
export function mark(it: Conversation, entity: string, seq: number, me: string | undefined): Conversation {
  const members = it.thread.members.map((member) =>
    member.entity === entity && member.read < seq ? { ...member, read: seq } : member,
  );
  const read = entity === me ? Math.max(it.read, seq) : it.read;
  return { ...it, read, thread: { ...it.thread, members } };
}

/** Moves how far the other one has received; never back. */
export function deliver(it: Conversation, seq: number): Conversation {
  return seq > it.delivered ? { ...it, delivered: seq } : it;
}

// A chat state is not repeated by those who go on writing for long, nor taken back by those who go away (XEP-0085).
const BELIEVED_MS = 10_000;

/** Notes that somebody is writing, or not any more. */
export function type(it: Conversation, entity: string, state: string, now: number): Conversation {
  const typing = without(it.typing, entity);
  return { ...it, typing: state === "composing" ? new Map([...typing, [entity, now + BELIEVED_MS]]) : typing };
}

/** Forgets who has been writing for too long. */
export function settle(it: Conversation, now: number): Conversation {
  const typing = new Map([...it.typing].filter(([, until]) => until > now));
  return typing.size === it.typing.size ? it : { ...it, typing };
}

/** How far a message of one's own has come. In a room it is read when somebody has read it. */
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

/** Who else has read so far. */
export function readers({ thread }: Conversation, seq: number, me: string): string[] {
  return thread.members.filter(({ entity, read }) => entity !== me && read >= seq).map(({ entity }) => entity);
}

/** The members but oneself, as far as they are named. */
export function others({ thread }: Conversation, me: string | undefined): { entity: string; actor?: Actor }[] {
  return thread.members.filter(({ entity }) => entity !== me);
}

/** Whether one may edit a message here: one's own, as plain text. */
export function isEditable(entry: Entry, me: string | undefined): boolean {
  const own = me !== undefined && entry.sender?.id === me && isDelivered(entry);
  return own && entry.retracted === undefined && (entry.type ?? "plain") === "plain";
}

function isDelivered({ seq }: Entry): boolean {
  return Number.isFinite(seq);
}

function place(entries: readonly Entry[], entry: Entry): readonly Entry[] {
  const known = entries.findIndex(({ id }) => id === entry.id);
  const before = entries[known];
  if (!isDelivered(entry)) {
    if (before === undefined) return [...entries, entry];
    // An echo that comes late does not undo the delivery.
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
  return new Map([...typing].filter(([who]) => who !== entity));
}
