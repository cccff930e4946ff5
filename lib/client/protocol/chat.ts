import type { Continuity } from "./continuity.js";
import type { Attachment, FilePage, OutgoingFile } from "./file.js";
import type { Problem } from "./problem.js";
import type { PushOptions } from "./push-options.js";
import type { Report } from "./report.js";
import type {
  Actor,
  ChatState,
  Content,
  Draft,
  HistoryPage,
  InvitePreview,
  LinkPreview,
  MemberPage,
  Message,
  Presence,
  SearchPage,
  Sent,
  Setting,
  Show,
  Stanza,
  Thread,
  ThreadPage,
} from "./stanza.js";
import type { NewThread, ThreadChange } from "./thread-change.js";

/** How to reach the chat, and as whom. Each has a default. */
export type ConnectOptions = {
  /** Origin or base URL of the deployment. Default: where this script was loaded from, else the page's own origin. */
  url?: string;
  /** The path where the chat is mounted, without a slash at its end. Default: `/nereid-chat`. */
  basePath?: string;
  /** A chat token, or the whole response of `POST token`. */
  token?: string | Credential;
  /** Called when there is no token and when one has expired, never twice at once. Default: `POST token`, with the page's session cookie. */
  getToken?: (signal: AbortSignal) => Promise<string | Credential>;
  /** Closes the chat when it aborts. */
  signal?: AbortSignal;
  /** Makes the requests in place of the global `fetch`. */
  fetch?: typeof fetch;
  /** Whether the cursor and unsent messages survive a reload. Default: in browsers, true. */
  persist?: boolean;
  /** Whether one tab polls for all tabs of the same user. Default: in browsers, true. */
  share?: boolean;
};

/**
 * The response of `POST token`, as `createToken` of `nereid-chat/server` returns it. The token alone is enough; the others save requests.
 */
export type Credential = { token: string; expires?: string; cursor?: string; actor?: Actor };

/** `offline` while the deployment does not answer or refuses, and the client tries again; `closed` for good. */
export type State = "connecting" | "online" | "offline" | "closed";

/** A message of the user that is not delivered yet. */
export type Pending = Draft & { id: string; timestamp: string; sender?: Actor; seq?: undefined };

/** What `on` and the iterator report (docs/client.md): the state, messages, and the stanzas of the stream. */
export type ChatEvent =
  | { type: "state"; state: State; problem?: Problem }
  | { type: "message"; message: Message; pending?: never; refused?: never }
  | { type: "message"; message: Pending; pending: true; refused?: never }
  | { type: "message"; message: Pending; refused: Problem; pending?: never }
  | { type: "typing"; thread: string; entity: string; state: ChatState }
  | Extract<
      Stanza,
      { type: "presence" | "receipt" | "delivered" | "edit" | "retract" | "reaction" | "thread" | "block" | "setting" }
    >
  /**
   * How far the files of a message that waits are uploaded, in bytes, each by its place among `files`. With a `problem`, the upload of that file
   * has failed, and begins again by itself: `rate_limited` when the user has uploaded much, `unreachable` without a connection.
   */
  | { type: "upload"; id: string; file: number; sent: number; size: number; problem?: Problem }
  | { type: "history"; thread: string; messages: Message[] }
  | { type: "resync"; reason: "trimmed" | "epoch"; threads: { id: string; seq: number; unread: number }[] };

/** Receives the events of one type. */
export type Listener<T extends ChatEvent["type"]> = (event: Extract<ChatEvent, { type: T }>) => void;

/**
 * One user's connection to the chat, open until `close()`. Calls reject with a `ChatError`, whose `code` says why (docs/problems.md). `send`,
 * `edit`, `retract` and `react` wait for the network, across reloads; the others are tried three times.
 */
