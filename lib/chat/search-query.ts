import * as v from "valibot";
import { pageLimit, ThreadId } from "../schema/field.js";
import { WORDS_MAX, wordsOf } from "./search-words.js";

// Longer than what people look for.
const QUERY_MAX = 256;
const QUERY = new RegExp(`^.{0,${QUERY_MAX}}$`, "su");
// Each result has up to 16 KiB, and an answer 1 MiB.
const RESULTS_MAX = 50;

export const SearchQuery = v.object({
  q: v.pipe(
    v.string("must be a string"),
    v.regex(QUERY, `must have at most ${QUERY_MAX} characters`),
    v.check((it) => wordsOf(it).length > 0, "must have something visible"),
    v.check((it) => wordsOf(it).length <= WORDS_MAX, `must have at most ${WORDS_MAX} words`),
  ),
  thread: v.exactOptional(ThreadId),
  cursor: v.exactOptional(v.string()),
  limit: v.optional(pageLimit(RESULTS_MAX), "20"),
});
export type SearchQuery = v.InferOutput<typeof SearchQuery>;
