import * as v from "valibot";
import { withoutOwned } from "./extension.js";
import { NoList, text } from "./field.js";

// A roster carries the presence of 200 users, so each must be small.
const PRESENCE_MAX = 1_024;

/** Presence (RFC 6121 §4.7): a list of one, the caller's own. */
export const Presence = v.pipe(
  v.strictTuple(
    [
      v.pipe(
        NoList,
        v.looseObject(
          {
            show: v.exactOptional(v.picklist(["away", "chat", "dnd", "xa"], "must be away, chat, dnd or xa")),
            status: v.exactOptional(v.pipe(text, v.regex(/^.{0,140}$/su, "must have at most 140 characters"))),
            available: v.optional(v.boolean("must be true or false"), true),
          },
          "must be an object",
        ),
      ),
    ],
    "must be a list of one",
  ),
  v.check((it) => Buffer.byteLength(JSON.stringify(it)) <= PRESENCE_MAX, `must have at most ${PRESENCE_MAX} bytes`),
  v.transform(([{ show, status, available, ...extensions }]) => {
    const more = withoutOwned(extensions);
    for (const name of ["actor", "since"]) Reflect.deleteProperty(more, name);
    return {
      available,
      ...(show === undefined ? {} : { show }),
      ...(status === undefined ? {} : { status }),
      ...(Object.keys(more).length === 0 ? {} : { more }),
    };
  }),
);
export type Presence = v.InferOutput<typeof Presence>;
