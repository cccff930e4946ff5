import * as v from "valibot";
import type { Log } from "../log/log.js";
import type { Caller } from "../people/caller.js";
import { Entity } from "../schema/actor.js";
import { decode } from "../store/keys.js";
import type { VisiblePresence } from "./presence-record.js";
import { allContacts, presenceOf, ROSTER_MAX } from "./roster.js";

/** A page of a user's contacts: without `after` those who are available first, else those after an entity, or after none, by their entity. */
export const FriendsQuery = v.object({
  after: v.exactOptional(v.union([v.literal(""), Entity], "must be an entity or empty")),
});

/** The presence of up to 200 contacts, and how many there are on this page and the following ones. */
export async function friends(
  chat: Log,
  caller: Pick<Caller, "actor" | "contacts">,
  { after }: v.InferOutput<typeof FriendsQuery>,
  now: number,
): Promise<{ page: VisiblePresence[]; total: number }> {
  const all = await allContacts(chat, caller);
  if (after === undefined) return { page: await presenceOf(chat, all, now), total: all.size };
  const following = [...all].map(([who, since]) => ({ who, since, entity: decode(who) })).filter(isAfter(after));
  following.sort((a, b) => compare(a.entity, b.entity));
  const part = new Map(following.slice(0, ROSTER_MAX).map(({ who, since }) => [who, since]));
  const page = await presenceOf(chat, part, now);
  return { page: page.sort((a, b) => compare(a.entity, b.entity)), total: following.length };
}

function isAfter(after: string): (it: { entity: string }) => boolean {
  return ({ entity }) => entity > after;
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
