import * as v from "valibot";
import { Actor, Entity, WebUrl } from "../../lib/schema/actor.js";
import { Notify, ThreadId } from "../../lib/schema/field.js";

// What the server answers (PROFILE §3–§8). Only what carries extensions is loose: elsewhere a property that is not named here
// is not part of the contract.

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

export const Timestamp = v.pipe(
  text,
  v.isoTimestamp(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  v.description("RFC 3339, UTC, milliseconds"),
);

export const Cursor = v.pipe(text, v.minLength(1), v.description("A position in the stream; opaque"));

const Uuid = v.pipe(text, v.uuid());
const ContentType = v.picklist(["plain", "html", "rst"]);
const Language = v.pipe(text, v.description("BCP 47, in canonical case"));
const Emoji = v.pipe(text, v.description("One emoji recommended for general interchange (UTS #51), fully qualified"));
const Show = v.picklist(["away", "chat", "dnd", "xa"]);
const Role = v.picklist(["owner", "member", "visitor"]);
const Kind = v.picklist(["direct", "room"]);

export const Attachment = v.looseObject({
  url: WebUrl,
  name: v.exactOptional(text),
  contentType: v.exactOptional(text),
  size: v.exactOptional(count),
});

const place = { id: Uuid, thread: ThreadId, seq: positive };

export const Message = v.pipe(
  v.looseObject({
    ...place,
    timestamp: Timestamp,
    sender: Actor,
    type: ContentType,
    subject: v.exactOptional(text),
    text: v.exactOptional(text),
    language: v.exactOptional(Language),
    attachments: v.pipe(v.array(Attachment), v.maxLength(10)),
    replyTo: v.exactOptional(v.pipe(Uuid, v.description("The message of this thread that it answers"))),
    mentions: v.exactOptional(v.array(Entity)),
  }),
  v.description("A message in delivered form; unknown properties are the sender's extensions"),
);

export const ArchivedMessage = v.pipe(
  v.looseObject({
    ...Message.entries,
    edited: v.exactOptional(Timestamp),
    reactions: v.exactOptional(
      v.pipe(
        v.record(text, v.array(Entity)),
        v.description("The latest names of each emoji, up to 50, and 16 KiB in all"),
      ),
    ),
    reactionCounts: v.exactOptional(
      v.pipe(v.record(text, positive), v.description("All reactions by emoji; where names are left out")),
    ),
  }),
  v.description("A message as the history shows it: in its present form, with the reactions it carries"),
);

export const Tombstone = v.pipe(
  v.object({ ...place, timestamp: Timestamp, retracted: Timestamp }),
  v.description("What is left of a message that was retracted"),
);

export const VeiledMessage = v.pipe(
  v.object({ ...place, blocked: v.literal(true) }),
  v.description("A message of somebody whom the reader blocks: that there is one, so that seq stays dense"),
);

const AnyArchived = v.union([ArchivedMessage, Tombstone, VeiledMessage]);

export const Presence = v.looseObject({
  entity: Entity,
  actor: Actor,
  available: v.boolean(),
  show: v.exactOptional(Show),
  status: v.exactOptional(v.pipe(text, v.maxLength(140))),
  since: Timestamp,
});

// Who did it, and when.
const done = { entity: Entity, timestamp: Timestamp };

export const MessageStanza = v.object({
  type: v.literal("message"),
  message: v.union([Message, Tombstone, VeiledMessage]),
});
export const PresenceStanza = v.object({
  type: v.literal("presence"),
  presence: v.pipe(v.array(Presence), v.minLength(1), v.maxLength(200)),
});
export const StateStanza = v.object({
  type: v.literal("state"),
  state: v.object({
    thread: ThreadId,
    state: v.picklist(["composing", "paused", "active", "inactive", "gone"]),
    ...done,
  }),
});
export const ReceiptStanza = v.object({
  type: v.literal("receipt"),
  receipt: v.object({ thread: ThreadId, seq: positive, ...done }),
});
export const EditStanza = v.object({
  type: v.literal("edit"),
  edit: v.object({
    thread: ThreadId,
    id: Uuid,
    subject: v.exactOptional(text),
    text: v.exactOptional(text),
    type: v.exactOptional(ContentType),
    language: v.exactOptional(Language),
    attachments: v.exactOptional(v.array(Attachment)),
    mentions: v.exactOptional(v.array(Entity)),
    ...done,
  }),
});
export const RetractStanza = v.object({
  type: v.literal("retract"),
  retract: v.object({ thread: ThreadId, id: Uuid, ...done }),
});
export const ReactionStanza = v.object({
  type: v.literal("reaction"),
  reaction: v.object({
    thread: ThreadId,
    id: Uuid,
    emoji: Emoji,
    remove: v.exactOptional(v.literal(true)),
    ...done,
  }),
});
export const BlockStanza = v.object({
  type: v.literal("block"),
  block: v.object({ entity: Entity, remove: v.exactOptional(v.literal(true)), timestamp: Timestamp }),
});
export const SettingStanza = v.object({
  type: v.literal("setting"),
  setting: v.object({
    thread: ThreadId,
    muted: v.exactOptional(v.boolean()),
    hidden: v.exactOptional(v.boolean()),
    pinned: v.exactOptional(v.boolean()),
    markedUnread: v.exactOptional(v.boolean()),
    notify: v.exactOptional(Notify),
    ...done,
  }),
});
export const DeliveredStanza = v.pipe(
  v.object({ type: v.literal("delivered"), delivered: v.object({ thread: ThreadId, seq: positive, ...done }) }),
  v.description("Somebody has received a direct thread up to `seq`; only where the query asks for it"),
);
export const ThreadStanza = v.object({
  type: v.literal("thread"),
  thread: v.object({
    id: ThreadId,
    action: v.picklist(["created", "added", "removed", "left", "role", "subject", "history", "slow"]),
    // A removal that is no longer in the log does not say who did it, and when.
    by: v.exactOptional(Entity),
    entity: v.exactOptional(Entity),
    timestamp: v.exactOptional(Timestamp),
    kind: v.exactOptional(Kind),
    subject: v.exactOptional(text),
    entities: v.exactOptional(v.array(Entity)),
    role: v.exactOptional(Role),
    history: v.exactOptional(v.picklist(["all", "joined"])),
    slow: v.exactOptional(count),
  }),
});
export const ResyncStanza = v.pipe(
  v.object({
    type: v.literal("resync"),
    resync: v.object({
      reason: v.picklist(["trimmed", "epoch"]),
      threads: v.array(v.object({ id: ThreadId, seq: count, unread: count })),
    }),
  }),
  v.description("These threads cannot be continued from the cursor: read their history again"),
);

export const Stanza = v.pipe(
  v.variant("type", [
    MessageStanza,
    PresenceStanza,
    StateStanza,
    ReceiptStanza,
    DeliveredStanza,
    EditStanza,
    RetractStanza,
    ReactionStanza,
    BlockStanza,
    SettingStanza,
    ThreadStanza,
    ResyncStanza,
  ]),
  v.description("What the stream delivers. A client must ignore types that it does not know"),
);

export const StreamAnswer = v.object({
  timestamp: Timestamp,
  prev: v.pipe(Cursor, v.description("Where the answer continues from: the cursor that was asked for")),
  cursor: v.pipe(Cursor, v.description("Where to go on")),
  stanzas: v.array(Stanza),
  more: v.exactOptional(v.pipe(v.literal(true), v.description("The answer was cut: ask again at once"))),
  pause: v.exactOptional(v.pipe(count, v.description("Seconds to wait before asking again"))),
  hold: v.exactOptional(v.pipe(count, v.description("Seconds worth waiting"))),
});

const inThread = { thread: ThreadId, timestamp: Timestamp };
const ofMessage = { ...inThread, id: Uuid };

export const Result = v.variant("type", [
  v.object({
    type: v.literal("message"),
    ...place,
    timestamp: Timestamp,
    duplicate: v.exactOptional(v.literal(true)),
  }),
  v.object({ type: v.literal("presence"), timestamp: Timestamp }),
  v.object({ type: v.literal("state"), ...inThread }),
  v.object({ type: v.literal("receipt"), ...inThread, seq: count }),
  v.object({ type: v.literal("edit"), ...ofMessage }),
  v.object({ type: v.literal("retract"), ...ofMessage }),
  v.object({ type: v.literal("reaction"), ...ofMessage }),
  v.object({ type: v.literal("report"), ...ofMessage }),
  v.object({ type: v.literal("block"), ...done }),
  v.object({ type: v.literal("setting"), ...inThread }),
  v.object({ type: v.literal("thread"), id: ThreadId, timestamp: Timestamp }),
]);

export const SendAnswer = v.object({
  timestamp: Timestamp,
  results: v.pipe(v.array(Result), v.description("One a stanza, in order")),
});

export const Token = v.object({ token: Uuid, expires: Timestamp, cursor: Cursor, actor: Actor });

const membership = { entity: Entity, role: Role, read: count };
const Member = v.object({ ...membership, actor: v.exactOptional(Actor) });

export const Thread = v.object({
  id: ThreadId,
  kind: Kind,
  subject: v.exactOptional(text),
  seq: count,
  created: Timestamp,
  updated: Timestamp,
  members: v.pipe(v.array(Member), v.maxLength(100)),
  memberCount: positive,
  unread: count,
  last: v.exactOptional(AnyArchived),
  muted: v.exactOptional(v.pipe(v.literal(true), v.description("Set by the reader: `unread` is 0"))),
  hidden: v.exactOptional(
    v.pipe(v.literal(true), v.description("Set by the reader: not listed until the next message")),
  ),
  pinned: v.exactOptional(v.pipe(v.literal(true), v.description("Set by the reader, whose client shows it first"))),
  markedUnread: v.exactOptional(
    v.pipe(v.literal(true), v.description("Set by the reader, whose client ends it when the reader opens the thread")),
  ),
  notify: v.exactOptional(v.pipe(Notify, v.description("Set by the reader: what rings when no page is open"))),
  history: v.exactOptional(
    v.pipe(v.literal("joined"), v.description("Members read what was sent since they joined, and nothing from before")),
  ),
  slow: v.exactOptional(
    v.pipe(positive, v.description("The seconds that a member who is no owner waits between two messages")),
  ),
});
const more = v.exactOptional(v.pipe(v.literal(true), v.description("The page was cut before the limit")));
export const Threads = v.object({
  threads: v.array(Thread),
  more,
  before: v.exactOptional(v.pipe(ThreadId, v.description("Where the next page begins"))),
});

export const Members = v.object({
  members: v.pipe(v.array(Member), v.maxLength(100), v.description("In the order in which they joined")),
  memberCount: positive,
  self: v.exactOptional(
    v.pipe(
      v.object(membership),
      v.description("The caller's own membership; the server of the host has none where it acts as the system"),
    ),
  ),
  more,
  after: v.exactOptional(v.pipe(text, v.description("Where the next page begins; opaque"))),
});

export const Found = v.object({
  results: v.pipe(v.array(v.object({ thread: ThreadId, message: ArchivedMessage })), v.maxLength(50)),
  cursor: v.exactOptional(v.pipe(text, v.description("Where to go on; without it all was searched"))),
});

export const LinkPreview = v.object({
  url: v.pipe(text, v.description("As it was asked for")),
  title: v.pipe(text, v.maxLength(200)),
  description: v.exactOptional(v.pipe(text, v.maxLength(300))),
  site: v.exactOptional(v.pipe(text, v.maxLength(100))),
});

export const GrantedUpload = v.object({
  file: v.pipe(text, v.description("The id of the file, for the attachment")),
  expires: v.pipe(Timestamp, v.description("Until when the upload may begin")),
  upload: v.object({
    method: v.literal("PUT"),
    url: v.pipe(text, v.description("May be relative to the URL of the request")),
    headers: v.pipe(v.record(v.string(), v.string()), v.description("To be sent as they are")),
  }),
});

export const Files = v.object({
  max: v.pipe(v.number(), v.description("How large a file may be, in bytes; 0 where none are taken")),
  types: v.pipe(v.array(text), v.description("Media types, and ranges such as image/*")),
  files: v.array(
    v.object({
      ...{ id: text, name: text, type: text, size: v.number() },
      url: v.pipe(text, v.description("Needs no credential; may be relative to the URL of the request")),
      expires: Timestamp,
    }),
  ),
});

export const Reports = v.object({
  reports: v.pipe(
    v.array(
      v.object({
        id: text,
        timestamp: Timestamp,
        by: Entity,
        thread: ThreadId,
        reason: v.exactOptional(text),
        message: ArchivedMessage,
      }),
    ),
    v.maxLength(50),
  ),
  more,
});

export const Page = v.object({
  messages: v.pipe(v.array(AnyArchived), v.description("Ascending by seq")),
  first: v.pipe(count, v.description("The oldest seq that is kept, and that the caller can read")),
  last: v.pipe(count, v.description("The newest seq")),
});

export const Invite = v.object({ id: text, code: text, expires: Timestamp });
export const InvitePreview = v.object({
  thread: ThreadId,
  subject: v.exactOptional(text),
  by: v.pipe(
    v.object({ id: Entity, displayName: v.exactOptional(text) }),
    v.description("The maker of the invite, of whom only the name is told"),
  ),
  memberCount: positive,
  member: v.pipe(v.boolean(), v.description("Whether the caller is a member already")),
});
export const Invites = v.object({
  invites: v.pipe(v.array(v.object({ id: text, by: Entity, expires: Timestamp })), v.maxLength(100)),
});
/** The presence of a contact as the first implementation had it. */
export const OldPresence = v.object({
  entity: Actor,
  show: text,
  status: v.nullable(text),
  available: v.boolean(),
  since: Timestamp,
});
export const OldFriends = v.object({ friends: v.pipe(v.array(OldPresence), v.maxLength(200)), more });
export const Friends = v.object({ friends: v.pipe(v.array(Presence), v.maxLength(200)), more });
export const Actors = v.object({ actors: v.pipe(v.array(Actor), v.maxLength(100)) });
export const Bans = v.object({ bans: v.pipe(v.array(Entity), v.maxLength(1_000)), more });
export const Counters = v.object({ reports: count, bans: count });
export const Rooms = v.object({
  rooms: v.pipe(
    v.array(
      v.object({
        id: ThreadId,
        subject: v.exactOptional(text),
        seq: count,
        created: Timestamp,
        updated: Timestamp,
        memberCount: count,
        slow: v.exactOptional(positive),
        last: v.exactOptional(AnyArchived),
      }),
    ),
    v.maxLength(25),
  ),
  before: v.exactOptional(text),
});
export const PersonRecord = v.object({
  entity: Entity,
  actor: v.exactOptional(Actor),
  threads: count,
  banned: v.boolean(),
});
export const DeadLetters = v.object({
  deadLetters: v.pipe(
    v.array(
      v.object({
        place: text,
        timestamp: Timestamp,
        id: text,
        thread: ThreadId,
        webhooks: v.array(v.looseObject({ type: text, timestamp: Timestamp })),
      }),
    ),
    v.maxLength(100),
  ),
  more,
});
export const PushKey = v.object({
  publicKey: v.pipe(text, v.description("The VAPID key of the deployment: `applicationServerKey` of a subscription")),
});
export const Device = v.object({ id: v.pipe(text, v.description("The SHA-256 of the endpoint, in base64url")) });
export const Replayed = v.object({ replayed: v.number() });
export const ImportResult = v.object({ imported: v.number(), known: v.number(), seq: v.number() });
export const Erased = v.object({ next: v.exactOptional(v.string()) });
export const Blocks = v.object({ blocks: v.array(Entity), more });
export const Secret = v.object({ secret: v.string() });
const Job = v.exactOptional(v.picklist(["done", "failed"]));
export const Done = v.object({
  timestamp: Timestamp,
  jobs: v.object({ webhooks: Job, pushes: Job, files: Job }),
});
export const Health = v.object({
  status: v.literal("ok"),
  store: v.picklist(["upstash", "local"]),
  roundTripMs: v.pipe(v.number(), v.minValue(0)),
});

export const StartedSession = v.object({ success: v.literal(true), thread_id: ThreadId, members: v.array(Actor) });
export const SentMessage = v.object({ success: v.literal(true), UUID: Uuid });
