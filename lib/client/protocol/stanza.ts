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
  subject?: string;
  text?: string;
  type?: "plain" | "html" | "rst";
  language?: string;
  attachments?: Attachment[];
  /** The entities of members whom the text names. */
  mentions?: string[];
};

/** A message to send: to a `thread`, or `to` entities, whose thread is found or created. Without an `id` it gets a new one. */
export type Draft = Content & {
  id?: string;
  thread?: string;
  to?: string[];
  replyTo?: string;
  /** Files that are uploaded first, and then are the last of the attachments: at most 10 in all. */
  files?: readonly OutgoingFile[];
  [extension: string]: unknown;
};

/** A delivered message. If it is `retracted` or `blocked`, only its position is known. */
export type Message = Content & {
  id: string;
  thread: string;
  seq: number;
  timestamp: string;
  sender?: Actor;
  replyTo?: string;
  edited?: string;
  retracted?: string;
  reactions?: Record<string, string[]>;
  blocked?: true;
  [extension: string]: unknown;
};

/** The result of sending a message. */
export type Sent = { type: "message"; id: string; thread: string; seq: number; timestamp: string; duplicate?: true };

export type Role = "owner" | "member" | "visitor";
export type ChatState = "composing" | "paused" | "active" | "inactive" | "gone";
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

export type Thread = {
  id: string;
  kind: "direct" | "room";
  subject?: string;
  seq: number;
  created: string;
  updated: string;
  members: { entity: string; role: Role; read: number; actor?: Actor; [extension: string]: unknown }[];
  memberCount: number;
  unread: number;
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

export type ThreadChange = {
  subject?: string;
  add?: string[];
  remove?: string[];
  ban?: string[];
  unban?: string[];
  role?: { entity: string; role: Role };
  /** What members read of the time before they joined. */
  history?: "all" | "joined";
  /** Seconds between two messages of a member who is no owner, 0–3600; 0 ends slow mode. */
  slow?: number;
};

export type NewThread = { kind: "direct" | "room"; members: string[]; subject?: string; id?: string };

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
