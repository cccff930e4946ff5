import * as v from "valibot";
import type { Log } from "../log/log.js";
import type { Member } from "../log/membership-cache.js";
import { Blocked, Memberships } from "../log/memberships.js";
import type { Caller } from "../people/caller.js";
import { Actor } from "../schema/actor.js";
import { decode, encode } from "../store/keys.js";
import { type AddCommands, rows } from "../store/redis.js";
import { Count, Texts } from "../store/replies.js";
import { combineDevices, describe } from "./device.js";
import { StoredPresence, type VisiblePresence, visible } from "./presence-record.js";

// Contacts are users who share a thread of at most this many members; in larger ones presence is noise, and its cost grows with the square.
const SMALL = 100;
// Presence is shown in this many threads, those joined last: users with more have not looked at the others for long.
export const THREADS_MAX = 100;
/** The contacts that a roster lists, available ones first. */
export const ROSTER_MAX = 200;

/** Lists the small threads in which a user has sent, read or joined by their own action: there the user's presence is visible. */
export async function visibleThreads(chat: Log, entity: string): Promise<string[]> {
  const [memberships] = await chat.store.transact(v.tuple([Memberships]), (batch) =>
    batch.hgetall(chat.keys.threads(entity)),
  );
  chat.threadCounts.note(entity, memberships);
  const threads = latest(memberships);
  if (threads.length === 0) return [];
  const found = await chat.store.transact(rows(VisibilityRow, 2), (batch) => {
    for (const id of threads) {
      batch.hmget(chat.keys.thread(id), `read:${encode(entity)}`);
      batch.zcard(chat.keys.members(id));
    }
  });
  return threads.filter((_, i) => {
    const [[read = null] = [], size = 0] = found[i] ?? [];
    return isActive(read) && size <= SMALL;
  });
}

const VisibilityRow = v.tuple([v.tuple([v.nullable(v.string())]), Count]);

/** Reads the present state of a user's contacts, at most 200 of them, available ones first. */
export async function roster(chat: Log, caller: Pick<Caller, "actor" | "contacts">, now: number) {
  return presenceOf(chat, await allContacts(chat, caller), now);
}

/**
 * Finds a user's contacts, and those whom the session names, whole entities and not prefixes, who have a profile, whether or not they share a
 * thread yet.
 */
export async function allContacts(
  chat: Log,
  { actor: { id: entity }, contacts: named = [] }: Pick<Caller, "actor" | "contacts">,
): Promise<Contacts> {
  const [memberships, blocked] = await chat.store.transact(MembershipsAndBlocks, (batch) => {
    batch.hgetall(chat.keys.threads(entity));
    batch.hgetall(chat.keys.blocks(entity));
  });
  chat.threadCounts.note(entity, memberships);
  const found = new Map(await contacts(chat, { entity, memberships, blocked }));
  const hidden = new Set([encode(entity), ...found.keys(), ...blocked.keys()]);
  const others = named.filter((it) => !it.endsWith("*") && !hidden.has(encode(it))).slice(0, ROSTER_MAX);
  for (const it of await withProfile(chat, others)) found.set(encode(it), NEVER);
  return found;
}

// Of a contact without a shared thread or a record it is not known since when they are unavailable.
const NEVER = "1970-01-01T00:00:00.000Z";

async function withProfile(chat: Log, entities: readonly string[]): Promise<string[]> {
  if (entities.length === 0) return [];
  const [profiles] = await chat.store.transact(v.tuple([v.array(v.nullable(v.string()))]), (batch) =>
    batch.mget(entities.map((it) => chat.keys.actor(it))),
  );
  return entities.filter((_, i) => profiles[i] != null);
}

/** The users who share a small thread with a user and have been active there, encoded → when that thread was created. */
export type Contacts = ReadonlyMap<string, string>;

// Reads the members of threads and how far they have read; large threads are left out.
// KEYS: the hash and the members of each thread. Returns: for each {members, {created, how far each member has read}}.
const FIND_CONTACTS = `
local found = {}
for i = 1, #KEYS, 2 do
  local members = redis.call('ZRANGE', KEYS[i + 1], 0, ${SMALL})
  if #members > 0 and #members <= ${SMALL} then
    local fields = {'created'}
    for _, who in ipairs(members) do fields[#fields + 1] = 'read:' .. who end
    found[#found + 1] = {members, redis.call('HMGET', KEYS[i], unpack(fields))}
  end
end
return found
`;

