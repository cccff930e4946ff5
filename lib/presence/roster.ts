import * as v from "valibot";
import { BoundedMap } from "../bounded-map.js";
import { type Cursor, formatCursor } from "../log/cursor.js";
import type { Log } from "../log/log.js";
import type { Member } from "../log/membership-cache.js";
import { Blocked, Memberships } from "../log/memberships.js";
import { Actor } from "../schema/actor.js";
import { decode, digest, encode } from "../store/keys.js";
import { type AddCommands, rows } from "../store/redis.js";
import { Count, Texts } from "../store/replies.js";
import { prevailing, Word } from "./device.js";

// Contacts are people who share a thread of at most so many members; in larger ones presence is noise, and costs its square.
const SMALL = 100;
// The threads in which presence is shown, the latest active ones; who has more has not looked at the others for long.
const THREADS_MAX = 100;
/** Contacts that a roster names, available ones first. */
const ROSTER_MAX = 200;

/** What is known of somebody's presence: what their devices said, what of it was told, and since when. */
export const Record = v.object({
  actor: Actor,
  available: v.boolean(),
  show: v.exactOptional(v.string()),
  status: v.exactOptional(v.string()),
  since: v.string(),
  words: v.optional(v.array(Word), () => []),
});
export type Record = v.InferOutput<typeof Record>;
export const RecordJson = v.pipe(v.string(), v.parseJson(), Record);

/** Writes presence as others see it: of those who appear offline only that they are not there. */
export function seen({ actor, available, show, status, since }: Omit<Record, "words">) {
  const said = { ...(show === undefined ? {} : { show }), ...(status === undefined ? {} : { status }) };
  return { entity: actor.id, actor, available, ...(available ? said : {}), since };
}

/** Lists the small threads in which somebody has sent, read or joined by themselves: there others see their presence. */
export async function reach(chat: Log, entity: string): Promise<string[]> {
  const [memberships] = await chat.store.transact(v.tuple([Memberships]), (batch) =>
    batch.hgetall(chat.keys.threads(entity)),
  );
  const threads = latest(memberships);
  if (threads.length === 0) return [];
  const found = await chat.store.transact(rows(ReachRow, 2), (batch) => {
    for (const id of threads) {
      batch.hmget(chat.keys.thread(id), `read:${encode(entity)}`);
      batch.zcard(chat.keys.members(id));
    }
  });
  return threads.filter((_, i) => {
    const [[read = null] = [], size = 0] = found[i] ?? [];
    return hasShown(read) && size <= SMALL;
  });
}

const ReachRow = v.tuple([v.tuple([v.nullable(v.string())]), Count]);

export type Seen = ReturnType<typeof seen>;

/** Reads the presence of somebody's contacts as it is now, at most 200 of them, available ones first. */
export async function roster(chat: Log, entity: string, now: number): Promise<Seen[]> {
  const [memberships, blocked] = await chat.store.transact(MembershipsAndBlocks, (batch) => {
    batch.hgetall(chat.keys.threads(entity));
    batch.hgetall(chat.keys.blocks(entity));
  });
  return presenceOf(chat, await contacts(chat, { entity, memberships, blocked }), now);
}

/** Those who share a small thread with somebody and have shown themselves there, encoded → when that thread was made. */
export type Contacts = ReadonlyMap<string, string>;

// Finds who is in threads and how far they have read; large threads are left out.
// KEYS: of each thread its hash and its members. Returns: of each {members, {created, how far each has read}}.
const MEET = `
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

/** Finds somebody's contacts. Whom one blocks is none. */
export async function contacts(chat: Log, of: Pick<Member, "entity" | "memberships" | "blocked">): Promise<Contacts> {
  const found = new Map<string, string>();
  const threads = latest(of.memberships);
  if (threads.length === 0) return found;
  const scriptKeys = threads.flatMap((id) => [chat.keys.thread(id), chat.keys.members(id)]);
  for (const [members, [created, ...reads]] of await chat.store.runScript(MEET, v.array(MeetRow), scriptKeys, [])) {
    for (const [i, who] of members.entries()) {
      if (hasShown(reads[i] ?? null) && !found.has(who)) found.set(who, created ?? "");
    }
  }
  for (const who of [encode(of.entity), ...of.blocked.keys()]) found.delete(who);
  return found;
}

const MeetRow = v.tuple([Texts, v.array(v.nullable(v.string()))]);
const MembershipsAndBlocks = v.tuple([Memberships, Blocked]);

/** Reads the presence of contacts; what else is to be asked for or written may go along. */
async function presenceOf(chat: Log, of: Contacts, now: number, along?: AddCommands): Promise<Seen[]> {
  const who = [...of.keys()];
  if (who.length === 0) return [];
  const [leases, records, actors] = await chat.store.transact(RosterRow, (batch) => {
    batch.zmscore(chat.keys.online, who);
    batch.hmget(chat.keys.presence, who[0] ?? "", ...who.slice(1));
    batch.mget(who.map((it) => chat.keys.actor(decode(it))));
    along?.(batch);
  });
  const all = who.map((it, i) => {
    // Of whom nothing is kept it is not known since when; that they share a thread is the earliest that can be said.
    const { actor, available, since, words } = records[i] ?? {
      actor: actors[i] ?? { id: decode(it), objectType: "person" },
      available: false,
      since: of.get(it) ?? "",
      words: [],
    };
    const isHere = available && (leases[i] ?? 0) > now;
    return seen({ actor, available: isHere, ...prevailing(words, now), since });
  });
  return all.sort((a, b) => Number(b.available) - Number(a.available)).slice(0, ROSTER_MAX);
}

/** A roster as a stanza, and what it is known by. */
export type News = { body: string; hash: string };

/** Writes the roster of contacts as a stanza; undefined when there are none, and then nothing goes along. */
export async function news(chat: Log, of: Contacts, now: number, along?: AddCommands): Promise<News | undefined> {
  const presence = await presenceOf(chat, of, now, along);
  if (presence.length === 0) return undefined;
  const body = JSON.stringify({ type: "presence", presence });
  return { body, hash: digest(body) };
}

// A cursor and a hash are some 100 bytes.
const KNOWN_MAX = 20_000;

/** The rosters that clients know, by the cursor they hold: an unchanged roster is not sent again. */
export class KnownRosters {
  readonly #known = new BoundedMap<string, string>(KNOWN_MAX);

  /** Whether a roster is the one that was sent with a cursor, or with one before it. */
  has(entity: string, cursor: Cursor, { hash }: News): boolean {
    return this.#known.get(`${formatCursor(cursor)} ${entity}`) === hash;
  }

  /** Notes that the client that continues from a cursor knows a roster. */
  note(entity: string, cursor: Cursor, { hash }: News): void {
    this.#known.set(`${formatCursor(cursor)} ${entity}`, hash);
  }
}

const RosterRow = v.tuple([
  v.array(v.nullable(v.pipe(v.union([v.string(), v.number()]), v.transform(Number)))),
  v.array(v.nullable(RecordJson)),
  v.array(v.nullable(v.pipe(v.string(), v.parseJson(), Actor))),
]);

/** The threads of somebody that were active last. */
function latest(memberships: Memberships): string[] {
  const mine = [...memberships].filter(([, n]) => n > 0);
  // Without asking for the tips of all: who has more threads than that is met in those joined last.
  return mine
    .sort(([, a], [, b]) => b - a)
    .slice(0, THREADS_MAX)
    .map(([id]) => id);
}

/** Tells by how far somebody has read whether they have sent, read or joined by themselves: one that was added stands at a half. */
function hasShown(read: string | null): boolean {
  return read !== null && !read.includes(".");
}
