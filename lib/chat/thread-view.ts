import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import { describe } from "../people/profiles.js";
import { isGuest } from "../people/reach.js";
import { hasShown } from "../people/shared-threads.js";
import { isSystem } from "../people/system.js";
import type { Actor } from "../schema/actor.js";
import { Notify } from "../schema/field.js";
import { decode, encode } from "../store/keys.js";
import { rows } from "../store/redis.js";
import { Count, ReadMark } from "../store/replies.js";
import { hiddenUpTo, indexOf, listOf } from "./archive.js";
import { redactMessage } from "./block.js";
import { withReactions } from "./reaction.js";
import { areBlocked, blockedBy, listMembers, withCaller } from "./thread-members.js";
import { countUnread } from "./unread.js";

/** A member of a thread, as another one sees it. */
export type Member = { entity: string; role: string; read: number; actor?: Actor };

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
  pinned?: true;
  markedUnread?: true;
  /** What rings when no page is open, where the member has chosen it. */
  notify?: v.InferOutput<typeof Notify>;
  /** Only where members can read what was sent since they joined, and nothing from before. */
  history?: "joined";
  /** The seconds that a member who is no owner waits between two messages; absent for none. */
  slow?: number;
};

/** Reads one of the caller's threads. Throws `thread_not_found`. */
export async function thread(chat: Instance, caller: Caller, id: string): Promise<Thread> {
  const [header] = await headers(chat, caller, [id]);
  const [found] = header === undefined ? [] : await complete(chat, caller, [header]);
  if (found === undefined) throw new Fault("thread_not_found");
  return found;
}

const text = v.nullable(v.string());
const PositionRow = v.tuple([v.tuple([text, v.nullable(Count), v.nullable(ReadMark), text, text])]);

/** Reads how far the caller's threads have come, and how many messages are unread, as a `resync` lists them. */
export async function positions(
  chat: Instance,
  caller: Caller,
  ids: readonly string[],
): Promise<{ id: string; seq: number; unread: number }[]> {
  if (ids.length === 0) return [];
  const by = encode(caller.actor.id);
  const found = await chat.store.transact(rows(PositionRow, 1), (batch) => {
    for (const id of ids) batch.hmget(chat.keys.thread(id), "kind", "seq", `read:${by}`, `muted:${by}`, "retracted");
  });
  const direct: string[] = [];
  const all = ids.map((id, i) => {
    const [kind, seq, read, muted, retracted = null] = found[i]?.[0] ?? [];
    const unread = muted ? 0 : countUnread(seq ?? 0, read ?? 0, retracted);
    if (kind === "direct" && unread > 0) direct.push(id);
    return { id, seq: seq ?? 0, unread };
  });
  const silenced = await withBlockedOnly(chat, by, direct);
  return all.map((it) => (silenced.has(it.id) ? { ...it, unread: 0 } : it));
}

/** Finds the direct threads all of whose other members a user blocks. */
async function withBlockedOnly(chat: Instance, me: string, threads: readonly string[]): Promise<ReadonlySet<string>> {
  if (threads.length === 0) return new Set();
  const blocked = await blockedBy(chat, me);
  if (blocked.size === 0) return new Set();
  const listed = await listMembers(chat, threads);
  return new Set(
    threads.filter((_, i) => {
      const [shown = [], memberCount = 0] = listed[i] ?? [];
      return areBlocked(me, blocked, shown, memberCount);
    }),
  );
}

/** A thread without its members and its newest message; `isLastHidden` if that is from before the caller may read the thread. */
export type Header = Omit<Thread, "members" | "memberCount" | "last"> & { isLastHidden: boolean };

const number = v.nullable(Count);
const HeaderRow = v.tuple([
  v.tuple([
    ...([text, text, text, text, number, text, text, number] as const),
    ...([text, v.nullable(ReadMark), number, text, number, text, text, v.nullable(Notify)] as const),
  ]),
]);

/** Reads the hashes of threads, one command each; those that the caller is not a member of are left out. */
export async function headers(chat: Instance, caller: Caller, ids: readonly string[]): Promise<Header[]> {
  if (ids.length === 0) return [];
  const by = encode(caller.actor.id);
  const own = ["role", "read", "hidden", "muted", "from", "pinned", "marked", "notify"].map((it) => `${it}:${by}`);
  const fields = ["subject", "created", "updated", "seq", "retracted", "history", "slow", ...own];
  const found = await chat.store.transact(rows(HeaderRow, 1), (batch) => {
    for (const id of ids) batch.hmget(chat.keys.thread(id), "kind", ...fields);
  });
  return found.flatMap(([fields], i) => header(ids[i] ?? "", fields, isSystem(caller)) ?? []);
}

