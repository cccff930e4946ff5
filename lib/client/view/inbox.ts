import type { ChatEvent, State } from "../protocol/chat.js";
import type { Actor, Presence, Thread } from "../protocol/stanza.js";
import {
  addMessage,
  applyEdit,
  applyReaction,
  applyRetraction,
  type Conversation,
  discard,
  expireTyping,
  fromThread,
  markDelivered,
  markRead,
  replaceHistory,
  setTyping,
  unread,
} from "./conversation.js";
import { type Entry, toEntry } from "./entry.js";
import { applyThreadNews, removesMe } from "./thread-news.js";

/** All that is shown of a user's chat. Immutable: each function returns a new one, or the same one when nothing changes. */
export type Inbox = {
  readonly state: State;
  readonly me: Actor | undefined;
  readonly conversations: ReadonlyMap<string, Conversation>;
  /** The known users, by entity. */
  readonly actors: ReadonlyMap<string, Actor>;
  readonly presence: ReadonlyMap<string, Presence>;
  readonly blocked: ReadonlySet<string>;
  /** Whether the deployment holds conversations that are not loaded: `Mirror.more()` loads them. Undefined until it is known. */
  readonly more: boolean | undefined;
};

export const EMPTY: Inbox = {
  state: "connecting",
  me: undefined,
  conversations: new Map(),
  actors: new Map(),
  presence: new Map(),
  blocked: new Set(),
  more: undefined,
};

/** Adds threads, or updates them to their current state. */
export function addThreads(inbox: Inbox, threads: readonly Thread[]): Inbox {
  const conversations = new Map(inbox.conversations);
  for (const thread of threads) {
    conversations.set(thread.id, fromThread(thread, conversations.get(thread.id), inbox.me?.id));
  }
  const named = threads.flatMap((it) => [...it.members.map(({ actor }) => actor), it.last?.sender]);
  return addActors({ ...inbox, conversations }, named);
}

/** Removes a thread. */
export function removeThread(inbox: Inbox, thread: string): Inbox {
  const conversations = new Map(inbox.conversations);
  return conversations.delete(thread) ? { ...inbox, conversations } : inbox;
}

/** Adds the descriptions of users, or updates them. */
export function addActors(inbox: Inbox, actors: readonly (Actor | undefined)[]): Inbox {
  const fresh = actors.filter((it) => it !== undefined).filter((it) => !isSame(inbox.actors.get(it.id), it));
  return fresh.length === 0
    ? inbox
    : { ...inbox, actors: new Map([...inbox.actors, ...fresh.map((it) => [it.id, it] as const)]) };
}

/** Changes one conversation, if it is known. */
export function update(inbox: Inbox, thread: string, change: (it: Conversation) => Conversation): Inbox {
  const before = inbox.conversations.get(thread);
  const after = before && change(before);
  if (after === undefined || after === before) return inbox;
  return { ...inbox, conversations: new Map(inbox.conversations).set(thread, after) };
}

/** Applies an event. An event of an unknown thread changes nothing: add the thread first. */
export function applyEvent(inbox: Inbox, event: ChatEvent, now: number): Inbox {
  const me = inbox.me?.id;
  switch (event.type) {
    case "message": {
      const entry = entryOf(event);
      return entry === undefined
        ? inbox
        : addActors(
            update(inbox, entry.thread, (it) => withoutWithdrawn(addMessage(it, entry, me), entry)),
            [entry.sender],
          );
    }
    case "edit": {
      const { thread, id, entity: _, timestamp, ...changes } = event.edit;
      return update(inbox, thread, (it) => applyEdit(it, id, changes, timestamp));
    }
    case "retract":
      return update(inbox, event.retract.thread, (it) =>
        applyRetraction(it, event.retract.id, event.retract.timestamp),
      );
    case "reaction": {
      const { thread, id, emoji, entity, remove = false } = event.reaction;
      return update(inbox, thread, (it) => applyReaction(it, id, emoji, entity, remove));
    }
    case "receipt":
      return update(inbox, event.receipt.thread, (it) => markRead(it, event.receipt.entity, event.receipt.seq, me));
    case "delivered":
      return update(inbox, event.delivered.thread, (it) => markDelivered(it, event.delivered.seq));
    case "typing":
      return update(inbox, event.thread, (it) => setTyping(it, event.entity, event.state, now));
    case "history":
      return update(inbox, event.thread, (it) => replaceHistory(it, event.messages));
    default:
      return applyStateEvent(inbox, event);
  }
}

