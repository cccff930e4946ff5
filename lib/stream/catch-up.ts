import { type Past, readAfter } from "../log/cold-read.js";
import type { Clock, Cursor } from "../log/cursor.js";
import type { Instance } from "../log/instance.js";
import { createMember, type Member } from "../log/membership-cache.js";
import { type Memberships, readSnapshot } from "../log/memberships.js";
import type { Slice } from "../log/tail-memory.js";
import type { StreamCaller } from "./cold-start.js";

/** The number of events to read; one more is read to find out whether there are more. `delivered` includes delivery receipts. */
export type ReadOptions = { limit: number; delivered?: boolean };

/** What follows a cursor on a member's stream, from memory or from the log; or the threads of a member whose cursor is not of this log. */
export type Found =
  | { source: "memory"; member: Member; slice: Slice }
  | { source: "log"; member: Member; clock: Clock; past: Promise<Past> }
  | { source: "none"; member: Member; at: Cursor; threads: Joined[] };

/** A thread, and the n with which the member joined it. */
export type Joined = { id: string; n: number };

/** Reads what follows a cursor from memory; undefined if memory is not trusted or does not reach back so far. */
export function readMemory(
  { tail }: Pick<Instance, "tail">,
  entity: string,
  cursor: Cursor,
  { limit, delivered = false }: ReadOptions,
): Extract<Found, { source: "memory" }> | undefined {
  // What is yet to be named stands in no memory.
  if (cursor.resync !== undefined) return undefined;
  const { memory } = tail;
  const member = memory?.find(entity, Date.now());
  const slice = member && memory?.since(member, cursor, limit + 1, delivered);
  return member && slice && { source: "memory", member, slice };
}

/** Reads what follows a cursor from memory if it reaches back so far, else from the log. */
export async function catchUp(
  chat: Instance,
  caller: StreamCaller,
  cursor: Cursor,
  options: ReadOptions,
): Promise<Found> {
  const { limit, delivered = false } = options;
  const entity = caller.actor.id;
  const now = Date.now();
  const fromColdStart = caller.coldStart?.takeSnapshot();
  await chat.tail.settle(cursor);
  const warm = readMemory(chat, entity, cursor, options);
  if (warm !== undefined) return warm;
  const snapshot = fromColdStart ?? (await readSnapshot(chat, entity));
  const { clock, memberships, blocked } = snapshot;
  chat.threadCounts.note(entity, memberships);
  const memory = chat.tail.memory;
  const cached = memory?.learn(entity, snapshot, now);
  // The answer must not be older than the snapshot.
  const isCurrent = cached !== undefined && (await memory?.reach(clock.n));
  const member = cached ?? createMember(entity, memberships, blocked, now);
  if (cursor.epoch !== clock.epoch || cursor.n > clock.n)
    return { source: "none", member, at: { epoch: clock.epoch, n: clock.n }, threads: threadsJoined(memberships, 0) };
  if (cursor.resync?.reason === "epoch") {
    const threads = threadsJoined(memberships, cursor.resync.after).filter(({ n }) => n <= cursor.n);
    return { source: "none", member, at: { epoch: cursor.epoch, n: cursor.n }, threads };
  }
  const slice =
    isCurrent && cursor.resync === undefined
      ? chat.tail.memory?.since(member, cursor, limit + 1, delivered)
      : undefined;
  if (slice !== undefined) return { source: "memory", member, slice };
  return { source: "log", member, clock, past: readAfter(chat, member, cursor, clock, limit + 1) };
}

/** Returns the threads that a user is in and joined after an event, the first joined first. */
export function threadsJoined(memberships: Memberships, after: number): Joined[] {
  const joined = [...memberships].flatMap(([id, n]) => (n > after ? { id, n } : []));
  return joined.sort((a, b) => a.n - b.n);
}
