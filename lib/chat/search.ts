import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import { encode } from "../store/keys.js";
import { formatPlace, inThread, isInThread, type Place, parsePlace, threadsFrom } from "./search-order.js";
import type { SearchQuery } from "./search-query.js";
import { readSlices } from "./search-slice.js";
import { containsAll, textOfHtml, wordsOf } from "./search-words.js";
import { blockedBy } from "./thread-members.js";

/** Messages that were found, each with its thread, in JSON; without a cursor, all was searched. */
export type Found = { results: string[]; cursor?: string };

// A call ends with the read by which it has read so many bytes, and after so many reads of up to eight threads and 64 messages.
const BYTES_MAX = 1024 * 1024;
const READS_MAX = 16;

/**
 * Searches the messages of the caller's threads, or of one of them, in their present form: thread by thread, the latest active first, and
 * the newest message first. Ends after a bounded part, also when nothing was found in it; the cursor goes on. Throws `thread_not_found`,
 * `bad_cursor`.
 */
export async function search(chat: Instance, caller: Caller, query: SearchQuery): Promise<Found> {
  const { limit, thread } = query;
  const words = wordsOf(query.q);
  const queue = await placesOf(chat, caller, query);
  const blocked = await blockedBy(chat, encode(caller.actor.id));
  const results: string[] = [];
  let bytes = 0;
  for (let reads = 0; queue[0] !== undefined; reads++) {
    if (results.length === limit || bytes >= BYTES_MAX || reads === READS_MAX)
      return { results, cursor: formatPlace(queue[0]) };
    for (const slice of await readSlices(chat, caller, queue, blocked)) {
      if (thread !== undefined && !slice.isMember) throw new Fault("thread_not_found");
      queue.shift();
      for (const json of slice.messages) {
        const message = v.parse(Searched, json);
        if (results.length === limit)
          return { results, cursor: formatPlace({ ...slice.place, below: message.seq + 1 }) };
        bytes += Buffer.byteLength(json);
        if (containsAll(textOf(message), words)) results.push(`{"thread":"${slice.place.id}","message":${json}}`);
      }
      if (slice.rest !== undefined) queue.unshift({ ...slice.place, below: slice.rest });
    }
  }
  return { results };
}

/** Lists what is to be searched. Throws `bad_cursor` for a cursor that is none, or belongs to a search of another thread, or of one where all are searched. */
async function placesOf(chat: Instance, caller: Caller, { thread, cursor }: SearchQuery): Promise<Place[]> {
  const from = cursor === undefined ? undefined : parsePlace(cursor);
  const isForeign = from !== undefined && (thread === undefined ? isInThread(from) : from.id !== thread);
  if ((cursor !== undefined && from === undefined) || isForeign) throw new Fault("bad_cursor");
  return thread === undefined ? threadsFrom(chat, caller, from) : [from ?? inThread(thread)];
}

/** What is searched of a message; of a tombstone, and of a message that is redacted, there is nothing. */
const Searched = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    seq: v.number(),
    type: v.exactOptional(v.string()),
    subject: v.exactOptional(v.string()),
    text: v.exactOptional(v.string()),
    attachments: v.exactOptional(v.array(v.object({ name: v.exactOptional(v.string()) }))),
  }),
);

function textOf({ type, subject = "", text = "", attachments = [] }: v.InferOutput<typeof Searched>): string {
  return [subject, type === "html" ? textOfHtml(text) : text, ...attachments.map(({ name = "" }) => name)].join("\n");
}
