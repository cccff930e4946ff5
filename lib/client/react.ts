import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { connect } from "./connect.js";
import type { Chat, ConnectOptions } from "./protocol/chat.js";
import type { Draft, Sent } from "./protocol/stanza.js";
import { type Uploads, useFiles, useUploads } from "./react-files.js";
import { type Conversation, unread } from "./view/conversation.js";
import type { Entry } from "./view/entry.js";
import { EMPTY, type Inbox, sorted } from "./view/inbox.js";
import { Mirror } from "./view/mirror.js";
import { contains } from "./view/search.js";
import { nameOf, titleOf } from "./view/title.js";

export type { Conversation, Entry, Inbox };
export { contains, nameOf, sorted, titleOf, unread, useFiles };

/** A chat and its state. `chat` and `mirror` are undefined before the first effect, and on servers. */
export type LiveChat = {
  chat: Chat | undefined;
  mirror: Mirror | undefined;
  /** All that is known: a new object whenever something changes. */
  inbox: Inbox;
  /** The user's threads, latest activity first. */
  conversations: Conversation[];
  /** How far the files of messages that wait are uploaded, by the id of the message, each by its place among its `files`. */
  uploads: Uploads;
  /** Loads the next page of conversations, those with older activity; `inbox.more` tells whether there are any. */
  more(): Promise<void>;
};

/**
 * Stays connected while the component is mounted. Uses the options of the first render, and reconnects only when `url` or `token`
 * changes, or when a new token is another user's: as that user.
 */
export function useChat(options: ConnectOptions = {}): LiveChat {
  const [live, setLive] = useState<{ chat: Chat; mirror: Mirror }>();
  const latest = useRef(options);
  latest.current = options;
  // The token that was replaced by one of another user.
  const takenFrom = useRef<string>(undefined);
  const [users, setUsers] = useState(0);
  const token = typeof options.token === "string" ? options.token : options.token?.token;
  // biome-ignore lint/correctness/useExhaustiveDependencies: options written inline are a new object at each render
  useEffect(() => {
    const { token: given, ...others } = latest.current;
    const chat = connect(takenFrom.current === token && given !== undefined ? others : latest.current);
    const mirror = new Mirror(chat);
    setLive({ chat, mirror });
    chat.on("state", ({ problem }) => {
      if (chat.state !== "closed" || problem?.code !== "another_user") return;
      takenFrom.current = token;
      setUsers((count) => count + 1);
    });
    return () => {
      setLive(undefined);
      mirror.close();
      void chat.close();
    };
  }, [options.url, token, users]);
  const inbox = useInbox(live?.mirror);
  const uploads = useUploads(live?.chat);
  const conversations = useMemo(() => sorted(inbox), [inbox]);
  const more = useCallback(async () => live?.mirror.more(), [live]);
  return { chat: live?.chat, mirror: live?.mirror, inbox, conversations, uploads, more };
}

/** One conversation, with its actions. */
export type LiveThread = {
  /** Undefined while it loads. */
  conversation: Conversation | undefined;
  /** Oldest first; the user's own at once, with `pending`, later with a `seq` or `refused`. */
  messages: readonly Entry[];
  /** Loads the page of history before the loaded messages. */
  older(): Promise<void>;
  /** Sends a message, as `send` of the client does. Rejects with a TypeError before there is a connection and a thread. */
  send(text: string, more?: Omit<Draft, "thread" | "text">): Promise<Sent>;
  /** Marks all messages as read. */
  read(): Promise<void>;
};

/** Loads one conversation of a chat, with the newest page of its history. */
export function useThread(
  { chat, mirror, inbox }: Pick<LiveChat, "chat" | "mirror" | "inbox">,
  thread: string | undefined,
): LiveThread {
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