/** Finds a user's contacts. Users whom this one blocks are not among them. */
export async function contacts(chat: Log, of: Pick<Member, "entity" | "memberships" | "blocked">): Promise<Contacts> {
  const found = new Map<string, string>();
  const threads = latest(of.memberships);
  if (threads.length === 0) return found;
  const scriptKeys = threads.flatMap((id) => [chat.keys.thread(id), chat.keys.members(id)]);
  const reply = await chat.store.runScript(FIND_CONTACTS, v.array(MembersRow), scriptKeys, []);
  for (const [members, [created, ...reads]] of reply) {
    for (const [i, who] of members.entries()) {
      if (isActive(reads[i] ?? null) && !found.has(who)) found.set(who, created ?? "");
    }
  }
  for (const who of [encode(of.entity), ...of.blocked.keys()]) found.delete(who);
  return found;
}

const MembersRow = v.tuple([Texts, v.array(v.nullable(v.string()))]);
const MembershipsAndBlocks = v.tuple([Memberships, Blocked]);

/**
 * Reads the presence of contacts, at most 200 of them, available ones first. Further commands can be added to the same transaction; it runs
 * only if there are contacts.
 */
export async function presenceOf(chat: Log, of: Contacts, now: number, add?: AddCommands): Promise<VisiblePresence[]> {
  const who = await mostAvailable(chat, [...of.keys()]);
  if (who.length === 0) return [];
  const [leases, records, actors] = await chat.store.transact(RosterRow, (batch) => {
    batch.zmscore(chat.keys.online, who);
    batch.hmget(chat.keys.presence, who[0] ?? "", ...who.slice(1));
    batch.mget(who.map((it) => chat.keys.actor(decode(it))));
    add?.(batch);
  });
  const all = who.map((it, i) => {
    // Without a record, it is not known since when a contact is unavailable: at most since they share a thread.
    const { actor, available, since, devices, ...said } = records[i] ?? {
      actor: actors[i] ?? { id: decode(it), objectType: "person" },
      available: false,
      since: of.get(it) ?? "",
      devices: [],
    };
    const isOnline = available && (leases[i] ?? 0) > now;
    const online = isOnline ? combineDevices(devices, now) : {};
    return visible({ actor, available: isOnline, ...(available ? online : describe(said)), since });
  });
  return all.sort((a, b) => Number(b.available) - Number(a.available));
}

/** Returns the 200 contacts whose leases end last: the records of thousands would not fit into one reply of the store. */
async function mostAvailable(chat: Log, who: string[]): Promise<string[]> {
  if (who.length <= ROSTER_MAX) return who;
  const [leases] = await chat.store.transact(v.tuple([Leases]), (batch) => batch.zmscore(chat.keys.online, who));
  const byLease = who.map((it, i) => ({ it, until: leases[i] ?? 0 })).sort((a, b) => b.until - a.until);
  return byLease.slice(0, ROSTER_MAX).map(({ it }) => it);
}

const Leases = v.array(v.nullable(v.pipe(v.union([v.string(), v.number()]), v.transform(Number))));
const RosterRow = v.tuple([
  Leases,
  v.array(v.nullable(StoredPresence)),
  v.array(v.nullable(v.pipe(v.string(), v.parseJson(), Actor))),
]);

/** Returns the threads that a user joined last. */
function latest(memberships: Memberships): string[] {
  const mine = [...memberships].filter(([, n]) => n > 0);
  // The last active ones would need the tips of all threads.
  return mine
    .sort(([, a], [, b]) => b - a)
    .slice(0, THREADS_MAX)
    .map(([id]) => id);
}

/**
 * Returns whether a member has sent, read or joined by their own action, by the read mark: that of a member who was only added ends in a
 * half.
 */
function isActive(read: string | null): boolean {
  return read !== null && !read.includes(".");
}
