import * as v from "valibot";

// What the clients report, and what the checker judges: the complete history of a run, oldest first.

const Ms = v.number();

/** A stanza as somebody was told it, as far as it matters. */
export const Told = v.object({
  type: v.string(),
  thread: v.exactOptional(v.string()),
  /** What tells a lasting stanza from all others of its thread. */
  key: v.exactOptional(v.string()),
  seq: v.exactOptional(v.number()),
  id: v.exactOptional(v.string()),
  by: v.exactOptional(v.string()),
  action: v.exactOptional(v.string()),
  entities: v.exactOptional(v.array(v.string())),
  presence: v.exactOptional(
    v.array(v.object({ entity: v.string(), available: v.boolean(), status: v.exactOptional(v.string()) })),
  ),
  reason: v.exactOptional(v.string()),
  threads: v.exactOptional(v.array(v.object({ id: v.string(), seq: v.number() }))),
});
export type Told = v.InferOutput<typeof Told>;

/** Where and when something was asked: `r` numbers the requests of a run. */
const Asked = { r: v.number(), via: v.string(), began: Ms, at: Ms };

export const Happening = v.variant("e", [
  /** Somebody owns a thread from now on, and stays. */
  v.object({ e: v.literal("owner"), at: Ms, who: v.string(), thread: v.string() }),
  /** A chain of cursors begins: at the birth of a token, or where another chain stood at a mark. */
  v.object({
    ...{ e: v.literal("open"), at: Ms, chain: v.string(), who: v.string(), bare: v.boolean() },
    from: v.exactOptional(v.string()),
  }),
  v.object({ e: v.literal("mark"), at: Ms, chain: v.string(), mark: v.string() }),
  /** An answer to this chain got lost that will not come again. */
  v.object({ e: v.literal("lost"), at: Ms, chain: v.string() }),
  v.object({ e: v.literal("close"), at: Ms, chain: v.string() }),
  v.object({
    ...{ e: v.literal("answer"), ...Asked, chain: v.string(), wait: v.number(), limit: v.number() },
    ...{ prev: v.string(), cursor: v.string(), more: v.boolean(), stanzas: v.array(Told) },
  }),
  /** A page of history, read because of a resync: after `after`, or the newest. Without messages: not one's thread. */
  v.object({
    ...{ e: v.literal("page"), ...Asked, chain: v.string(), thread: v.string(), after: v.exactOptional(v.number()) },
    ...{ messages: v.exactOptional(v.array(v.object({ seq: v.number(), id: v.string() }))) },
    ...{ first: v.exactOptional(v.number()), last: v.exactOptional(v.number()) },
  }),
  v.object({
    ...{ e: v.literal("sent"), ...Asked, who: v.string(), thread: v.string(), id: v.string(), seq: v.number() },
    duplicate: v.boolean(),
  }),
  /** Somebody has read a thread up to a seq. */
  v.object({ e: v.literal("read"), ...Asked, who: v.string(), thread: v.string(), seq: v.number() }),
  /** Something else was done, or somebody was refused. */
  v.object({ e: v.literal("done"), ...Asked, who: v.string(), what: v.string(), thread: v.exactOptional(v.string()) }),
  v.object({
    ...{ e: v.literal("refused"), ...Asked, who: v.string(), what: v.string(), thread: v.exactOptional(v.string()) },
    ...{ status: v.number(), code: v.string() },
  }),
  /** No answer that counts came. */
  v.object({ e: v.literal("failed"), ...Asked, who: v.string(), what: v.string(), wait: v.number(), why: v.string() }),
  /** The connection was cut on purpose while messages were being sent: each is now stored as a whole, or not at all. */
  v.object({ e: v.literal("cut"), ...Asked, who: v.string(), thread: v.string(), ids: v.array(v.string()) }),
  /** How a stream that was held open ended. */
  v.object({
    ...{ e: v.literal("stream"), at: Ms, who: v.string() },
    how: v.picklist(["in order", "held back", "died", "left"]),
  }),
  /** How it ended: what is kept of a thread, and who is in it. */
  v.object({
    ...{ e: v.literal("kept"), at: Ms, thread: v.string(), seq: v.number(), first: v.number() },
    ...{ messages: v.array(v.object({ seq: v.number(), id: v.string() })), members: v.array(v.string()) },
  }),
  /** Somebody is quiet from now on, or says a last status. */
  v.object({ e: v.literal("gone"), at: Ms, who: v.string() }),
  v.object({ e: v.literal("status"), at: Ms, who: v.string(), status: v.string() }),
  v.object({ e: v.literal("wrong"), at: Ms, rule: v.string(), who: v.string(), what: v.string(), r: v.number() }),
  v.object({ e: v.literal("rest"), at: Ms }),
  v.object({ e: v.literal("ready"), at: Ms }),
  v.object({ e: v.literal("finished"), at: Ms }),
  v.object({
    e: v.literal("fault"),
    at: Ms,
    kind: v.string(),
    where: v.string(),
    phase: v.picklist(["begins", "ends"]),
  }),
]);
export type Happening = v.InferOutput<typeof Happening>;
export type Of<E extends Happening["e"]> = Extract<Happening, { e: E }>;
