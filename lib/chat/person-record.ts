import * as v from "valibot";
import { banMembers, FIRST_NAMED } from "../auth/ban-member.js";
import type { Instance } from "../log/instance.js";
import { Memberships } from "../log/memberships.js";
import { describe } from "../people/profiles.js";
import type { Actor } from "../schema/actor.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { KEPT } from "./report.js";

/** What moderators see of a user, who need not have been seen before: the description, how many threads the user is in, and whether banned. */
export type PersonRecord = { entity: string; actor?: Actor; threads: number; banned: boolean };

const Read = v.tuple([Memberships, v.nullable(v.array(v.nullable(Count)))]);

/** Reads the record of a user. */
export async function personRecord(chat: Instance, entity: string): Promise<PersonRecord> {
  const { keys, store } = chat;
  const [memberships, scores] = await store.transact(Read, (batch) => {
    batch.hgetall(keys.threads(entity));
    batch.zmscore(keys.bans, banMembers(entity));
  });
  const who = encode(entity);
  const actor = (await describe(chat, [who])).get(who);
  return {
    entity,
    ...(actor === undefined ? {} : { actor }),
    threads: [...memberships.values()].filter((n) => n > 0).length,
    banned: scores?.some((it) => it !== null) === true,
  };
}

/** Counts what moderators look after: open reports, and banned users. */
export async function moderationCounters(
  { keys, store }: Instance,
  now: number,
): Promise<{ reports: number; bans: number }> {
  const [reports, bans] = await store.transact(v.tuple([Count, Count]), (batch) => {
    batch.zcount(keys.reports, now - KEPT * 1_000, "+inf");
    batch.zlexcount(keys.bans, FIRST_NAMED, "+");
  });
  return { reports, bans };
}
