import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import type { Blocked } from "../log/memberships.js";
import type { Caller } from "../people/caller.js";
import { encode } from "../store/keys.js";
import { rows } from "../store/redis.js";
import { Count, Json } from "../store/replies.js";
import { hiddenUpTo, indexOf, listOf } from "./archive.js";
import { redactMessage } from "./block.js";
import type { Place } from "./search-order.js";

/** The newest messages of a thread below a place, the newest first; those below the seq `rest` are yet to be read. */
export type Slice = { place: Place; isMember: boolean; messages: string[]; rest?: number };

const THREADS_MAX = 8;
// Of up to 16 KiB each.
const MESSAGES_MAX = 64;

/** Reads messages from the first places of a list on, up to the first thread of which there are more. */
export async function readSlices(
  chat: Instance,
  caller: Caller,
  places: readonly Place[],
  blocked: Blocked,
): Promise<Slice[]> {
  const ranges = upToRoom(await readRanges(chat, caller, places.slice(0, THREADS_MAX)));
  const full = ranges.filter(({ from, to }) => from <= to);
  const lists = full.length === 0 ? [] : await readLists(chat, full);
  return ranges.map((range) => {
    const { place, isMember, isDirect, first, from } = range;
    const list = lists[full.indexOf(range)] ?? [];
    const messages = list.map((json) => (isDirect ? redactMessage(blocked, json) : json)).reverse();
    return { place, isMember, messages, ...(from > first ? { rest: from } : {}) };
  });
}

type Range = { place: Place; isMember: boolean; isDirect: boolean; first: number; from: number; to: number };

const text = v.nullable(v.string());
const number = v.nullable(Count);
const RangeRow = v.tuple([v.tuple([text, text, number, number, text, number])]);

/** Reads what the caller can read of threads, below the places. */
async function readRanges(chat: Instance, caller: Caller, places: readonly Place[]): Promise<Range[]> {
  const me = encode(caller.actor.id);
  const own = [`role:${me}`, `from:${me}`] as const;
  const found = await chat.store.transact(rows(RangeRow, 1), (batch) => {
    for (const { id } of places) batch.hmget(chat.keys.thread(id), "kind", "history", "first", "seq", ...own);
  });
  return places.map((place, i) => {
    const [kind, history = null, kept, seq, role = null, joined = null] = found[i]?.[0] ?? [];
    const first = Math.max(kept ?? 1, hiddenUpTo(history, joined) + 1);
    const to = role === null ? 0 : Math.min(seq ?? 0, place.below - 1);
    return { place, isMember: role !== null, isDirect: kind === "direct", first, from: first, to };
  });
}

/** Cuts ranges to what is read at once, of each what lies in one list of the archive; ends with the first that was cut. */
function upToRoom(ranges: readonly Range[]): Range[] {
  const cut: Range[] = [];
  let room = MESSAGES_MAX;
  for (const range of ranges) {
    if (room === 0) return cut;
    const { first, to } = range;
    const from = to < first ? first : Math.max(first, to - room + 1, to - indexOf(to));
    cut.push({ ...range, from });
    room -= Math.max(0, to - from + 1);
    if (from > first) return cut;
  }
  return cut;
}

function readLists(chat: Instance, ranges: readonly Range[]): Promise<string[][]> {
  return chat.store.transact(v.array(v.array(Json)), (batch) => {
    for (const { place, from, to } of ranges) batch.lrange(listOf(chat, place.id, to), indexOf(from), indexOf(to));
  });
}
