import * as v from "valibot";
import { ThreadId, text, Uuid } from "./field.js";

// A sentence or two; moderators read many.
const REASON_MAX = 1_024;

/** A report of a message to the moderators. */
export const Report = v.object(
  {
    thread: ThreadId,
    id: Uuid,
    reason: v.exactOptional(v.pipe(text, v.maxBytes(REASON_MAX, `at most ${REASON_MAX} bytes of UTF-8`))),
  },
  "must be an object",
);
export type Report = v.InferOutput<typeof Report>;

/** The id of a report in a path: a SHA-256. */
export const ReportId = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));