function header(id: string, fields: v.InferOutput<typeof HeaderRow>[0], mayReadAll: boolean): Header | undefined {
  const [kind, subject, created, updated, counted, retracted, history, slow, ...own] = fields;
  const [role, read, hiddenAt, muted, joined, pinned, marked, notify] = own;
  if (kind === null || (role === null && !mayReadAll)) return undefined;
  const seq = counted ?? 0;
  return {
    ...{ id, kind, seq, unread: role === null || muted ? 0 : countUnread(seq, read ?? 0, retracted) },
    ...{ created: created ?? "", updated: updated ?? "" },
    ...(subject ? { subject } : {}),
    ...(muted ? { muted: true } : {}),
    ...(hiddenAt !== null && hiddenAt >= seq ? { hidden: true } : {}),
    ...(pinned ? { pinned: true } : {}),
    ...(marked ? { markedUnread: true } : {}),
    ...(notify ? { notify } : {}),
    ...(history === "joined" ? { history } : {}),
    ...(slow ? { slow } : {}),
    isLastHidden: seq <= hiddenUpTo(history, joined),
  };
}

const NO_BLOCKS: ReadonlyMap<string, string> = new Map();
const Newest = v.pipe(v.string(), v.parseJson(), v.looseObject({ id: v.string() }));
const DetailsRow = v.tuple([v.array(text), v.array(v.string()), v.array(text)]);

/** Adds the members, with roles, read marks and descriptions, and the newest message to headers. */
export async function complete(chat: Instance, caller: Caller, found: readonly Header[]): Promise<Thread[]> {
  if (found.length === 0) return [];
  const me = encode(caller.actor.id);
  const listed = await listMembers(
    chat,
    found.map(({ id }) => id),
  );
  const shownIn = listed.map(([first, count]) => ({
    shown: isSystem(caller) ? first : withCaller(me, first, count),
    memberCount: count,
  }));
  const details = await chat.store.transact(rows(DetailsRow, 3), (batch) => {
    for (const [i, { id, seq }] of found.entries()) {
      const [first, ...rest] = shownIn[i]?.shown.flatMap((who) => [`role:${who}`, `read:${who}`]) ?? [];
      batch.hmget(chat.keys.thread(id), first ?? "kind", ...rest);
      const last = Math.max(seq, 1);
      batch.lrange(listOf(chat, id, last), indexOf(last), indexOf(last));
      batch.hmget(chat.keys.reactions(id), `${last}`);
    }
  });
  const blocked = await blockedBy(chat, me);
  const actors = await describe(
    chat,
    shownIn.flatMap(({ shown }) => shown),
  );
  return found.map(({ isLastHidden, ...it }, i) => {
    const { shown = [], memberCount = 0 } = shownIn[i] ?? {};
    const [rolesAndMarks = [], [newest] = [], [reactions = null] = []] = details[i] ?? [];
    const veiled = it.kind === "direct" ? blocked : NO_BLOCKS;
    const last = newest && !isLastHidden && redactMessage(veiled, withReactions(newest, reactions));
    const members = shown.map((who, j) => member(caller, who, rolesAndMarks.slice(2 * j, 2 * j + 2), actors.get(who)));
    const unread = areBlocked(me, veiled, shown, memberCount) ? 0 : it.unread;
    return { ...it, unread, members, memberCount, ...(last ? { last: v.parse(Newest, last) } : {}) };
  });
}

/**
 * Makes a member of an encoded entity, its role and its read mark. A guest sees the description of a member only once that member has shown
 * themselves in the thread.
 */
export function member(
  caller: Caller,
  who: string,
  [role, read = null]: (string | null)[],
  actor: Actor | undefined,
): Member {
  const fields = { entity: decode(who), role: role ?? "member", read: Math.floor(Number(read ?? 0)) };
  return actor === undefined || (isGuest(caller) && !hasShown(read)) ? fields : { ...fields, actor };
}
