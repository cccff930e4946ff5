import type { Attachment, FilePage, OutgoingFile } from "./file.js";
import type { Problem } from "./problem.js";
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
  NewThread,
  Presence,
  SearchPage,
  Sent,
  Setting,
  Show,
  Stanza,
  Thread,
  ThreadChange,
  ThreadPage,
} from "./stanza.js";

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
  fetch?: typeof fetch;
  /** Whether the cursor and unsent messages survive a reload. Default: in browsers, true. */
  persist?: boolean;
  /** Whether one tab polls for all tabs of the same user. Default: in browsers, true. */
  share?: boolean;
};

export type PushOptions = {
  /**
   * The `ServiceWorkerRegistration`, or the path of the worker: a copy of `/nereid-chat/push-worker.js`, or a worker that imports it. Default: that file itself, which works
   * where the deployment has the origin of the page.
   */
  worker?: { readonly scope: string } | string | undefined;
  /** The page that a click on a notification opens, of the worker's origin; `{thread}` stands for the thread. Default: the page that subscribes. */
  page?: string | undefined;
};

export type Credential = { token: string; expires?: string; cursor?: string; actor?: Actor };

export type State = "connecting" | "online" | "offline" | "closed";

/** Counters that prove that nothing is missing. `breaks`, `holes` and `repeats` stay 0 if the deployment works as promised. */
export type Continuity = {
  answers: number;
  stanzas: number;
  messages: number;
  resyncs: number;
  /** Responses that did not continue from the requested cursor. */
  breaks: number;
  /** Messages whose `seq` did not follow the previous one in their thread. */
  holes: number;
  /** Messages that had been received before, and were dropped. */
  repeats: number;
};

/** A message of the user that is not delivered yet. */
export type Pending = Draft & { id: string; timestamp: string; sender?: Actor; seq?: undefined };

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
  /** How far the files of a message that waits are uploaded, in bytes, each by its place among `files`. */
  | { type: "upload"; id: string; file: number; sent: number; size: number }
  | { type: "history"; thread: string; messages: Message[] }
  | { type: "resync"; reason: "trimmed" | "epoch"; threads: { id: string; seq: number; unread: number }[] };

export type Listener<T extends ChatEvent["type"]> = (event: Extract<ChatEvent, { type: T }>) => void;

/** One user's connection to the chat, open until `close()`. Calls reject with a `ChatError`. */
export interface Chat extends AsyncIterable<ChatEvent> {
  /** The user; known once the first response has arrived. */
  readonly me: Actor | undefined;
  readonly state: State;
  readonly continuity: Continuity;
  /** Subscribes to events of one type; returns a function that unsubscribes. */
  on<T extends ChatEvent["type"]>(type: T, listener: Listener<T>): () => void;
  /** Sends a message, and retries until it is accepted or refused for good, across reloads; in order per thread. */
  send(draft: Draft): Promise<Sent>;
  /**
   * Takes back a message of this client that waits to be sent, by its id: `send` rejects with `withdrawn`, and an event says that it was
   * refused with that code. Resolves with false when it is too late, or nothing waits under this id.
   */
  withdraw(id: string): Promise<boolean>;
  edit(thread: string, id: string, changes: Content): Promise<void>;
  retract(thread: string, id: string): Promise<void>;
  react(thread: string, id: string, emoji: string, options?: { remove?: boolean }): Promise<void>;
  /** Marks everything up to `seq` as read. Of the positions within two seconds in a thread, only the newest is sent. */
  read(thread: string, seq: number): Promise<void>;
  typing(thread: string, state?: ChatState): Promise<void>;
  /** Sets the user's presence; it is repeated whenever the token is renewed. */
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
  /** Says what files the deployment takes, and signs the URLs of up to 20. Rejects with `not_found` where it takes none. */
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
  create(thread: NewThread): Promise<Thread>;
  /** Changes a thread. Resolves with undefined when the user has left it. */
  change(thread: string, change: ThreadChange): Promise<Thread | undefined>;
  /** Creates a code with which anybody can join; `ttl` in seconds. */
  invite(thread: string, options?: { ttl?: number }): Promise<{ code: string; expires: string }>;
  /** Reads what an invite leads to, without joining. */
  readInvite(code: string): Promise<InvitePreview>;
  join(code: string): Promise<Thread>;
  friends(): Promise<Presence[]>;
  actors(ids?: string[]): Promise<Actor[]>;
  block(entity: string, options?: { remove?: boolean }): Promise<void>;
  blocks(): Promise<string[]>;
  /** Reports a message of another user to the moderators. Nobody else is told; the same again changes nothing. */
  reportMessage(thread: string, id: string, reason?: string): Promise<void>;
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
