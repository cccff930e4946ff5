import * as v from "valibot";
import { banWhileErased } from "../auth/ban.js";
import { erasedMember, erasingMember } from "../auth/ban-member.js";
import { revokeAll, type TokenContext } from "../auth/token.js";
import { write, writeScript } from "../log/write.js";
import type { ReachContext } from "../people/reach.js";
import { type FoundKey, type Keys, ownLog } from "../store/keys.js";
import type { Erasure } from "./data-request.js";
import { cutLogs } from "./erased-logs.js";
import { isUnderWay, lastRound } from "./last-round.js";
import { endMembership, someThreads } from "./memberships.js";
import { eraseFiles } from "./own-files.js";
import { eraseMessages } from "./own-messages.js";
import { createPerson, type Person } from "./person.js";
import { eraseDuePushes, erasePushes } from "./push-traces.js";
import { eraseBlocks, eraseContacts, eraseReports } from "./scattered-traces.js";
import { START, walk } from "./store-walk.js";
import { eraseFromOutbox, eraseFromOwnLogs } from "./stream-entries.js";
import { eraseInvites, eraseMember, eraseReactions, eraseReadMarks } from "./thread-traces.js";

/** The context of an erasure. */
export type ErasureContext = TokenContext & ReachContext;

/**
 * Erases a user, a part at each call: call again with `next` as `after` until there is none. What a call does can be done twice, so that one that
 * was cut off is repeated, or the whole begun anew. Messages become tombstones; whatever else names the user is removed. The user is banned
 * meanwhile; a ban of the host outlives the erasure, kept under a digest. Throws `unavailable`.
 */
export async function erase(
  chat: ErasureContext,
  { entity, after = "" }: v.InferOutput<typeof Erasure>,
  now: number,
): Promise<{ next?: string }> {
  const person = createPerson(entity);
  const [step = "", from = START] = after.split(" ");
  if (step === "traces" || step === "logs") {
    const { keys, next } = await walk(chat, from);
    await applyRules(step === "traces" ? TRACES : LOGS, chat, person, keys, now);
    if (next !== START) return { next: `${step} ${next}` };
    if (step === "traces") return { next: `logs ${START}` };
    const until = await lastRound(chat, now);
    if (until !== undefined) return { next: `rounds ${until}` };
  }
  if (step === "rounds" && (await isUnderWay(chat, Number(from), now))) return { next: after };
  if (step === "logs" || step === "rounds")
    return (await end(chat, person, now)) ? {} : { next: `memberships ${START}` };
  if (step === "") await shutOut(chat, person, now);
  const threads = await someThreads(chat, person);
  for (const id of threads) await endMembership(chat, person, id, now);
  return { next: threads.length > 0 ? `memberships ${START}` : `traces ${START}` };
}

/** Bans the user, so that nothing new comes of the user meanwhile, and revokes the user's tokens. */
async function shutOut(chat: ErasureContext, { entity }: Person, now: number): Promise<void> {
  await banWhileErased(chat, entity, now);
  await revokeAll(chat, entity, now);
}

type Rule = (chat: ErasureContext, person: Person, found: readonly FoundKey[], now: number) => Promise<void>;

/** Holds nothing of anybody: numbers, digests, ids of threads, secrets. */
const NOTHING = "nothing";
/** Has one entry or one key for a user, whose name is known: `end` removes it. */
const NAMED = "named";
/** Is kept with the thread of the same name, by its rule. */
const WITH_THREAD = "with its thread";

/** What an erasure does with the keys of each kind. A kind that is added to the keys must say it here. */
export const TRACES: Readonly<Record<keyof Keys, Rule | typeof NOTHING | typeof NAMED | typeof WITH_THREAD>> = {
  secret: NOTHING,
  marks: NOTHING,
  clock: NOTHING,
  wire: NOTHING,
  token: eraseContacts,
  tokens: NAMED,
  position: NOTHING,
  bans: NAMED,
  tips: NAMED,
  thread: eraseThread,
  members: WITH_THREAD,
  sent: WITH_THREAD,
  messages: eraseMessages,
  // The delivery logs, after all else: what streams read again then is clean.
  events: NAMED,
  reads: eraseReadMarks,
  reactions: eraseReactions,
  blocks: eraseBlocks,
  threads: NAMED,
  direct: NOTHING,
  invites: eraseInvites,
  invite: NOTHING,
  presence: NAMED,
  online: NAMED,
  reports: NOTHING,
  report: eraseReports,
  reported: NAMED,
  actor: NAMED,
  outbox: eraseFromOutbox,
  outboxLease: NOTHING,
  outboxTries: NOTHING,
  outboxDead: eraseFromOutbox,
  outboxUnread: NOTHING,
  pushKeys: NOTHING,
  pushUsers: NAMED,
  devices: NAMED,
  pushed: NAMED,
  pushOutbox: erasePushes,
  pushLease: NOTHING,
  pushDue: eraseDuePushes,
  preview: NOTHING,
  file: eraseFiles,
  files: NOTHING,
  threadFiles: NOTHING,
  uploads: NAMED,
  probe: NOTHING,
};

