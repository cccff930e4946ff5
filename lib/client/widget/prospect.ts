import type { Chat } from "../protocol/chat.js";
import type { Thread } from "../protocol/stanza.js";
import { addMessage, type Conversation, discard, fromThread } from "../view/conversation.js";
import type { Entry } from "../view/entry.js";
import type { Inbox } from "../view/inbox.js";

/** A direct conversation that does not exist yet: the first message to `entity` creates it. */
export class Prospect {
  readonly entity: string;
  /** The id under which the inbox shows it. */
  readonly id: string;
  readonly close: () => void;
  readonly #created = new Date().toISOString();
  #entries: readonly Entry[] = [];

  constructor(chat: Chat, entity: string, changed: () => void) {
    this.entity = entity;
    this.id = `to ${entity}`;
    // A message to entities has no thread until it is delivered.
    this.close = chat.on("message", ({ message, pending, refused }) => {
      if (message.thread !== undefined || !pending === !refused) return;
      if (!Array.isArray(message.to) || message.to.length !== 1 || message.to[0] !== entity) return;
      const { to: _, ...content } = message;
      const state = refused === undefined ? { pending: true as const } : { refused };
      const entry = { ...content, ...state, thread: this.id, seq: Number.POSITIVE_INFINITY };
      this.#entries = addMessage(this.#conversation(chat.me?.id), entry, chat.me?.id).entries;
      if (refused?.code === "withdrawn") this.discard(message.id);
      changed();
    });
  }

  /** Returns the inbox with this conversation in it. */
  into(inbox: Inbox): Inbox {
    const conversations = new Map(inbox.conversations).set(this.id, this.#conversation(inbox.me?.id));
    return { ...inbox, conversations };
  }

  discard(id: string): void {
    this.#entries = discard(this.#conversation(undefined), id).entries;
  }

  #conversation(me: string | undefined): Conversation {
    const members = [me, this.entity].flatMap((entity) =>
      entity === undefined ? [] : [{ entity, role: "member" as const, read: 0 }],
    );
    const times = { created: this.#created, updated: this.#created };
    const thread: Thread = { id: this.id, kind: "direct", seq: 0, ...times, members, memberCount: 2, unread: 0 };
    return { ...fromThread(thread), entries: this.#entries, older: false };
  }
}

/** Returns the id of the direct thread with a user alone, if it is loaded. */
export function directThread({ conversations, me }: Inbox, entity: string): string | undefined {
  const all = [...conversations.values()].map(({ thread }) => thread);
  const count = entity === me?.id ? 1 : 2;
  return all.find(
    ({ kind, members, memberCount }) =>
      kind === "direct" && memberCount === count && members.some((member) => member.entity === entity),
  )?.id;
}
