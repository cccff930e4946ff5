import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { Blocked, Memberships } from "../log/memberships.js";
import type { Caller } from "../people/caller.js";
import { describe } from "../people/profiles.js";
import type { Actor } from "../schema/actor.js";
import { ThreadId, Timestamp, Whole } from "../schema/field.js";
import { decode, encode } from "../store/keys.js";
import { rows } from "../store/redis.js";
import { Count, ReadMark } from "../store/replies.js";
import { indexOf, listOf } from "./archive.js";
import { redactMessage } from "./block.js";
import { withReactions } from "./reaction.js";
import { countUnread } from "./unread.js";

/** The members that a thread lists; more are only counted. */
const SHOWN = 100;

type Member = { entity: string; role: string; read: number; actor?: Actor };

/** A thread as one of its members sees it. `last` is the newest message, `unread` the number of messages after the member's `read`. */
export type Thread = {
  id: string;
  kind: string;
  subject?: string;
  seq: number;
  created: string;
  updated: string;
  members: Member[];
  memberCount: number;
  unread: number;
  last?: unknown;
  muted?: true;
  hidden?: true;
};

/** Reads one of the caller's threads. Throws `thread_not_found`. */
export async function thread(chat: Instance, caller: Caller, id: string): Promise<Thread> {
  const [header] = await headers(chat, caller, [id]);
  const [found] = header === undefined ? [] : await complete(chat, caller, [header]);
  if (found === undefined) throw new Fault("thread_not_found");
  return found;
}

/** A page of the caller's threads: those after the one with this id in the list, or last active before this time. */
export const ListQuery = v.object({
  limit: v.exactOptional(
    v.pipe(
      Whole,
      v.minValue(1, "must be at least 1"),
      v.transform((it) => Math.min(it, 100)),
    ),
  ),
  before: v.exactOptional(v.union([ThreadId, Timestamp], "must be the id of a thread or a timestamp")),
});

/** Lists the caller's threads, latest activity first, 50 by default. */
export async function list(chat: Instance, caller: Caller, query: v.InferOutput<typeof ListQuery>): Promise<Thread[]> {
  const { before, limit = 50 } = query;
  const ids = await byActivity(chat, caller);
  const page: Header[] = [];
  for (let at = ids.indexOf(before ?? "") + 1; at < ids.length && page.length < limit; at += limit) {
    for (const header of await headers(chat, caller, ids.slice(at, at + limit))) {
      if (
        page.length < limit &&
        !header.hidden &&
        (before === undefined || ids.includes(before) || header.updated < before)
      )
        page.push(header);
    }
  }
  return complete(chat, caller, page);
}

const PositionRow = v.tuple([v.tuple([v.nullable(Count), v.nullable(ReadMark), v.nullable(v.string())])]);

/** Reads how far the caller's threads have come, and how many messages are unread, as a `resync` lists them. */
export async function positions(
  chat: Instance,
  caller: Caller,
  ids: readonly string[],
): Promise<{ id: string; seq: number; unread: number }[]> {
  if (ids.length === 0) return [];
  const by = encode(caller.actor.id);
  const found = await chat.store.transact(rows(PositionRow, 1), (batch) => {
    for (const id of ids) batch.hmget(chat.keys.thread(id), "seq", `read:${by}`, `muted:${by}`);
  });
  return ids.map((id, i) => {
    const [seq, read, muted] = found[i]?.[0] ?? [];
    return { id, seq: seq ?? 0, unread: countUnread(seq ?? 0, read ?? 0, Boolean(muted)) };
  });
}

async function byActivity(chat: Instance, caller: Caller): Promise<string[]> {
  const [mine] = await chat.store.transact(v.tuple([Memberships]), (batch) =>
    batch.hgetall(chat.keys.threads(caller.actor.id)),
  );
  const shards = new Map<string, string[]>();
  for (const [id, n] of mine)
    if (n > 0) shards.set(chat.keys.tips(id), [...(shards.get(chat.keys.tips(id)) ?? []), id]);
  if (shards.size === 0) return [];
  const scores = await chat.store.transact(v.array(v.array(v.nullable(Count))), (batch) => {
    for (const [key, ids] of shards) batch.zmscore(key, ids);
  });
  const tips = [...shards.values()].flatMap((ids, i) =>
    ids.map((id, j): [string, number] => [id, scores[i]?.[j] ?? 0]),
  );
  return tips.sort(([, a], [, b]) => b - a).map(([id]) => id);
}