/** Ends a membership that the user's own list does not have, since the user blocks whoever added them; then forgets the user. */
async function eraseThread(chat: ErasureContext, person: Person, threads: readonly FoundKey[], now: number) {
  const roles = await chat.store.transact(v.array(v.nullable(v.string())), (batch) => {
    for (const { key } of threads) batch.hget(key, `role:${person.who}`);
  });
  for (const [i, { of }] of threads.entries()) if (roles[i] != null) await endMembership(chat, person, of, now);
  await eraseMember(chat, person, threads);
}

const LOGS: Readonly<Partial<Record<keyof Keys, Rule>>> = {
  thread: cutLogs,
  events: (chat, person, logs) =>
    eraseFromOwnLogs(
      chat,
      person,
      logs.filter(({ of }) => of.startsWith(ownLog(""))),
    ),
};

async function applyRules(
  rules: Readonly<Partial<Record<keyof Keys, Rule | string>>>,
  chat: ErasureContext,
  person: Person,
  keys: readonly FoundKey[],
  now: number,
): Promise<void> {
  for (const [kind, rule] of Object.entries(rules)) {
    const found = keys.filter((it) => it.kind === kind);
    if (found.length > 0 && typeof rule === "function") await rule(chat, person, found, now);
  }
}

// Removes what is kept under a user's name, unless the user was put into a thread meanwhile; ends the ban of the erasure, takes the name out of that of
// the host, and tells every instance to forget.
// KEYS: clock, bans, presence, online, users with devices, tips of the user's own log, the user's threads, then all keys that are the user's alone.
// ARGV: own: who (encoded), own log, and the members in bans of a user who is being erased, and of one who was.
// Returns: 1, or 0 if the user is in a thread, and 1 if the user is still banned, else 0.
const END = writeScript(`
local bans, presence, online, pushUsers, tips, threads = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local who, own, erasing, erased = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
for _, n in ipairs(redis.call('HVALS', threads)) do if tonumber(n) > 0 then return {0, 1} end end
if redis.call('ZREM', bans, who) == 1 then redis.call('ZADD', bans, '0', erased) end
redis.call('ZREM', bans, erasing)
local banned = redis.call('ZSCORE', bans, erased) and true or false
redis.call('HDEL', presence, who)
for _, holder in ipairs(redis.call('ZRANGE', online, '0', '-1')) do
  if string.match(holder, '^[^,]+') == who then redis.call('ZREM', online, holder) end
end
redis.call('ZREM', pushUsers, who)
redis.call('ZREM', tips, own)
for i = 7, #KEYS do redis.call('DEL', KEYS[i]) end
pass('revoke', who, '-', '{"tokens":[],"banned":' .. tostring(banned) .. ',"erased":true}')
commit()
return {1, banned and 1 or 0}
`);

async function end(chat: ErasureContext, { entity, who }: Person, now: number): Promise<boolean> {
  const { keys } = chat;
  const own = ownLog(entity);
  const alone = [
    ...[keys.tokens(entity), keys.blocks(entity), keys.reported(entity), keys.actor(entity)],
    ...[keys.uploads(entity), keys.devices(entity), keys.pushed(entity)],
  ];
  const [done, banned] = await write(
    chat,
    END,
    v.tuple([v.picklist([0, 1]), v.picklist([0, 1])]),
    now,
    [
      ...[keys.bans, keys.presence, keys.online, keys.pushUsers, keys.tips(own), keys.threads(entity)],
      ...[...alone, keys.events(own), keys.reads(own)],
    ],
    [who, own, erasingMember(entity), erasedMember(entity)],
  );
  if (done === 1) chat.tail.revoke(new Set(), { entity, isBanned: banned === 1 });
  return done === 1;
}
