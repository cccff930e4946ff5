import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import type { Caller } from "../people/caller.js";
import { describe } from "../people/profiles.js";
import { decode, digest, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { BARRED, unknownInvite } from "./invite.js";

/** What an invite leads to, for a user who has not decided yet: of its maker only the name, and of the members only their number. */
export type InvitePreview = {
  thread: string;
  subject?: string;
  by: { id: string; displayName?: string };
  memberCount: number;
  /** Whether the caller is a member already. */
  member: boolean;
};

const text = v.nullable(v.string());
const Room = v.tuple([v.tuple([text, text]), text, Count, v.nullable(Count)]);

/** Reads an invite without joining. Throws what `join` would: `not_found` for a code that does not hold, `forbidden` for a banned user. */
export async function previewInvite(chat: Instance, caller: Caller, code: string): Promise<InvitePreview> {
  const { keys, store } = chat;
  const sha = digest(code);
  const me = encode(caller.actor.id);
  const [thread] = await store.transact(v.tuple([text]), (batch) => batch.get(keys.invite(sha)));
  if (thread === null) throw unknownInvite();
  const [[subject, banned], invite, memberCount, joined] = await store.transact(Room, (batch) => {
    batch.hmget(keys.thread(thread), "subject", `ban:${me}`);
    batch.hget(keys.invites(thread), sha);
    batch.zcard(keys.members(thread));
    batch.hget(keys.threads(caller.actor.id), thread);
  });
  const maker = invite?.split(" ")[0];
  if (maker === undefined) throw unknownInvite();
  const by = await readMaker(chat, thread, maker);
  if (banned !== null) throw new Fault("forbidden", { detail: BARRED });
  return { thread, ...(subject ? { subject } : {}), by, memberCount, member: (joined ?? 0) > 0 };
}

const Right = v.tuple([v.tuple([text]), v.nullable(Count)]);

/** Reads the name of an invite's maker, with whose right the invite ends. */
async function readMaker(chat: Instance, thread: string, maker: string): Promise<InvitePreview["by"]> {
  const [[role], ban] = await chat.store.transact(Right, (batch) => {
    batch.hmget(chat.keys.thread(thread), `role:${maker}`);
    batch.zscore(chat.keys.bans, maker);
  });
  if (role === null || role === "visitor" || ban !== null) throw unknownInvite();
  const displayName = (await describe(chat, [maker])).get(maker)?.displayName;
  return { id: decode(maker), ...(displayName === undefined ? {} : { displayName }) };
}
