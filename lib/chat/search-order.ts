import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import { byActivity, type Tip } from "./thread-list.js";

/**
 * How far a search has come: the threads before this one, in the order that they had when the search began, at n `began` of the log, have
 * been searched, and of this one, which then had its newest event at `n`, the messages from the seq `below` on. Of a search of one thread
 * alone, `began` and `n` are 0.
 */
export type Place = { began: number; n: number; id: string; below: number };

/** Returns the place at which a search of one thread alone begins. */
export const inThread = (id: string): Place => ({ began: 0, n: 0, id, below: NEWEST });

/** Whether a place belongs to the search of one thread alone: no other begins before the first event. */
export const isInThread = ({ began }: Place): boolean => began === 0;

/** Formats a place as the cursor of a search. It says where to look, and nothing of what the caller may read. */
export function formatPlace({ began, n, id, below }: Place): string {
  return `${began}.${n}.${below}.${id}`;
}

/** Parses the cursor of a search; undefined if the text is not one. */
export function parsePlace(cursor: string): Place | undefined {
  const [, began, n, below, id] = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.([A-Za-z0-9._~-]{1,64})$/.exec(cursor) ?? [];
  return id === undefined ? undefined : { began: Number(began), n: Number(n), below: Number(below), id };
}

/** Of a thread that has not been begun: all messages are below this seq. */
export const NEWEST = 999_999_999_999_999;

/** Lists the threads to be searched from a place on, or all of the caller's, the latest active first. */
export async function threadsFrom(chat: Instance, caller: Caller, from: Place | undefined): Promise<Place[]> {
  const { tips } = await byActivity(chat, caller);
  const began = from?.began ?? tips[0]?.n ?? 0;
  const ordered = from === undefined ? tips : await inOrderAt(chat, began, tips);
  const begun = from === undefined ? -1 : ordered.findIndex(({ id }) => id === from.id);
  const places = ordered
    .filter(({ n, id }, at) => from === undefined || (at !== begun && isAfter({ n, id }, from)))
    .map((tip): Place => ({ ...tip, began, below: NEWEST }));
  return from !== undefined && begun >= 0 ? [from, ...places] : places;
}

/** Whether a thread comes after a place. */
function isAfter({ n, id }: Tip, from: Place): boolean {
  return n < from.n || (n === from.n && id > from.id);
}

// A search takes seconds, in which few of one's threads move.
const MOVED_MAX = 50;
const Newest = v.array(v.array(v.tuple([v.pipe(v.string(), v.regex(/^\d{1,15}-0$/)), v.unknown()])));

/**
 * Orders threads as they were at an earlier n of the log: those that have moved since would otherwise be skipped. A thread whose log does
 * not reach back to that comes last, so that it is searched twice rather than not at all.
 */
async function inOrderAt(chat: Instance, began: number, tips: readonly Tip[]): Promise<Tip[]> {
  const moved = tips.filter(({ n }) => n > began).slice(0, MOVED_MAX);
  const found =
    moved.length === 0
      ? []
      : await chat.store.transact(Newest, (batch) => {
          for (const { id } of moved) batch.xrevrange(chat.keys.events(id), `${began}-0`, "-", 1);
        });
  const earlier = new Map(moved.map(({ id }, i) => [id, Number(found[i]?.[0]?.[0].slice(0, -2) ?? 0)]));
  return tips
    .map(({ id, n }) => ({ id, n: n > began ? (earlier.get(id) ?? 0) : n }))
    .sort((a, b) => b.n - a.n || Number(a.id > b.id) - Number(a.id < b.id));
}