/** Removes the users whose typing has expired. */
export function expireAllTyping(inbox: Inbox, now: number): Inbox {
  return [...inbox.conversations.keys()].reduce((all, id) => update(all, id, (it) => expireTyping(it, now)), inbox);
}

/** Returns the conversations that are not hidden, the pinned ones first, and of either those with the latest activity first. */
export function sorted({ conversations }: Pick<Inbox, "conversations">): Conversation[] {
  const shown = latestFirst({ conversations }).filter(({ thread }) => !thread.hidden);
  return shown.sort((a, b) => isPinned(b) - isPinned(a));
}

/** Returns all conversations, latest activity first. */
export function latestFirst({ conversations }: Pick<Inbox, "conversations">): Conversation[] {
  const all = [...conversations.values()].map((it) => ({ it, at: latest(it) }));
  return all.sort((a, b) => b.at - a.at).map(({ it }) => it);
}

function isPinned({ thread }: Conversation): number {
  return thread.pinned ? 1 : 0;
}

function latest({ thread: { updated, created } }: Conversation): number {
  return Date.parse(updated) || Date.parse(created) || 0;
}

function entryOf({ message, pending, refused }: Extract<ChatEvent, { type: "message" }>): Entry | undefined {
  const { thread, seq = Number.POSITIVE_INFINITY } = message;
  // A message to entities has no thread yet; it is shown once it is delivered.
  if (thread === undefined) return undefined;
  return { ...toEntry({ ...message, thread, seq }), ...(pending && { pending }), ...(refused && { refused }) };
}

/** A message that its user took back is not shown as refused. */
function withoutWithdrawn(it: Conversation, { id, refused }: Entry): Conversation {
  return refused?.code === "withdrawn" ? discard(it, id) : it;
}

function applyStateEvent(inbox: Inbox, event: ChatEvent): Inbox {
  switch (event.type) {
    case "state":
      return event.state === inbox.state ? inbox : applyState(inbox, event.state);
    case "presence": {
      const presence = new Map([...inbox.presence, ...event.presence.map((it) => [it.entity, it] as const)]);
      return addActors(
        { ...inbox, presence },
        event.presence.map(({ actor }) => actor),
      );
    }
    case "block": {
      const blocked = new Set(inbox.blocked);
      if (event.block.remove) blocked.delete(event.block.entity);
      else blocked.add(event.block.entity);
      return { ...inbox, blocked };
    }
    case "setting": {
      const { thread, ...setting } = event.setting;
      return update(inbox, thread, (it) => ({ ...it, thread: { ...it.thread, ...setting } }));
    }
    case "thread":
      return removesMe(event.thread, inbox.me?.id)
        ? removeThread(inbox, event.thread.id)
        : update(inbox, event.thread.id, (it) => applyThreadNews(it, event.thread, inbox.me?.id));
    case "resync": {
      // In another epoch, the user is no longer a member of threads that are not listed.
      if (event.reason !== "epoch") return inbox;
      const named = new Set(event.threads.map(({ id }) => id));
      return [...inbox.conversations.keys()].filter((id) => !named.has(id)).reduce(removeThread, inbox);
    }
    default:
      return inbox;
  }
}

/** Without a connection, nobody is known to be present. The user's own presence stays as it was set. */
function applyState(inbox: Inbox, state: State): Inbox {
  const own = [...inbox.presence].filter(([entity]) => entity === inbox.me?.id);
  return { ...inbox, state, presence: state === "offline" || state === "closed" ? new Map(own) : inbox.presence };
}

function isSame(a: Actor | undefined, b: Actor): boolean {
  return a !== undefined && a.displayName === b.displayName && a.image?.url === b.image?.url && a.url === b.url;
}

/** Returns how many messages are unread in all conversations. */
export function unreadTotal({ conversations }: Inbox): number {
  return [...conversations.values()].reduce((sum, it) => sum + unread(it), 0);
}
