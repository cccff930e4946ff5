import * as v from "valibot";
import { Entity } from "./actor.js";
import { withoutOwned } from "./extension.js";
import { Timestamp, Uuid } from "./field.js";
import { content } from "./message-content.js";

// Twice what a page of history has; a body of 64 KiB holds about as many.
const AT_ONCE = 200;

const Imported = v.pipe(
  v.looseObject(
    { ...content, id: Uuid, sender: Entity, timestamp: Timestamp, replyTo: v.exactOptional(Uuid) },
    "must be an object",
  ),
  // The thread is that of the URL, and a message names nobody whom it is for.
  v.transform(({ id, sender, timestamp, thread: _, to: __, ...rest }) => ({
    ...{ id, sender, timestamp, content: withoutOwned(rest) },
  })),
);
export type Imported = v.InferOutput<typeof Imported>;

/** The body of `POST server/threads/<id>/import`: old messages, and whether they count as unread. */
export const Import = v.object(
  {
    messages: v.pipe(
      v.array(Imported, "must be a list"),
      v.minLength(1, "must have at least 1 item"),
      v.maxLength(AT_ONCE, `must have at most ${AT_ONCE} items`),
      v.check(
        (all) => new Set(all.map(({ id }) => id.toLowerCase())).size === all.length,
        "must have an id of its own each",
      ),
    ),
    unread: v.optional(v.boolean("must be a boolean"), false),
  },
  "must be an object",
);
export type Import = v.InferOutput<typeof Import>;
