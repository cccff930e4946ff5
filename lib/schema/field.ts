import { validate as isUuid } from "uuid";
import * as v from "valibot";
import { Entity, WebUrl } from "./actor.js";
import { withoutOwned } from "./extension.js";

// The fields that stanzas and queries are made of.

/** Any text. */
export const text = v.string("must be a string");

/** A whole number, from 0. */
export const whole = v.pipe(
  v.number("must be a number"),
  v.safeInteger("must be a whole number"),
  v.minValue(0, "must not be negative"),
);

/** A whole number in a query, from 0. */
export const Whole = v.pipe(v.string(), v.regex(/^\d{1,15}$/, "must be a whole number from 0"), v.transform(Number));

/** A timestamp as this server writes them: RFC 3339, UTC, milliseconds. */
export const Timestamp = v.pipe(
  text,
  v.isoTimestamp("must be an RFC 3339 timestamp"),
  v.transform((it) => new Date(it).toISOString()),
);

/** Id of a thread: made by the server or by the sender. */
export const ThreadId = v.pipe(text, v.regex(/^[A-Za-z0-9._~-]{1,64}$/, "must have 1 to 64 of A-Z a-z 0-9 . _ ~ -"));

/** A list of entities, each counted once. */
export const Entities = v.pipe(
  v.array(Entity, "must be a list of entities"),
  v.transform((entities) => [...new Set(entities)]),
);

/** A link to what comes with a message. */
export const Attachment = v.pipe(
  v.looseObject(
    {
      url: WebUrl,
      name: v.exactOptional(text),
      contentType: v.exactOptional(text),
      size: v.exactOptional(whole),
    },
    "must be an object with a url",
  ),
  v.transform(withoutOwned),
);

/** The id of a message, any version of RFC 9562. */
export const Uuid = v.pipe(
  text,
  v.check((it) => isUuid(it), "must be a UUID"),
);
