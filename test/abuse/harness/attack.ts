import { v4 as uuid } from "uuid";
import type { Chance } from "../../faults/chance.js";
import type { Asking } from "./wire.js";

/** What a hostile guest knows; codes and members are told among those of one address. */
export type Lair = {
  chance: Chance;
  desks: readonly string[];
  others: readonly string[];
  /** Rooms of others. */
  rooms: readonly string[];
  /** Their own. */
  threads: { thread: string; id?: string }[];
  codes: string[];
  files: string[];
  members: string[];
};

/** One thing that a hostile guest does over and over; `kind` is the ration that it uses up. */
export type Attack = {
  name: string;
  kind: "write" | "read" | "stream" | "nobody";
  make(lair: Lair): Asking & { method: string; path: string };
  /** Notes what the answer tells. */
  learn?(lair: Lair, answer: string): void;
  /** Whether the answer is never read. */
  held?: true;
  /** After how many ms the request is given up. */
  givenUp?: number;
};

// So many of each are remembered.
const KEPT = 500;

export const post = (path: string, body: unknown) => ({ method: "POST", path, body });
export const get = (path: string) => ({ method: "GET", path });
export const send = (type: string, payload: unknown) => post("send", { type, [type]: payload });
/** Names that nobody bears. */
export const nobody = (count: number) => Array.from({ length: count }, () => `nobody,${uuid()}`);
/** A message of theirs, or one that is not there. */
export const message = ({ chance, threads }: Lair) => {
  const { thread, id } = threads.length === 0 ? { thread: "none" } : chance.pick(threads);
  return { thread, id: id ?? uuid() };
};

export function note<Item>(list: Item[], item: Item): void {
  if (list.push(item) > KEPT) list.shift();
}
