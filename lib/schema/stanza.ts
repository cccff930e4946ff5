import { validate as isUuid } from "uuid";
import * as v from "valibot";
import { Entity } from "./actor.js";
import { agrees, MUST_AGREE } from "./contradiction.js";
import { Emoji } from "./emoji.js";
import { withoutOwned } from "./extension.js";
import { Entities, NoList, Notify, Slow, Subject, ThreadId, ThreadSubject, text, Uuid, whole } from "./field.js";
import { Language } from "./language.js";
import { content } from "./message-content.js";

// The document's stanzas as clients send them (PROFILE §5). Unknown properties are extensions and kept.

// An empty text counts as absent, as in the document's example.
const MessageId = v.pipe(
  text,
  v.check((it) => it === "" || isUuid(it), "must be a UUID"),
);
const AnyThreadId = v.union([v.literal(""), ThreadId], "must have at most 64 of A-Z a-z 0-9 . _ ~ -, not . or ..");

export const Message = v.pipe(
  NoList,
  v.looseObject(
    {
      ...content,
      replyTo: v.exactOptional(Uuid),
      id: v.optional(MessageId, ""),
      thread: v.optional(AnyThreadId, ""),
      to: v.exactOptional(
        v.pipe(Entities, v.minLength(1, "must name at least one user"), v.maxLength(200, "must name at most 200")),
      ),
    },
    "must be an object",
  ),
  v.transform(({ id, thread, to, ...rest }) => ({
    id: id || undefined,
    thread: thread || undefined,
    to,
    content: withoutOwned(rest),
  })),
);
export type Message = v.InferOutput<typeof Message>;

/** How much of a room's history its members can read: all of it, or what was sent since they joined. */
const History = v.picklist(["all", "joined"], "must be all or joined");

/** The body of `POST threads`. */
export const NewThread = v.pipe(
  v.object(
    {
      kind: v.picklist(["direct", "room"], "must be direct or room"),
      members: v.pipe(Entities, v.maxLength(1_000, "must name at most 1000")),
      subject: v.exactOptional(ThreadSubject),
      id: v.exactOptional(ThreadId),
      history: v.exactOptional(History),
    },
    "must be an object",
  ),
  v.forward(
    v.check((it) => it.kind === "room" || it.id === undefined, "the server makes the ids of direct threads"),
    ["id"],
  ),
  v.forward(
    v.check((it) => it.kind === "room" || it.history === undefined, "is a setting of rooms"),
    ["history"],
  ),
);
export type NewThread = v.InferOutput<typeof NewThread>;

const MUST_CHANGE = "must change something";

const Change = v.pipe(
  Entities,
  v.minLength(1, "must name at least one user"),
  v.maxLength(1_000, "must name at most 1000"),
);

const Role = v.picklist(["owner", "member", "visitor"], "must be owner, member or visitor");

/** The body of `PATCH threads/<id>`. */
export const ThreadChange = v.pipe(
  v.object(
    {
      subject: v.exactOptional(ThreadSubject),
      add: v.exactOptional(Change),
      remove: v.exactOptional(Change),
      ban: v.exactOptional(Change),
      unban: v.exactOptional(Change),
      history: v.exactOptional(History),
      slow: v.exactOptional(Slow),
      role: v.exactOptional(v.object({ entity: Entity, role: Role }, "must be an object")),
    },
    "must be an object",
  ),
  v.check((it) => Object.keys(it).length > 0, MUST_CHANGE),
  v.check((it) => agrees(it), MUST_AGREE),
);
export type ThreadChange = v.InferOutput<typeof ThreadChange>;

/** The administration of a thread (XEP-0045) as a stanza: its id, and the change. */
export const ThreadStanza = v.pipe(
  v.object({ id: ThreadId, ...ThreadChange.entries }, "must be an object"),
  v.transform(({ id, ...changes }) => ({ id, changes })),
  v.check(({ changes }) => Object.keys(changes).length > 0, MUST_CHANGE),
  v.check(({ changes }) => agrees(changes), MUST_AGREE),
);

/** Last message correction (XEP-0308): the new values of some properties; the others remain. */
export const Edit = v.pipe(
  v.object(
    {
      thread: ThreadId,
      id: Uuid,
      subject: v.exactOptional(Subject),
      text: v.exactOptional(text),
      type: v.exactOptional(content.type.wrapped),
      language: v.exactOptional(Language),
      attachments: v.exactOptional(content.attachments.wrapped),
      mentions: content.mentions,
    },
    "must be an object",
  ),
  v.transform(({ thread, id, ...changes }) => ({ thread, id, changes })),
  v.check(({ changes }) => Object.keys(changes).length > 0, MUST_CHANGE),
);
export type Edit = v.InferOutput<typeof Edit>;

/** Retraction (XEP-0424). */
export const Retract = v.object({ thread: ThreadId, id: Uuid }, "must be an object");
export type Retract = v.InferOutput<typeof Retract>;

/** Reaction (XEP-0444). */
export const Reaction = v.object(
  { thread: ThreadId, id: Uuid, emoji: Emoji, remove: v.optional(v.boolean("must be true or false"), false) },
  "must be an object",
);
export type Reaction = v.InferOutput<typeof Reaction>;

/** Blocking (XEP-0191). */
export const Block = v.object(
  { entity: Entity, remove: v.optional(v.boolean("must be true or false"), false) },
  "must be an object",
);
export type Block = v.InferOutput<typeof Block>;

const flag = v.exactOptional(v.boolean("must be true or false"));

const flags = { muted: flag, hidden: flag, pinned: flag, markedUnread: flag };

/** Settings of a thread for the caller alone: muted, hidden, pinned, marked as unread, what rings. */
export const Setting = v.pipe(
  v.object({ thread: ThreadId, ...flags, notify: v.exactOptional(Notify) }, "must be an object"),
  v.check(({ thread: _, ...settings }) => Object.keys(settings).length > 0, "must set something"),
);
export type Setting = v.InferOutput<typeof Setting>;

/** Chat marker "displayed" (XEP-0333). */
export const Receipt = v.object({ thread: ThreadId, seq: whole }, "must be an object");
export type Receipt = v.InferOutput<typeof Receipt>;

/** Chat state (XEP-0085). */
export const ChatState = v.object(
  {
    thread: ThreadId,
    state: v.picklist(["composing", "paused", "active", "inactive", "gone"], "must be a chat state of XEP-0085"),
  },
  "must be an object",
);
export type ChatState = v.InferOutput<typeof ChatState>;

export const Stanza = v.looseObject({ type: text }, "must be an object");
