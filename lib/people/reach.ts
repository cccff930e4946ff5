import { BoundedMap } from "../bounded-map.js";
import { hasPassed } from "../elapsed.js";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";
import type { Caller } from "./caller.js";
import { sharingThread, shownTo } from "./shared-threads.js";

/** The context of `checkReach`. */
export type ReachContext = Log & { readonly reach: Reach };

/**
 * Checks that a caller may reach users for the first time: those who do not share a thread with the caller yet, whom the session does not
 * name as `contacts`. They are limited by the hour. With CHAT_REACH=contacts nobody is reached so. Guests put into a room only who has shown
 * themselves to them, since anybody can be written to, and would share a thread then: others come by invite. Throws `forbidden`, `not_a_contact`, `rate_limited`.
 */
export async function checkReach(
  chat: ReachContext,
  caller: Caller,
  entities: readonly string[],
  kind: "direct" | "room",
  now: number,
): Promise<void> {
  // Whoever has contacts is held to them, all of them named by the host.
  if (caller.contacts !== undefined) return;
  const me = caller.actor.id;
  const others = entities.filter((entity) => entity !== me);
  const known = kind === "room" && isGuest(caller) ? shownTo : sharingThread;
  const mayReach = chat.config.reach === "anyone" && known === sharingThread;
  const unknown = mayReach ? chat.reach.unreached(me, others, now) : others;
  if (unknown.length === 0) return;
  const { reach } = chat.config.rate;
  const most = isGuest(caller) ? Math.max(1, Math.floor(reach / GUEST_SHARE)) : reach;
  const strangers = await strangersAmong(chat, me, unknown, known, mayReach ? most : 0);
  if (strangers.length === 0) return;
  if (chat.config.reach === "contacts") throw new Fault("not_a_contact");
  if (!mayReach) throw new Fault("forbidden", { detail: "Guests add strangers to a room by invite only" });
  chat.reach.take(me, strangers, most, now);
}

/** Finds those whom a user does not know; no more of them than decides, since each costs the store a command. */
async function strangersAmong(
  chat: Log,
  me: string,
  entities: readonly string[],
  known: typeof sharingThread,
  most: number,
): Promise<string[]> {
  const strangers: string[] = [];
  for (let at = 0; at < entities.length && strangers.length <= most; at += AT_ONCE) {
    const some = entities.slice(at, at + AT_ONCE);
    const met = new Set(await known(chat, me, some));
    strangers.push(...some.filter((entity) => !met.has(entity)));
  }
  return strangers;
}

/** Whether a caller is a guest of this deployment, about whom the host knows nothing. */
export function isGuest({ actor }: Pick<Caller, "actor">): boolean {
  return actor.objectType === "guest";
}

// A request names thousands at most, nearly always few.
const AT_ONCE = 100;

// What guests may reach, as a part of what the host's users may.
const GUEST_SHARE = 10;

const HOUR_MS = 3_600_000;
const CALLERS_MAX = 20_000;

type Hour = { at: number; reached: Set<string> };

/** The users whom each caller has reached for the first time on this instance, within an hour. */
export class Reach {
  readonly #hours = new BoundedMap<string, Hour>(CALLERS_MAX);

  /** Returns those of `entities` whom the caller has not reached within this hour. */
  unreached(caller: string, entities: readonly string[], now: number): string[] {
    const hour = this.#hour(caller, now);
    return entities.filter((entity) => !hour?.reached.has(entity));
  }

  /** Counts users as reached by the caller, all of them or, beyond `most` an hour, none. Throws `rate_limited`. */
  take(caller: string, entities: readonly string[], most: number, now: number): void {
    const hour = this.#hour(caller, now) ?? { at: now, reached: new Set() };
    const more = entities.filter((entity) => !hour.reached.has(entity));
    if (hour.reached.size + more.length > most)
      throw new Fault("rate_limited", {
        detail: `At most ${most} people an hour can be reached for the first time`,
        retryAfter: Math.ceil((hour.at + HOUR_MS - now) / 1_000),
      });
    for (const entity of more) hour.reached.add(entity);
    this.#hours.set(caller, hour);
  }

  #hour(caller: string, now: number): Hour | undefined {
    const hour = this.#hours.get(caller);
    return hour === undefined || hasPassed(HOUR_MS, hour.at, now) ? undefined : hour;
  }
}
