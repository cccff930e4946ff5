import * as v from "valibot";
import { isVisible } from "./display-name.js";
import { ThreadId, text, whole } from "./field.js";

// File systems have no longer names.
const NAME_BYTES = 255;
// No control characters; none that turn the direction of a text, with which "exe.gpj" is read from its end; and no path.
const NAME = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]+$/u;

/** The id of a file, which nobody can guess: 128 random bits. */
export const FileId = v.pipe(text, v.regex(/^[A-Za-z0-9_-]{22}$/, "must be the id of a file"));

// As many as the messages of a screen carry.
const AT_ONCE = 20;

export const FilesQuery = v.object({
  id: v.optional(v.pipe(v.array(v.string()), v.maxLength(AT_ONCE, `must be given at most ${AT_ONCE} times`)), () => []),
});

/** The query of a signed URL of a folder. */
export const TicketQuery = v.object({ ticket: text });

/** A request for an upload. */
export const NewFile = v.object(
  {
    name: v.pipe(
      text,
      v.maxBytes(NAME_BYTES, `must have at most ${NAME_BYTES} bytes of UTF-8`),
      v.regex(NAME, "must be a name without a path, control characters, and marks of direction"),
      v.check((it) => isVisible(it) && !/^\.+$/.test(it), "must have something visible"),
    ),
    type: v.pipe(
      text,
      v.toLowerCase(),
      v.regex(/^[a-z0-9][a-z0-9.+-]{0,126}\/[a-z0-9][a-z0-9.+-]{0,126}$/, "must be a media type without parameters"),
    ),
    size: v.pipe(whole, v.minValue(1, "must not be empty")),
    thread: v.exactOptional(ThreadId),
  },
  "must be an object",
);
export type NewFile = v.InferOutput<typeof NewFile>;
