import * as v from "valibot";

// What the chat answers its host's server. Loose, so that a newer chat may say more.

export const Actor = v.looseObject({
  id: v.string(),
  objectType: v.string(),
  displayName: v.exactOptional(v.string()),
});
export const Message = v.looseObject({
  id: v.string(),
  thread: v.string(),
  seq: v.number(),
  timestamp: v.string(),
  sender: v.exactOptional(Actor),
  subject: v.exactOptional(v.string()),
  text: v.exactOptional(v.string()),
  attachments: v.exactOptional(v.array(v.looseObject({ url: v.string() }))),
  mentions: v.exactOptional(v.array(v.string())),
  replyTo: v.exactOptional(v.string()),
  edited: v.exactOptional(v.string()),
  retracted: v.exactOptional(v.string()),
  reactions: v.exactOptional(v.record(v.string(), v.array(v.string()))),
});
const Member = v.looseObject({
  entity: v.string(),
  role: v.string(),
  read: v.number(),
  actor: v.exactOptional(Actor),
});
export const Thread = v.looseObject({
  id: v.string(),
  kind: v.picklist(["direct", "room"]),
  subject: v.exactOptional(v.string()),
  seq: v.number(),
  created: v.string(),
  updated: v.string(),
  members: v.array(Member),
  memberCount: v.number(),
  unread: v.number(),
  history: v.exactOptional(v.literal("joined")),
  slow: v.exactOptional(v.number()),
  last: v.exactOptional(Message),
});
export const Members = v.object({
  members: v.array(Member),
  memberCount: v.number(),
  more: v.exactOptional(v.literal(true)),
  after: v.exactOptional(v.string()),
});
export const Threads = v.object({
  threads: v.array(Thread),
  more: v.exactOptional(v.literal(true)),
  before: v.exactOptional(v.string()),
});
export const Messages = v.object({ messages: v.array(Message), first: v.number(), last: v.number() });
export const Results = v.pipe(
  v.object({
    results: v.array(
      v.looseObject({
        type: v.string(),
        timestamp: v.string(),
        id: v.exactOptional(v.string()),
        thread: v.exactOptional(v.string()),
        seq: v.exactOptional(v.number()),
        duplicate: v.exactOptional(v.literal(true)),
      }),
    ),
  }),
  v.transform(({ results }) => results),
);
export const Actors = v.pipe(
  v.object({ actors: v.array(Actor) }),
  v.transform(({ actors }) => actors),
);
export const Bans = v.object({
  bans: v.array(v.string()),
  more: v.exactOptional(v.literal(true)),
});
export const Reports = v.object({
  reports: v.array(
    v.looseObject({
      id: v.string(),
      timestamp: v.string(),
      by: v.string(),
      thread: v.string(),
      reason: v.exactOptional(v.string()),
      message: Message,
    }),
  ),
  more: v.exactOptional(v.literal(true)),
});
export const DeadLetters = v.object({
  deadLetters: v.array(
    v.looseObject({
      place: v.string(),
      timestamp: v.string(),
      id: v.string(),
      thread: v.string(),
      webhooks: v.array(v.looseObject({ type: v.string() })),
    }),
  ),
  more: v.exactOptional(v.literal(true)),
});
export const Replayed = v.pipe(
  v.object({ replayed: v.number() }),
  v.transform(({ replayed }) => replayed),
);
export const Part = v.object({ next: v.exactOptional(v.string()) });
export const Nothing = v.undefined();

export const Line = v.looseObject({ type: v.string() });
export const Next = v.object({ type: v.literal("next"), after: v.string() });

export const ImportResult = v.object({ imported: v.number(), known: v.number(), seq: v.number() });
