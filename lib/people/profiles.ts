import * as v from "valibot";
import { BoundedMap } from "../bounded-map.js";
import { hasPassed } from "../elapsed.js";
import type { Log } from "../log/log.js";
import { Actor, Entity } from "../schema/actor.js";
import { decode, encode } from "../store/keys.js";
import type { Caller } from "./caller.js";
import { isGuest } from "./reach.js";
import { sharingThread, shownTo } from "./shared-threads.js";

/** The users to describe; by default the caller. Entities may contain commas, so each is a parameter of its own. */
export const ActorsQuery = v.object({
  ids: v.exactOptional(v.pipe(v.array(Entity), v.maxLength(100, "must name at most 100"))),
});

/**
 * Describes users in the given order: the caller, and those who share a thread with the caller; to a guest, those who have shown themselves
 * there. Others are left out, whether they exist or not.
 */
export async function actors(chat: Log, caller: Caller, query: v.InferOutput<typeof ActorsQuery>): Promise<Actor[]> {
  const me = caller.actor.id;
  const requested = [...new Set(query.ids ?? [me])];
  const others = requested.filter((entity) => entity !== me);
  const known = await (isGuest(caller) ? shownTo(chat, me, others) : sharingThread(chat, me, others));
  const described = await describe(chat, known.map(encode));
  const all = new Map<string, Actor>([[me, caller.actor]]);
  for (const id of known) all.set(id, described.get(encode(id)) ?? { id, objectType: "person" });
  return requested.flatMap((entity) => all.get(entity) ?? []);
}

// Repeated polls by one session cost no command: they need not notice sooner that another instance has stored another description.
const BELIEVED_MS = 60_000;

/**
 * Stores the description of a caller with a session, unless it is what the store has: another instance may have stored another one since.
 * Stream requests by the same session look for that once a minute. Callers with a chat token were described when it was created.
 */
export async function introduce(
  chat: Log & { introduced: Introduced },
  caller: Caller,
  { toStream, now }: { toStream: boolean; now: number },
): Promise<void> {
  const { id } = caller.actor;
  const { described, seconds } = introduction(caller, now);
  if (toStream && isIntroduced(chat.introduced, caller, described, now)) return;
  const isKnown = chat.introduced.get(id)?.described === described;
  if (!isKnown || !(await isStored(chat, id, described))) {
    await chat.store.transact(v.tuple([v.literal("OK")]), (batch) =>
      batch.set(chat.keys.actor(id), described, seconds === undefined ? {} : { ex: seconds }),
    );
  }
  noteIntroduced(chat.introduced, caller, described, now);
}

/** Returns the description of a caller with a session as it is stored, and for how many seconds: a guest's for as long as the session. */
export function introduction({ actor, expires }: Caller, now: number): { described: string; seconds?: number } {
  const described = JSON.stringify(actor);
  if (actor.objectType !== "guest") return { described };
  return { described, seconds: Math.max(1, Math.ceil((expires - now) / 1_000)) };
}

/** Whether this instance has lately seen that the description of a caller is stored, for the same session. */
export function isIntroduced(introduced: Introduced, { actor, sha }: Caller, described: string, now: number): boolean {
  const known = introduced.get(actor.id);
  return known?.described === described && known.sha === sha && !hasPassed(BELIEVED_MS, known.at, now);
}

/** Notes that the description of a caller is stored. */
export function noteIntroduced(introduced: Introduced, { actor, sha }: Caller, described: string, now: number): void {
  introduced.set(actor.id, { described, sha, at: now });
}

async function isStored(chat: Log, entity: string, described: string): Promise<boolean> {
  const [stored] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) =>
    batch.get(chat.keys.actor(entity)),
  );
  return stored === described;
}

/** The descriptions that this instance last knew to be stored, as JSON, by entity; of which session, and when that was, in ms. */
export type Introduced = BoundedMap<string, { described: string; sha: string; at: number }>;

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
