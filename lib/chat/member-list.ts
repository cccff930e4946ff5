import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import { describe } from "../people/profiles.js";
import { isSystem } from "../people/system.js";
import { pageLimit } from "../schema/field.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { type Member, member } from "./thread-view.js";

// A member has at most 4 KiB of description, so that a page of these stays far below 1 MiB.
const LISTED_MAX = 100;

/** A page of a thread's members: those after the position at which an earlier page ended. */
export const MembersQuery = v.object({
  after: v.exactOptional(v.pipe(v.string(), v.regex(/^\d{1,16}(?:\.\d{1,6})?$/, "must be the `after` of a page"))),
  limit: v.optional(pageLimit(LISTED_MAX), `${LISTED_MAX}`),
});

/**
 * A page of members in the order in which they joined; if there are `more`, those `after` a position that only the server reads. `self` is the
 * caller's own membership, which the system need not have.
 */
export type MemberPage = { members: Member[]; memberCount: number; self?: Member; more?: true; after?: string };

const text = v.nullable(v.string());
// Some stores answer with a score as a number.
const Score = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const Joined = v.tuple([v.array(Score), Count, v.tuple([text, text, text])]);
const Details = v.tuple([v.array(text)]);

/** Lists the members of a thread with their roles, and the caller's own membership with each page. Throws `thread_not_found`. */
export async function members(
  chat: Instance,
  caller: Caller,
  id: string,
  { after, limit }: v.InferOutput<typeof MembersQuery>,
): Promise<MemberPage> {
  const me = encode(caller.actor.id);
  const beyond = after === undefined ? "-inf" : (`(${Number(after)}` as const);
  const [flat, memberCount, [kind, ...own]] = await chat.store.transact(Joined, (batch) => {
    const order = { byScore: true, offset: 0, count: limit + 1, withScores: true } as const;
    batch.zrange(chat.keys.members(id), beyond, "+inf", order);
    batch.zcard(chat.keys.members(id));
    batch.hmget(chat.keys.thread(id), "kind", `role:${me}`, `read:${me}`);
  });
  if (own[0] === null && !(isSystem(caller) && kind !== null)) throw new Fault("thread_not_found");
  const shown = flat.filter((_, i) => i % 2 === 0).slice(0, limit);
  const ends = flat.length > 2 * limit ? flat[2 * limit - 1] : undefined;
  return {
    members: await describeMembers(chat, caller, id, shown),
    memberCount,
    ...(own[0] === null ? {} : { self: member(caller, me, own, undefined) }),
    ...(ends === undefined ? {} : { more: true, after: ends }),
  };
}

/** Adds roles, read marks and descriptions to members; who has left meanwhile is left out. */
async function describeMembers(
  chat: Instance,
  caller: Caller,
  id: string,
  shown: readonly string[],
): Promise<Member[]> {
  const [first, ...rest] = shown.flatMap((who) => [`role:${who}`, `read:${who}`]);
  if (first === undefined) return [];
  const [fields] = await chat.store.transact(Details, (batch) => batch.hmget(chat.keys.thread(id), first, ...rest));
  const actors = await describe(chat, shown);
  return shown.flatMap((who, i) => {
    const own = fields.slice(2 * i, 2 * i + 2);
    return own[0] ? [member(caller, who, own, actors.get(who))] : [];
  });
}
