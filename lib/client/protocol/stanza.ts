// What travels, as a client sees it (docs/protocol.md). Properties that are not named here are extensions, delivered verbatim.

/** Describes a user. */
export type Actor = {
  id: string;
  objectType?: string;
  displayName?: string;
  url?: string;
  image?: { url: string; [extension: string]: unknown };
  [extension: string]: unknown;
};

export type Attachment = {
  url: string;
  name?: string;
  contentType?: string;
  size?: number;
  [extension: string]: unknown;
};

/** What may be said in a message, and later corrected. */
export type Content = {
  subject?: string;
  text?: string;
  type?: "plain" | "html" | "rst";
  language?: string;
  attachments?: Attachment[];
};

/** A message to send: to a `thread`, or `to` people, whose thread is found or made. Its `id` is made when there is none. */
export type Draft = Content & {
  id?: string;
  thread?: string;
  to?: string[];
  replyTo?: string;
  mentions?: string[];
  [extension: string]: unknown;
};

/** A message as it is delivered. One that waits to be sent has no `seq` yet, and of one `retracted` or `blocked` little is told. */
export type Message = Content & {
  id: string;
  thread: string;
  seq: number;
  timestamp: string;
  sender?: Actor;
  replyTo?: string;
  mentions?: string[];
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

/** Who is there, and how. */
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
  [extension: string]: unknown;
};

/** What happened to a thread. */
export type ThreadNews = {
  id: string;
  action: "created" | "added" | "removed" | "left" | "role" | "subject";
  by: string;
  entity: string;
  timestamp: string;
  kind?: "direct" | "room";
  subject?: string;
  entities?: string[];
  role?: Role | { entity: string; role: Role };
  [extension: string]: unknown;
};

export type ThreadChange = {
  subject?: string;
  add?: string[];
  remove?: string[];
  ban?: string[];
  unban?: string[];
  role?: { entity: string; role: Role };
};

export type NewThread = { kind: "direct" | "room"; members: string[]; subject?: string; id?: string };

type By = { entity: string; timestamp: string };

/** The stanzas of the stream, as they come. Others may come, too. */
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

/** One's own settings of a thread. */
export type Setting = { thread: string; muted?: boolean; hidden?: boolean };

/** One answer of the stream. */
export type Answer = {
  timestamp: string;
  prev: string;
  cursor: string;
  stanzas: Stanza[];
  more?: true;
  pause?: number;
  hold?: number;
};
