import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { connect } from "./connect.js";
import type { Chat, ConnectOptions } from "./protocol/chat.js";
import type { Draft, Sent } from "./protocol/stanza.js";
import { type Conversation, type Entry, unread } from "./view/conversation.js";
import { EMPTY, type Inbox, nameOf, sorted, titleOf } from "./view/inbox.js";
import { Mirror } from "./view/mirror.js";

export type { Conversation, Entry, Inbox };
export { nameOf, sorted, titleOf, unread };

/** A chat and its state. `chat` and `mirror` are undefined before the first effect, and on servers. */
export type LiveChat = {
  chat: Chat | undefined;
  mirror: Mirror | undefined;
  inbox: Inbox;
  conversations: Conversation[];
};

/**
 * Stays connected while the component is mounted. Uses the options of the first render, and reconnects only when `url` or `token`
 * changes.
 */
export function useChat(options: ConnectOptions = {}): LiveChat {
  const [live, setLive] = useState<{ chat: Chat; mirror: Mirror }>();
  const latest = useRef(options);
  latest.current = options;
  const token = typeof options.token === "string" ? options.token : options.token?.token;
  // biome-ignore lint/correctness/useExhaustiveDependencies: options written inline are a new object at each render
  useEffect(() => {
    const chat = connect(latest.current);
    const mirror = new Mirror(chat);
    setLive({ chat, mirror });
    return () => {
      setLive(undefined);
      mirror.close();
      void chat.close();
    };
  }, [options.url, token]);
  const inbox = useInbox(live?.mirror);
  const conversations = useMemo(() => sorted(inbox), [inbox]);
  return { chat: live?.chat, mirror: live?.mirror, inbox, conversations };
}

/** One conversation, with its actions. */
export type LiveThread = {
  conversation: Conversation | undefined;
  messages: readonly Entry[];
  /** Loads the page of history before the loaded messages. */
  older(): Promise<void>;
  send(text: string, more?: Omit<Draft, "thread" | "text">): Promise<Sent>;
  /** Marks all messages as read. */
  read(): Promise<void>;
};

/** Loads one conversation of a chat, with the newest page of its history. */
export function useThread({ chat, mirror, inbox }: LiveChat, thread: string | undefined): LiveThread {
  useEffect(() => {
    if (thread !== undefined) mirror?.open(thread).catch(() => {});
  }, [mirror, thread]);
  const conversation = thread === undefined ? undefined : inbox.conversations.get(thread);
  const latest = useRef({ chat, mirror, conversation });
  latest.current = { chat, mirror, conversation };
  // The actions stay the same while the thread does, so that effects can depend on them.
  const actions = useMemo(
    () => ({
      older: async () => {
        if (thread !== undefined) await latest.current.mirror?.older(thread);
      },
      send: async (text: string, more: Omit<Draft, "thread" | "text"> = {}) => {
        const { chat } = latest.current;
        if (chat === undefined || thread === undefined) throw new TypeError("Cannot send: not connected, or no thread");
        return await chat.send({ ...more, thread, text });
      },
      read: async () => {
        const { chat, conversation } = latest.current;
        if (conversation === undefined || unread(conversation) === 0) return;
        await chat?.read(conversation.thread.id, conversation.thread.seq);
      },
    }),
    [thread],
  );
  return { conversation, messages: conversation?.entries ?? NONE, ...actions };
}

const NONE: readonly Entry[] = [];

function useInbox(mirror: Mirror | undefined): Inbox {
  const subscribe = useCallback((listener: () => void) => mirror?.subscribe(listener) ?? (() => {}), [mirror]);
  return useSyncExternalStore(
    subscribe,
    () => mirror?.inbox ?? EMPTY,
    () => EMPTY,
  );
}
