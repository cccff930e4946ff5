import type { ChatEvent, State } from "../protocol/chat.js";
import type { Actor, Presence, Thread, ThreadNews } from "../protocol/stanza.js";
import {
  type Conversation,
  correct,
  deliver,
  type Entry,
  introduce,
  mark,
  react,
  receive,
  replace,
  settle,
  type,
  withdraw,
} from "./conversation.js";

/** All that is shown of somebody's chat. Never changed: each verb returns the next one. */
export type Inbox = {
  readonly state: State;
  readonly me: Actor | undefined;
  readonly conversations: ReadonlyMap<string, Conversation>;
  /** Everybody who was seen, by entity. */
  readonly actors: ReadonlyMap<string, Actor>;
  readonly presence: ReadonlyMap<string, Presence>;
  readonly blocked: ReadonlySet<string>;
};

export const EMPTY: Inbox = {
  state: "connecting",
  me: undefined,
  conversations: new Map(),
  actors: new Map(),
  presence: new Map(),
  blocked: new Set(),
};

/** Takes in the present form of threads: those one did not know, and those that may have changed. */
export function enter(inbox: Inbox, threads: readonly Thread[]): Inbox {
  const conversations = new Map(inbox.conversations);
  for (const thread of threads) conversations.set(thread.id, introduce(thread, conversations.get(thread.id)));
  const named = threads.flatMap((it) => [...it.members.map(({ actor }) => actor), it.last?.sender]);
  return meet({ ...inbox, conversations }, named);
}

/** Forgets a thread. */
export function leave(inbox: Inbox, thread: string): Inbox {
  const conversations = new Map(inbox.conversations);
  return conversations.delete(thread) ? { ...inbox, conversations } : inbox;
}

/** Remembers how people are described. */
export function meet(inbox: Inbox, actors: readonly (Actor | undefined)[]): Inbox {
  const fresh = actors.filter((it) => it !== undefined).filter((it) => !same(inbox.actors.get(it.id), it));
  return fresh.length === 0
    ? inbox
    : { ...inbox, actors: new Map([...inbox.actors, ...fresh.map((it) => [it.id, it] as const)]) };
}

/** Changes one conversation, if it is there. */
export function update(inbox: Inbox, thread: string, change: (it: Conversation) => Conversation): Inbox {
  const before = inbox.conversations.get(thread);
  const after = before && change(before);
  if (after === undefined || after === before) return inbox;
  return { ...inbox, conversations: new Map(inbox.conversations).set(thread, after) };
}

/** Applies what happened. What concerns a thread that is not there changes nothing: `enter` it first. */
export function apply(inbox: Inbox, event: ChatEvent, now: number): Inbox {
  const me = inbox.me?.id;
  switch (event.type) {
    case "message": {
      const entry = entryOf(event);
      return entry === undefined
        ? inbox
        : meet(
            update(inbox, entry.thread, (it) => receive(it, entry, me)),
            [entry.sender],
          );
    }
    case "edit": {
      const { thread, id, entity: _, timestamp, ...changes } = event.edit;
      return update(inbox, thread, (it) => correct(it, id, changes, timestamp));
    }
    case "retract":
      return update(inbox, event.retract.thread, (it) => withdraw(it, event.retract.id, event.retract.timestamp));
    case "reaction": {
      const { thread, id, emoji, entity, remove = false } = event.reaction;
      return update(inbox, thread, (it) => react(it, id, emoji, entity, remove));
    }
    case "receipt":
      return update(inbox, event.receipt.thread, (it) => mark(it, event.receipt.entity, event.receipt.seq, me));
    case "delivered":
      return update(inbox, event.delivered.thread, (it) => deliver(it, event.delivered.seq));
    case "typing":
      return update(inbox, event.thread, (it) => type(it, event.entity, event.state, now));
    case "history":
      return update(inbox, event.thread, (it) => replace(it, event.messages));
    default:
      return applyStanding(inbox, event);
  }
}

/** Forgets who has been writing for too long. */
export function quiet(inbox: Inbox, now: number): Inbox {
  return [...inbox.conversations.keys()].reduce((all, id) => update(all, id, (it) => settle(it, now)), inbox);
}

/** The conversations, latest activity first. */
export function sorted({ conversations }: Inbox): Conversation[] {
  return [...conversations.values()]
    .filter(({ thread }) => !thread.hidden)
    .sort((a, b) => (a.thread.updated < b.thread.updated ? 1 : a.thread.updated > b.thread.updated ? -1 : 0));
}

/** What somebody is called. */
export function nameOf({ actors }: Inbox, entity: string): string {
  return actors.get(entity)?.displayName ?? entity;
}

/** What a conversation is called: by its subject, else by the others in it; undefined when one is alone. */
export function titleOf(inbox: Inbox, { thread }: Conversation): string | undefined {
  if (thread.subject) return thread.subject;
  const names = thread.members
    .filter(({ entity }) => entity !== inbox.me?.id)
    .map(({ entity }) => nameOf(inbox, entity));
  return names.length === 0 ? undefined : names.slice(0, NAMED).join(", ") + (names.length > NAMED ? " …" : "");
}

// More names than these are no title any more.
const NAMED = 4;

function entryOf({ message, pending, refused }: Extract<ChatEvent, { type: "message" }>): Entry | undefined {
  const { thread, seq = Number.POSITIVE_INFINITY } = message;
  // What goes to people, not to a thread, is shown when it has come there.
  if (thread === undefined) return undefined;
  return { ...message, thread, seq, ...(pending && { pending }), ...(refused && { refused }) };
}

function applyStanding(inbox: Inbox, event: ChatEvent): Inbox {
  switch (event.type) {
    case "state":
      return event.state === inbox.state ? inbox : { ...inbox, state: event.state };
    case "presence": {
      const presence = new Map([...inbox.presence, ...event.presence.map((it) => [it.entity, it] as const)]);
      return meet(
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
      return applyChange(inbox, event.thread);
    case "resync": {
      // Under another epoch, a thread that is not named is none of one's own any more.
      if (event.reason !== "epoch") return inbox;
      const named = new Set(event.threads.map(({ id }) => id));
      return [...inbox.conversations.keys()].filter((id) => !named.has(id)).reduce(leave, inbox);
    }
    default:
      return inbox;
  }
}

function applyChange(inbox: Inbox, news: ThreadNews): Inbox {
  const { id, action, entities = [], role, subject } = news;
  const gone = action === "removed" || action === "left";
  if (gone && inbox.me !== undefined && entities.includes(inbox.me.id)) return leave(inbox, id);
  return update(inbox, id, (it) => {
    const { thread } = it;
    if (action === "subject") return { ...it, thread: { ...thread, subject: subject ?? "" } };
    if (action === "role" && typeof role === "string") {
      const members = thread.members.map((member) => (entities.includes(member.entity) ? { ...member, role } : member));
      return { ...it, thread: { ...thread, members } };
    }
    const present = new Set(thread.members.map(({ entity }) => entity));
    const came = action === "added" ? entities.filter((entity) => !present.has(entity)) : [];
    const left = gone ? entities.filter((entity) => present.has(entity)) : [];
    const stayed = thread.members.filter(({ entity }) => !left.includes(entity));
    const joined = came.map((entity) => ({ entity, role: "member" as const, read: thread.seq }));
    const memberCount = thread.memberCount + came.length - left.length;
    return { ...it, thread: { ...thread, memberCount, members: [...stayed, ...joined] } };
  });
}

function same(a: Actor | undefined, b: Actor): boolean {
  return a?.displayName === b.displayName && a?.image?.url === b.image?.url && a?.url === b.url;
}
