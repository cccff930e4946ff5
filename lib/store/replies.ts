import * as v from "valibot";

// What commands and scripts reply with, as schemas that the layers above share.

/** A whole number, as a number or as the decimal text of a script. */
export const Count = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d{1,15}$/), v.transform(Number))]),
  v.safeInteger(),
);

/** A list of texts, checked as one value: a reply may hold thousands of them. */
export const Texts = v.custom<string[]>((it) => Array.isArray(it) && it.every((each) => typeof each === "string"));

/** A stanza or a message as JSON, which is passed on verbatim: only that it is an object is checked. */
export const Json = v.pipe(v.string(), v.startsWith("{"), v.endsWith("}"));

/** How far a member has read; the half of a member who has not been active in the thread yet does not count. */
export const ReadMark = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}(\.5)?$/),
  v.transform((it) => Math.floor(Number(it))),
);
