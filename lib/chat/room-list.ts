import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import type { ReachContext } from "../people/reach.js";
import { SYSTEM_CALLER } from "../people/system.js";
import type { RoomsQuery } from "../schema/room-query.js";
import { tipsKeys } from "../store/keys.js";
import { rows } from "../store/redis.js";
import { Count } from "../store/replies.js";
import { indexOf, listOf } from "./archive.js";
import { change } from "./thread-admin.js";
import { deleteThread } from "./thread-deletion.js";
import { type Header, headers } from "./thread-view.js";

// A newest message has up to 16 KiB, and an answer 1 MiB.
const LISTED = 25;
// A page looks at so many threads at most, since it passes over those that are not rooms.
const LOOKED_AT = 100;

/** A room as moderators see it: without its members, with its newest message. */
export type ListedRoom = Pick<Header, "id" | "subject" | "seq" | "created" | "updated" | "slow"> & {
  memberCount: number;
  last?: unknown;
};

/**
 * Lists the rooms of the deployment, latest activity first; those after a page by its `before`. A page may be short, or empty, although there are
 * more. Direct threads are nobody's but their members'.
 */
export async function rooms(
  chat: Instance,
  { before }: v.InferOutput<typeof RoomsQuery>,
): Promise<{ rooms: ListedRoom[]; before?: string }> {
  const tips = await newestTips(chat, before);
  const some = tips.slice(0, LOOKED_AT);
  const known = await headers(
    chat,
    SYSTEM_CALLER,
    some.map(({ id }) => id),
  );
  const found = known.filter(({ kind }) => kind === "room").slice(0, LISTED);
  const isFull = found.length === LISTED;
  const last = isFull ? some.find(({ id }) => id === found.at(-1)?.id) : some.at(-1);
  const isEnd = tips.length === 0 || last?.n === tips.at(-1)?.n;
  return { rooms: await complete(chat, found), ...(isEnd || last === undefined ? {} : { before: `${last.n}` }) };
}

/** Reads which threads have the newest events, one more than a page looks at. Users' own logs are among them, and are no threads. */
async function newestTips({ keys, store }: Instance, before: string | undefined) {
  const from = before === undefined ? "+inf" : (`(${Number(before)}` as const);
  const found = await store.transact(v.array(v.array(v.string())), (batch) => {
    for (const key of tipsKeys(keys))
      batch.zrange(key, from, "-inf", { byScore: true, rev: true, offset: 0, count: LOOKED_AT + 1, withScores: true });
  });
  const tips = found.flatMap((flat) => flat.flatMap((id, i) => (i % 2 === 0 ? [{ id, n: Number(flat[i + 1]) }] : [])));
  return tips.sort((a, b) => b.n - a.n).slice(0, LOOKED_AT + 1);
}

const Message = v.pipe(v.string(), v.parseJson());
const Details = v.tuple([Count, v.array(Message)]);

async function complete(chat: Instance, found: readonly Header[]): Promise<ListedRoom[]> {
  if (found.length === 0) return [];
  const details = await chat.store.transact(rows(Details, 2), (batch) => {
    for (const { id, seq } of found) {
      const last = Math.max(seq, 1);
      batch.zcard(chat.keys.members(id));
      batch.lrange(listOf(chat, id, last), indexOf(last), indexOf(last));
    }
  });
  return found.map(({ id, subject, seq, created, updated, slow }, i) => {
    const [memberCount = 0, [last] = []] = details[i] ?? [];
    return {
      ...{ id, seq, created, updated, memberCount },
      ...(subject === undefined ? {} : { subject }),
      ...(slow === undefined ? {} : { slow }),
      ...(last === undefined ? {} : { last }),
    };
  });
}

/** Sets the slow mode of a room, as the system. Throws `thread_not_found`, also for a direct thread. */
export async function slowRoom(chat: Instance & ReachContext, id: string, slow: number, now: number): Promise<void> {
  if ((await kindOf(chat, id)) !== "room") throw new Fault("thread_not_found");
  await change(chat, SYSTEM_CALLER, id, { slow }, now);
}

/** Deletes a room with all that belongs to it; one that is gone already stays so. Throws `thread_not_found` for a direct thread. */
export async function deleteRoom(chat: Instance & ReachContext, id: string, now: number): Promise<void> {
  if ((await kindOf(chat, id)) === "direct") throw new Fault("thread_not_found");
  await deleteThread(chat, SYSTEM_CALLER, id, now);
}

async function kindOf({ keys, store }: Instance, id: string): Promise<string | null> {
  const [kind] = await store.transact(v.tuple([v.nullable(v.string())]), (batch) =>
    batch.hget(keys.thread(id), "kind"),
  );
  return kind;
}
