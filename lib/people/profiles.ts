import * as v from "valibot";
import { BoundedMap } from "../bounded-map.js";
import type { Log } from "../log/log.js";
import { Memberships } from "../log/memberships.js";
import { Actor, Entity } from "../schema/actor.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Caller } from "./caller.js";

/** Whom to describe; nobody named is oneself. Entities may hold commas, so each is a parameter of its own. */
export const ActorsQuery = v.object({
  ids: v.exactOptional(v.pipe(v.array(Entity), v.maxLength(100, "must name at most 100"))),
});

/** Describes people in the order asked: oneself, and those who share a thread with the caller. Others are left out, whether they exist or not. */
export async function actors(chat: Log, caller: Caller, query: v.InferOutput<typeof ActorsQuery>): Promise<Actor[]> {
  const me = caller.actor.id;
  const asked = [...new Set(query.ids ?? [me])];
  const known = await acquaintances(
    chat,
    me,
    asked.filter((entity) => entity !== me),
  );
  const described = await describe(chat, known.map(encode));
  const all = new Map<string, Actor>([[me, caller.actor]]);
  for (const id of known) all.set(id, described.get(encode(id)) ?? { id, objectType: "person" });
  return asked.flatMap((entity) => all.get(entity) ?? []);
}

/** Lets others know how somebody is called who comes by a session, once an instance and name: those who come by a chat token were described when it was made. */
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

/** How users who came to this instance by a session are described, as JSON. */
export type Introduced = BoundedMap<string, string>;

export function createIntroduced(): Introduced {
  return new BoundedMap(10_000);
}

const Known = v.array(v.nullable(v.pipe(v.string(), v.parseJson(), Actor)));

/** Reads the descriptions of people, given and answered by their encoded entities. */
export async function describe(chat: Log, encoded: readonly string[]): Promise<Map<string, Actor>> {
  const who = [...new Set(encoded)];
  if (who.length === 0) return new Map();
  const [actors] = await chat.store.transact(v.tuple([Known]), (batch) =>
    batch.mget(who.map((it) => chat.keys.actor(decode(it)))),
  );
  return new Map(who.flatMap((it, i): [string, Actor][] => (actors[i] ? [[it, actors[i]]] : [])));
}

// How many fields one request may name, so that it stays near 1 MB for somebody of thousands of threads.
const FIELDS = 20_000;

/** Finds those of some people who share a thread with somebody: each is asked for that one's threads, however many they have themselves. */
async function acquaintances(chat: Log, me: string, others: readonly string[]): Promise<string[]> {
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