type Header = Omit<Thread, "members" | "last"> & { shown: string[] };

const text = v.nullable(v.string());
const number = v.nullable(Count);
const HeaderRow = v.tuple([
  v.tuple([text, text, text, text, text, number, v.nullable(ReadMark), number, text]),
  v.array(v.string()),
  Count,
]);

/** Reads the hashes of threads; those that the caller is not a member of are left out. */
async function headers(chat: Instance, caller: Caller, ids: readonly string[]): Promise<Header[]> {
  if (ids.length === 0) return [];
  const by = encode(caller.actor.id);
  const found = await chat.store.transact(rows(HeaderRow, 3), (batch) => {
    for (const id of ids) {
      batch.hmget(
        chat.keys.thread(id),
        "kind",
        "subject",
        "created",
        "updated",
        `role:${by}`,
        "seq",
        `read:${by}`,
        `hidden:${by}`,
        `muted:${by}`,
      );
      batch.zrange(chat.keys.members(id), 0, SHOWN - 1);
      batch.zcard(chat.keys.members(id));
    }
  });
  return found.flatMap((row, i) => header(ids[i] ?? "", row) ?? []);
}

function header(id: string, [fields, shown, memberCount]: v.InferOutput<typeof HeaderRow>): Header | undefined {
  const [kind, subject, created, updated, role, counted, read, hiddenAt, muted] = fields;
  if (kind === null || role === null) return undefined;
  const seq = counted ?? 0;
  return {
    ...{ id, kind, seq, memberCount, shown, unread: countUnread(seq, read ?? 0, Boolean(muted)) },
    ...{ created: created ?? "", updated: updated ?? "" },
    ...(subject ? { subject } : {}),
    ...(muted ? { muted: true } : {}),
    ...(hiddenAt !== null && hiddenAt >= seq ? { hidden: true } : {}),
  };
}

const NO_BLOCKS: ReadonlyMap<string, string> = new Map();
const Newest = v.pipe(v.string(), v.parseJson(), v.looseObject({ id: v.string() }));
const DetailsRow = v.tuple([v.array(v.nullable(v.string())), v.array(v.string()), v.array(v.nullable(v.string()))]);

/** Adds the members, with roles, read marks and descriptions, and the newest message to headers. */
async function complete(chat: Instance, caller: Caller, found: Header[]): Promise<Thread[]> {
  if (found.length === 0) return [];
  const details = await chat.store.transact(rows(DetailsRow, 3), (batch) => {
    for (const { id, seq, shown } of found) {
      const [first, ...rest] = shown.flatMap((who) => [`role:${who}`, `read:${who}`]);
      batch.hmget(chat.keys.thread(id), first ?? "kind", ...rest);
      const last = Math.max(seq, 1);
      batch.lrange(listOf(chat, id, last), indexOf(last), indexOf(last));
      batch.hmget(chat.keys.reactions(id), `${last}`);
    }
  });
  const [blocked] = await chat.store.transact(v.tuple([Blocked]), (batch) =>
    batch.hgetall(chat.keys.blocks(caller.actor.id)),
  );
  const actors = await describe(
    chat,
    found.flatMap((it) => it.shown),
  );
  return found.map(({ shown, ...it }, i) => {
    const [rolesAndMarks = [], [newest] = [], [reactions = null] = []] = details[i] ?? [];
    const last = newest && redactMessage(it.kind === "direct" ? blocked : NO_BLOCKS, withReactions(newest, reactions));
    const members = shown.map((who, j) => member(who, rolesAndMarks.slice(2 * j, 2 * j + 2), actors.get(who)));
    return { ...it, members, ...(last === undefined ? {} : { last: v.parse(Newest, last) }) };
  });
}

function member(who: string, [role, read]: (string | null)[], actor: Actor | undefined): Member {
  const fields = { entity: decode(who), role: role ?? "member", read: Math.floor(Number(read ?? 0)) };
  return actor === undefined ? fields : { ...fields, actor };
}