export interface Chat extends AsyncIterable<ChatEvent> {
  /** The user; known once the first response has arrived. */
  readonly me: Actor | undefined;
  readonly state: State;
  readonly continuity: Continuity;
  /** Subscribes to events of one type; returns a function that unsubscribes. */
  on<T extends ChatEvent["type"]>(type: T, listener: Listener<T>): () => void;
  /**
   * Sends a message, and retries until it is accepted or refused for good, across reloads; in order per thread. A text has up to 8 KiB. Resolves
   * with its place in the thread; listeners see it at once, as `pending`.
   *
   * @example const { thread, seq } = await chat.send({ to: ["ben"], text: "Hello" });
   */
  send(draft: Draft): Promise<Sent>;
  /**
   * Takes back a message of this client that waits to be sent, by its id: `send` rejects with `withdrawn`, and an event says that it was
   * refused with that code. Resolves with false when it is too late, or nothing waits under this id.
   */
  withdraw(id: string): Promise<boolean>;
  /** Replaces parts of a message of the user; what `changes` does not name stays. Rejects with `forbidden` for another's. */
  edit(thread: string, id: string, changes: Content): Promise<void>;
  /** Deletes a message of the user, or as an owner of the room any: what is left of it is its place. */
  retract(thread: string, id: string): Promise<void>;
  /** Adds an emoji to a message, or takes it back. */
  react(thread: string, id: string, emoji: string, options?: { remove?: boolean }): Promise<void>;
  /** Marks everything up to `seq` as read. Of the positions within two seconds in a thread, only the newest is sent. */
  read(thread: string, seq: number): Promise<void>;
  /** Tells the members that the user is writing, `composing` unless told. Not retried; a message that is sent ends it. */
  typing(thread: string, state?: ChatState): Promise<void>;
  /** Sets the user's presence, with a `status` of up to 140 characters; `available: false` appears offline. It is repeated whenever the token is renewed. */
  presence(presence: { show?: Show; status?: string; available?: boolean }): Promise<void>;
  /**
   * Reads the user's threads, latest activity first; the next page begins at the `before` of this one. Hidden ones are left out, unless
   * `only` asks for them.
   */
  threads(page?: {
    limit?: number | undefined;
    before?: string | undefined;
    only?: "hidden" | "pinned" | undefined;
  }): Promise<ThreadPage>;
  /** Reads one thread. Rejects with `thread_not_found` where the user is no member. */
  thread(id: string): Promise<Thread>;
  /** Reads a page of a thread's members, of whom a thread itself names at most 100. */
  members(thread: string, page?: { limit?: number | undefined; after?: string | undefined }): Promise<MemberPage>;
  /** Reads a page of messages; `around` is a `seq` or the id of a message in its middle. */
  history(
    thread: string,
    page?: {
      before?: number | undefined;
      after?: number | undefined;
      around?: number | string | undefined;
      limit?: number | undefined;
    },
  ): Promise<HistoryPage>;
  /** Searches the messages of all of the user's threads, or of one; goes on from the `cursor` of an earlier page. */
  search(
    query: string,
    page?: { thread?: string | undefined; cursor?: string | undefined; limit?: number | undefined },
  ): Promise<SearchPage>;
  /** Reads what a page says of itself, to send it along with a link. Rejects with `not_found` when there is nothing. */
  preview(url: string): Promise<LinkPreview>;
  /** Says what files the deployment takes, and signs the URLs of up to 20. Where it takes none, `max` is 0. */
  files(ids?: string[]): Promise<FilePage>;
  /**
   * Uploads a file, and returns the attachment with which this user can send it. `thread` is where it is to be sent. Of a picture, what says where
   * and with what it was taken is removed first. Rejects with `not_found` where the deployment takes no files, and with the reason of `signal` when
   * that aborts. To have a message wait for its files, across reloads, give `send` the `files` instead.
   *
   * @example const picture = await chat.upload(input.files[0], { thread, onProgress: (sent, size) => show(sent / size) });
   */
  upload(
    file: OutgoingFile | File,
    options?: { thread?: string; onProgress?(sent: number, size: number): void; signal?: AbortSignal },
  ): Promise<Attachment>;
  /** Finds or creates a thread, which the user owns if it is a room. */
  create(thread: NewThread): Promise<Thread>;
  /** Changes a thread. Resolves with undefined when the user has left it. */
  change(thread: string, change: ThreadChange): Promise<Thread | undefined>;
  /** Creates a code with which anybody can join; `ttl` in seconds. */
  invite(thread: string, options?: { ttl?: number }): Promise<{ code: string; expires: string }>;
  /** Reads what an invite leads to, without joining. */
  readInvite(code: string): Promise<InvitePreview>;
  /** Joins a room by the code of an invite. Rejects with `not_found` when it is no longer valid. */
  join(code: string): Promise<Thread>;
  /** Reads who of the user's contacts is available: those who share a thread of at most 100 members, and take part in it. */
  friends(): Promise<Presence[]>;
  /** Reads the present names and pictures of users who share a thread with this one; without `ids`, of the user. */
  actors(ids?: string[]): Promise<Actor[]>;
  /** Blocks a user, who is not told, or lifts that. */
  block(entity: string, options?: { remove?: boolean }): Promise<void>;
  /** Reads whom the user blocks. */
  blocks(): Promise<string[]>;
  /** Reports a message of another user to the moderators. Nobody else is told; the same again changes nothing. */
  reportMessage(thread: string, id: string, reason?: string): Promise<void>;
  /** Changes settings of the user alone, on all devices; what is left out stays. */
  setting(thread: string, setting: Omit<Setting, "thread">): Promise<void>;
  /**
   * Lets the deployment notify the user when no page is open. Call it on a click, since the browser asks for permission, and again whenever a page
   * is opened: that is free, but for two requests a day. Rejects with a `DOMException` `NotAllowedError` when the user or the browser refuses,
   * with `NotSupportedError` where there are no pushes, and with `not_found` where the deployment has none.
   *
   * @example await chat.push({ worker: "/sw.js", page: "/chat?thread={thread}" });
   */
  push(options?: PushOptions): Promise<void>;
  /** Ends the pushes to this browser. `forget` does so, too. */
  stopPush(): Promise<void>;
  /** Measures the network path. Takes up to a minute. */
  report(): Promise<Report>;
  /** Closes the connection; unsent messages are kept for the next one. */
  close(): Promise<void>;
  /**
   * For a log-out: closes the connection, revokes its token, and removes all that this browser stores of the user, unsent messages
   * included. Other tabs of the user stay open.
   */
  forget(): Promise<void>;
}
