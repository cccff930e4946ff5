import type { Attachment, OutgoingFile } from "./file.js";

// The JSON of requests and responses (docs/protocol.md). Properties that are not named here are extensions, and pass unchanged.

/** Describes a user. */
export type Actor = {
  id: string;
  objectType?: string;
  displayName?: string;
  url?: string;
  image?: { url: string; [extension: string]: unknown };
  [extension: string]: unknown;
};

/** What a page says of itself. */
export type LinkPreview = { url: string; title: string; description?: string; site?: string };

/** The part of a message that can be edited. */
export type Content = {
  /** A title. */
  subject?: string;
  text?: string;
  /** What `text` is written in; HTML is sanitised by the deployment. Default: `plain`. */
  type?: "plain" | "html" | "rst";
  /** A language tag (BCP 47), such as `en`. */
  language?: string;
  attachments?: Attachment[];
  /** The entities of members whom the text names. */
  mentions?: string[];
};

/** A message to send: to a `thread`, or `to` entities, whose thread is found or created. Without an `id` it gets a new one. */
export type Draft = Content & {
  /** A UUID: the message is delivered once under it, however often it is sent. */
  id?: string;
  thread?: string;
  to?: string[];
  /** The id of a message in the same thread. */
  replyTo?: string;
  /** Files that are uploaded first, and then are the last of the attachments: at most 10 in all. */
  files?: readonly OutgoingFile[];
  [extension: string]: unknown;
};

/** A delivered message. If it is `retracted` or `blocked`, only its position is known. */
export type Message = Content & {
  id: string;
  thread: string;
  /** Its number in the thread: 1, 2, 3 …, without holes. */
  seq: number;
  /** When it was accepted (ISO 8601), and when it was last edited, or retracted. */
  timestamp: string;
  sender?: Actor;
  replyTo?: string;
  edited?: string;
  retracted?: string;
  /** Who reacted, by emoji. */
  reactions?: Record<string, string[]>;
  blocked?: true;
  [extension: string]: unknown;
};

/** The result of sending a message. */
export type Sent = { type: "message"; id: string; thread: string; seq: number; timestamp: string; duplicate?: true };

/** What a member may do: owners administer, members write, visitors read. */
export type Role = "owner" | "member" | "visitor";
/** What a member is doing (XEP-0085). */
export type ChatState = "composing" | "paused" | "active" | "inactive" | "gone";
/** How a user is available (RFC 6121 §4.7.2.1): away, free to chat, not to be disturbed, away for long. */
export type Show = "away" | "chat" | "dnd" | "xa";

/** Whether a user is available, and how. */
export type Presence = {
  entity: string;
  actor: Actor;
  available: boolean;
  show?: Show;
  status?: string;
  since: string;
};

/** A conversation, as one of its members sees it. */
export type Thread = {
  id: string;
  /** `direct`: its members are fixed, and are what identifies it. */
  kind: "direct" | "room";
  subject?: string;
  /** The number of the newest message; 0 before the first. */
  seq: number;
  created: string;
  updated: string;
  /** At most 100, the user among them; `read` is the seq up to which each has read. */
  members: { entity: string; role: Role; read: number; actor?: Actor; [extension: string]: unknown }[];
  memberCount: number;
  /** How many messages of others the user has not read; 0 in a muted thread. */
  unread: number;
  /** The newest message. */
  last?: Message;
  muted?: boolean;
  hidden?: boolean;
  pinned?: boolean;
  /** Whether the user wants the thread to look unread, whatever is unread in it. */
  markedUnread?: boolean;
  notify?: Notify;
  /** `joined`: members read nothing that was sent before they last joined. */
  history?: "joined";
  /** Seconds between two messages of a member who is no owner. */
  slow?: number;
  [extension: string]: unknown;
};

/** A page of threads, latest activity first. `before` is where the next page begins; the last page has none. */
export type ThreadPage = Thread[] & { before?: string };

/** A page of a search. `cursor` is where to go on; a page may have one although it has no results. */
export type SearchPage = { results: { thread: string; message: Message }[]; cursor?: string };

/** A change of a thread. */
export type ThreadNews = {
  id: string;
  action: "created" | "added" | "removed" | "left" | "role" | "subject" | "history" | "slow";
  by: string;
  entity: string;
  timestamp: string;
  kind?: "direct" | "room";
  subject?: string;
  entities?: string[];
  role?: Role | { entity: string; role: Role };
  history?: "all" | "joined";
  slow?: number;
  [extension: string]: unknown;
};

/** What an invite leads to; of its maker only the name. */
export type InvitePreview = {
  thread: string;
  subject?: string;
  by: { id: string; displayName?: string };
  memberCount: number;
  /** Whether the user is a member already. */
  member: boolean;
};

/** A page of a thread's history; `first` and `last` are the `seq` of the oldest and newest messages that the deployment holds. */
export type HistoryPage = { messages: Message[]; first: number; last: number };

type By = { entity: string; timestamp: string };

/** The stanzas of the stream. A newer deployment may send other types. */
export type Stanza =
  | { type: "message"; message: Message }
  | { type: "presence"; presence: Presence[] }
  | { type: "state"; state: { thread: string; state: ChatState } & By }
  | { type: "receipt"; receipt: { thread: string; seq: number } & By }
  | { type: "delivered"; delivered: { thread: string; seq: number } & By }
  | { type: "edit"; edit: { thread: string; id: string } & Content & By }
  | { type: "retract"; retract: { thread: string; id: string } & By }
  | { type: "reaction"; reaction: { thread: string; id: string; emoji: string; remove?: boolean } & By }
  | { type: "thread"; thread: ThreadNews }
  | { type: "block"; block: { entity: string; remove?: boolean; timestamp: string } }
  | { type: "setting"; setting: Setting }
  | { type: "resync"; resync: { reason: "trimmed" | "epoch"; threads: { id: string; seq: number; unread: number }[] } };

/** The user's own settings of a thread. */
export type Setting = {
  thread: string;
  muted?: boolean;
  hidden?: boolean;
  pinned?: boolean;
  markedUnread?: boolean;
  notify?: Notify;
};

/** What rings in a thread when no page is open: each message, those that mention the user, or none. Without it, each message of a direct thread, and mentions in rooms. */
export type Notify = "all" | "mentions" | "none";

/** A page of a thread's members, in the order in which they joined. `after` is where the next page begins; the last page has none. */
export type MemberPage = {
  members: Thread["members"];
  memberCount: number;
  self: { entity: string; role: Role; read: number };
  after?: string;
};

/** One response of the stream. */
export type Answer = {
  timestamp: string;
  prev: string;
  cursor: string;
  stanzas: Stanza[];
  more?: true;
  pause?: number;
  hold?: number;
};
