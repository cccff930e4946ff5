import type { Problem } from "./problem.js";
import type { Report } from "./report.js";
import type {
  Actor,
  ChatState,
  Content,
  Draft,
  Message,
  NewThread,
  Presence,
  Sent,
  Setting,
  Show,
  Stanza,
  Thread,
  ThreadChange,
} from "./stanza.js";

export type ConnectOptions = {
  /** Origin of the deployment, or its base. Else where the script came from, else the page's own origin. */
  url?: string;
  /** A chat token, or the whole answer of `POST token`. */
  token?: string | Credential;
  /** Asked for a token when there is none and when one has expired, once at a time. Else `POST token` is, with the page's session cookie. */
  getToken?: (signal: AbortSignal) => Promise<string | Credential>;
  /** Closes. */
  signal?: AbortSignal;
  fetch?: typeof fetch;
  /** Whether the cursor and what waits to be sent survive a reload. Default: in browsers. */
  persist?: boolean;
  /** Whether one tab follows for all tabs of the same user. Default: in browsers. */
  share?: boolean;
};

export type Credential = { token: string; expires?: string; cursor?: string; actor?: Actor };

export type State = "connecting" | "online" | "offline" | "closed";

/** What proves that nothing is missing. `breaks`, `holes` and `repeats` stay 0 on a sound deployment. */
export type Continuity = {
  answers: number;
  stanzas: number;
  messages: number;
  resyncs: number;
  /** Answers that did not continue from the cursor that was asked for. */
  breaks: number;
  /** Messages whose `seq` did not follow the one before in their thread. */
  holes: number;
  /** Messages that had come before, and were dropped. */
  repeats: number;
};

/** A message of one's own that waits to be sent, as far as it is known. */
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
  | { type: "history"; thread: string; messages: Message[] }
  | { type: "resync"; reason: "trimmed" | "epoch"; threads: { id: string; seq: number; unread: number }[] };

export type Listener<T extends ChatEvent["type"]> = (event: Extract<ChatEvent, { type: T }>) => void;

/** One user's chat, followed until it is closed. Every call rejects with a `ChatError`. */
export interface Chat extends AsyncIterable<ChatEvent> {
  /** Who one is; known when the first answer came. */
  readonly me: Actor | undefined;
  readonly state: State;
  readonly continuity: Continuity;
  /** Hears events of one type; answers how to stop. */
  on<T extends ChatEvent["type"]>(type: T, listener: Listener<T>): () => void;
  /** Sends a message, again and again until it is accepted or refused for good, across reloads; in order per thread. */
  send(draft: Draft): Promise<Sent>;
  edit(thread: string, id: string, changes: Content): Promise<void>;
  retract(thread: string, id: string): Promise<void>;
  react(thread: string, id: string, emoji: string, options?: { remove?: boolean }): Promise<void>;
  /** Marks everything up to `seq` as read. */
  read(thread: string, seq: number): Promise<void>;
  typing(thread: string, state?: ChatState): Promise<void>;
  presence(presence: { show?: Show; status?: string; available?: boolean }): Promise<void>;
  threads(page?: { limit?: number; before?: string }): Promise<Thread[]>;
  thread(id: string): Promise<Thread>;
  history(
    thread: string,
    page?: { before?: number; after?: number; limit?: number },
  ): Promise<{ messages: Message[]; first: number; last: number }>;
  create(thread: NewThread): Promise<Thread>;
  /** Changes a thread; undefined when that was leaving it. */
  change(thread: string, change: ThreadChange): Promise<Thread | undefined>;
  /** Makes a code by which anybody can join; `ttl` in seconds. */
  invite(thread: string, options?: { ttl?: number }): Promise<{ code: string; expires: string }>;
  join(code: string): Promise<Thread>;
  friends(): Promise<Presence[]>;
  actors(ids?: string[]): Promise<Actor[]>;
  block(entity: string, options?: { remove?: boolean }): Promise<void>;
  blocks(): Promise<string[]>;
  setting(thread: string, setting: Omit<Setting, "thread">): Promise<void>;
  /** Finds out what the network path does. Takes up to a minute. */
  report(): Promise<Report>;
  /** Ends following; what waits to be sent stays for the next time. */
  close(): Promise<void>;
}
