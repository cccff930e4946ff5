import * as v from "valibot";
import { Texts } from "../store/replies.js";
import { begin, CLOCK_FIELDS, ClockFields, witness } from "./clock.js";
import type { Clock } from "./cursor.js";
import type { Log } from "./log.js";

/** Thread → n of the join, or -n of the leave, as HGETALL returns it; without rooms that a blocked user has added the user to. */
export const Memberships = v.pipe(
  Texts,
  v.transform((flat) => {
    const memberships = new Map<string, number>();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      if (flat[i + 1] !== "0") memberships.set(flat[i] ?? "", Number(flat[i + 1]));
    }
    return memberships;
  }),
);
export type Memberships = v.InferOutput<typeof Memberships>;

/** Blocked user (encoded) → since when, as HGETALL returns it. */
export const Blocked = v.pipe(
  Texts,
  v.transform((flat) => {
    const blocked = new Map<string, string>();
    for (let i = 0; i + 1 < flat.length; i += 2) blocked.set(flat[i] ?? "", flat[i + 1] ?? "");
    return blocked;
  }),
);
export type Blocked = ReadonlyMap<string, string>;

/** A user's memberships and blocks, and the clock that was read together with them. */
export type Snapshot = { clock: Clock; memberships: Memberships; blocked: Blocked };

/** The reply that a snapshot is made from: the clock, the memberships, the blocks. */
export const SnapshotReply = v.tuple([ClockFields, Memberships, Blocked]);

/** Reads a user's memberships and blocks together with the clock. */
export async function readSnapshot(log: Log, entity: string): Promise<Snapshot> {
  const before = log.horizon.reached;
  const reply = await log.store.transact(SnapshotReply, (batch) => {
    batch.hmget(log.keys.clock, ...CLOCK_FIELDS);
    batch.hgetall(log.keys.threads(entity));
    batch.hgetall(log.keys.blocks(entity));
  });
  return toSnapshot(log, before, reply);
}

/**
 * Makes a snapshot from a reply; `before` is how far the log was known to reach before it was read. On an empty store, begins the first
 * epoch, since a cursor needs one.
 */
export async function toSnapshot(
  log: Log,
  before: number,
  [seen, memberships, blocked]: v.InferOutput<typeof SnapshotReply>,
): Promise<Snapshot> {
  const clock = await witness(log, before, seen);
  return { clock: clock.epoch === "" ? await begin(log, Date.now()) : clock, memberships, blocked };
}
