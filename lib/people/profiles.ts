import * as v from "valibot";
import { BoundedMap } from "../bounded-map.js";
import type { Log } from "../log/log.js";
import { Memberships } from "../log/memberships.js";
import { Actor, Entity } from "../schema/actor.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Caller } from "./caller.js";

/** The users to describe; by default the caller. Entities may contain commas, so each is a parameter of its own. */
export const ActorsQuery = v.object({
  ids: v.exactOptional(v.pipe(v.array(Entity), v.maxLength(100, "must name at most 100"))),
});

/**
 * Describes users in the given order: the caller, and those who share a thread with the caller. Others are left out, whether they exist or
 * not.
 */
export async function actors(chat: Log, caller: Caller, query: v.InferOutput<typeof ActorsQuery>): Promise<Actor[]> {
  const me = caller.actor.id;
  const requested = [...new Set(query.ids ?? [me])];
  const known = await sharingThread(
    chat,
    me,
    requested.filter((entity) => entity !== me),
  );
  const described = await describe(chat, known.map(encode));
  const all = new Map<string, Actor>([[me, caller.actor]]);
  for (const id of known) all.set(id, described.get(encode(id)) ?? { id, objectType: "person" });
  return requested.flatMap((entity) => all.get(entity) ?? []);
}

/**
 * Stores the description of a caller with a session, once per instance and description. Callers with a chat token were described when it
 * was created.
 */
export async function introduce(
  chat: Log & { introduced: Introduced },
  { actor, expires }: Caller,
  now: number,
): Promise<void> {
  const described = JSON.stringify(actor);
  if (chat.introduced.get(actor.id) === described) return;
  const life = actor.objectType === "guest" ? { ex: Math.max(1, Math.ceil((expires - now) / 1_000)) } : {};
  await chat.store.transact(v.tuple([v.literal("OK")]), (batch) =>
    batch.set(chat.keys.actor(actor.id), described, life),
  );
  chat.introduced.set(actor.id, described);
}

/** The descriptions that this instance has stored, as JSON, by entity. */
export type Introduced = BoundedMap<string, string>;

export function createIntroduced(): Introduced {
  return new BoundedMap(10_000);
}

const Known = v.array(v.nullable(v.pipe(v.string(), v.parseJson(), Actor)));

/** Reads the descriptions of users. The entities are encoded, as are the keys of the result. */
export async function describe(chat: Log, encoded: readonly string[]): Promise<Map<string, Actor>> {
  const who = [...new Set(encoded)];
  if (who.length === 0) return new Map();
  const [actors] = await chat.store.transact(v.tuple([Known]), (batch) =>
    batch.mget(who.map((it) => chat.keys.actor(decode(it)))),
  );
  return new Map(who.flatMap((it, i): [string, Actor][] => (actors[i] ? [[it, actors[i]]] : [])));
}

// The number of fields in a request, so that it stays near 1 MB for a user with thousands of threads.
const FIELDS = 20_000;

/**
 * Finds the users who share a thread with another user: looks up that user's threads in the memberships of each, however many these are.
 */
async function sharingThread(chat: Log, me: string, others: readonly string[]): Promise<string[]> {
  if (others.length === 0) return [];
  const [memberships] = await chat.store.transact(v.tuple([Memberships]), (batch) =>
    batch.hgetall(chat.keys.threads(me)),
  );
  const [first, ...rest] = [...memberships].flatMap(([thread, n]) => (n > 0 ? [thread] : []));
  if (first === undefined) return [];
  const found: string[] = [];
  const step = Math.max(1, Math.floor(FIELDS / (rest.length + 1)));
  for (let at = 0; at < others.length; at += step) {
    const some = others.slice(at, at + step);
    const rows = await chat.store.transact(v.array(v.array(v.nullable(Count))), (batch) => {
      for (const entity of some) batch.hmget(chat.keys.threads(entity), first, ...rest);
    });
    found.push(...some.filter((_, i) => rows[i]?.some((n) => n !== null && n >= 0)));
  }
  return found;
}
