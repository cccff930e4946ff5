import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { INVITE_TTL_MAX } from "../schema/invite.js";
import { decode, digest, encode } from "../store/keys.js";
import { CROWDED } from "./membership.js";
import { checkOutcome } from "./outcome.js";

// Listing them stays short, and revoking one a matter of a glance.
const INVITES_MAX = 100;

// Creates an invite to a room. Those that have ended are removed.
// KEYS: thread, invites of the thread, invite. ARGV: who (encoded), thread id, SHA-256, lifetime in s, when it ends, now in ms.
// Returns: {ok}, {not_member}, {forbidden} or {many}.
const INVITE = `
local thread, invites, invite = KEYS[1], KEYS[2], KEYS[3]
local who, id, sha, ttl, ends, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local it = redis.call('HMGET', thread, 'kind', 'role:' .. who)
if not it[2] then return {'not_member'} end
if it[1] ~= 'room' or it[2] == 'visitor' then return {'forbidden'} end
local all, living = redis.call('HGETALL', invites), 0
for i = 1, #all, 2 do
  if tonumber(string.match(all[i + 1], '%d+$')) > now then living = living + 1 else redis.call('HDEL', invites, all[i]) end
end
if living >= ${INVITES_MAX} then return {'many'} end
redis.call('HSET', invites, sha, who .. ' ' .. ends)
redis.call('EXPIRE', invites, ${INVITE_TTL_MAX})
redis.call('SET', invite, id, 'EX', ttl)
return {'ok'}
`;

/**
 * Creates a code with which any user can join a room; owners and members may create one. It ends with its lifetime, and when its maker
 * leaves, is removed or becomes a visitor, and does not hold while its maker is banned from the deployment. Throws `thread_not_found`, `forbidden`.
 */
export async function invite(
  chat: Instance,
  caller: Caller,
  thread: string,
  ttl: number,
  now: number,
): Promise<{ id: string; code: string; expires: string }> {
  const code = randomBytes(16).toString("base64url");
  const id = digest(code);
  const ends = now + ttl * 1_000;
  const [outcome] = await chat.store.runScript(
    INVITE,
    v.tuple([v.picklist(["ok", "not_member", "forbidden", "many"])]),
    [chat.keys.thread(thread), chat.keys.invites(thread), chat.keys.invite(id)],
    [encode(caller.actor.id), thread, id, ttl, ends, now],
  );
  checkOutcome(outcome, { many: `A room has at most ${INVITES_MAX} living invites: revoke some`, forbidden: INVITERS });
  return { id, code, expires: new Date(ends).toISOString() };
}

const INVITERS = "Only owners and members of a room invite";

/** What a user is told whom the room of an invite has banned. */
export const BARRED = "You are banned from this room";

/** An invite as those see it who may revoke it; its code was shown once. */
export type Invite = { id: string; by: string; expires: string };

const Standing = v.tuple([v.tuple([v.nullable(v.string()), v.nullable(v.string())]), v.array(v.string())]);

/** Lists the living invites to a room, the first to end first: to owners all, to members their own. Throws `thread_not_found`, `forbidden`. */
export async function invites(chat: Instance, caller: Caller, thread: string, now: number): Promise<Invite[]> {
  const me = encode(caller.actor.id);
  const [[role, kind], flat] = await chat.store.transact(Standing, (batch) => {
    batch.hmget(chat.keys.thread(thread), `role:${me}`, "kind");
    batch.hgetall(chat.keys.invites(thread));
  });
  if (role === null) throw new Fault("thread_not_found");
  if (kind !== "room" || role === "visitor") throw new Fault("forbidden", { detail: INVITERS });
  const all = Array.from({ length: flat.length / 2 }, (_, i) => {
    const [by = "", ends] = flat[2 * i + 1]?.split(" ") ?? [];
    return { id: flat[2 * i] ?? "", by, ends: Number(ends) };
  });
  return all
    .filter(({ by, ends }) => ends > now && (role === "owner" || by === me))
    .sort((a, b) => a.ends - b.ends)
    .map(({ id, by, ends }) => ({ id, by: decode(by), expires: new Date(ends).toISOString() }));
}

// Revokes an invite. KEYS: thread, invites of the thread, invite. ARGV: who (encoded), SHA-256.
// Returns: {ok}, {not_member}, {forbidden} or {gone}.
const REVOKE = `
local thread, invites, invite = KEYS[1], KEYS[2], KEYS[3]
local who, sha = ARGV[1], ARGV[2]
local role = redis.call('HGET', thread, 'role:' .. who)
if not role then return {'not_member'} end
local made = redis.call('HGET', invites, sha)
local own = made and string.match(made, '^%S+') == who
if role == 'visitor' or (made and not own and role ~= 'owner') then return {'forbidden'} end
if not made then return {'gone'} end
redis.call('HDEL', invites, sha)
redis.call('DEL', invite)
return {'ok'}
`;

/** Revokes an invite to a room, as its maker or an owner. Throws `thread_not_found`, `forbidden`, `not_found`. */
export async function revoke(chat: Instance, caller: Caller, thread: string, id: string): Promise<void> {
  const [outcome] = await chat.store.runScript(
    REVOKE,
    v.tuple([v.picklist(["ok", "not_member", "forbidden", "gone"])]),
    [chat.keys.thread(thread), chat.keys.invites(thread), chat.keys.invite(id)],
    [encode(caller.actor.id), id],
  );
  if (outcome === "gone") throw unknownInvite();
  checkOutcome(outcome, { forbidden: "Only its maker and owners of the room may revoke an invite" });
}

// Adds the caller to a room by a valid invite, whose maker may still invite and is not banned from the deployment; also a caller whom a blocked user has added before, and who
// therefore does not see the room. Who was a visitor when leaving is one again.
// KEYS: clock, thread, events, tips, members, the caller's threads, invite, invites of the thread, bans. ARGV: own: who (encoded), thread id,
// most members, stanza, time, SHA-256 of the code, stanza that makes the caller a visitor.
// Returns: {ok}, {unknown}, {forbidden}, {full} or {crowded}.
const JOIN = writeScript(`
local thread, events, tips, members, mine, invite, invites, bans = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local who, id, most, stanza, timestamp, sha, silencing = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8], ARGV[9], ARGV[10], ARGV[11]
${CROWDED}
local it = redis.call('HMGET', thread, 'tip', 'seq', 'role:' .. who, 'ban:' .. who, 'changed', 'was:' .. who)
local tip, seq, role, banned, tags, silent = it[1], it[2], it[3], it[4], it[5], it[6]
if repeated(tags) then return {'ok'} end
local made = redis.call('HGET', invites, sha)
if redis.call('GET', invite) ~= id or not tip or not made then return {'unknown'} end
local maker = string.match(made, '^%S+')
local right = redis.call('HGET', thread, 'role:' .. maker)
if not right or right == 'visitor' or redis.call('ZSCORE', bans, maker) then return {'unknown'} end
if role and tonumber(redis.call('HGET', mine, id) or 0) > 0 then return {'ok'} end
if banned then return {'forbidden'} end
if not role and redis.call('ZCARD', members) >= most then return {'full'} end
if crowded(mine) then return {'crowded'} end
local at = append(events, tip, 'join', who, id, stanza)
local newest = silent and append(events, at, 'post', who, id, silencing) or at
redis.call('HDEL', thread, 'was:' .. who, 'unaware:' .. who)
role = role or silent and 'visitor' or 'member'
redis.call('HSET', thread, 'role:' .. who, role, 'read:' .. who, seq, 'from:' .. who, seq, 'tip', newest, 'updated', timestamp, 'changed', tagged(tags))
redis.call('ZADD', members, at, who)
redis.call('HSET', mine, id, at)
redis.call('ZADD', tips, newest, id)
commit()
return {'ok'}
`);

/** Joins the room of an invite, and returns its id. Throws `not_found` for an invalid code, `forbidden`, `too_large`. */
export async function join(chat: Instance, caller: Caller, code: string, now: number): Promise<string> {
  const sha = digest(code);
  const key = chat.keys.invite(sha);
  const [thread] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) => batch.get(key));
  if (thread === null) throw unknownInvite();
  const entity = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const stanza = (change: object) =>
    JSON.stringify({
      type: "thread",
      thread: { id: thread, ...change, by: entity, entity, timestamp, entities: [entity] },
    });
  const [outcome] = await write(
    chat,
    JOIN,
    v.tuple([v.picklist(["ok", "unknown", "forbidden", "full", "crowded"])]),
    now,
    [
      ...[chat.keys.thread(thread), chat.keys.events(thread), chat.keys.tips(thread), chat.keys.members(thread)],
      ...[chat.keys.threads(entity), key, chat.keys.invites(thread), chat.keys.bans],
    ],
    [
      ...[encode(entity), thread, chat.config.roomMax, stanza({ action: "added" }), timestamp, sha],
      stanza({ action: "role", role: "visitor" }),
    ],
  );
  if (outcome === "unknown") throw unknownInvite();
  checkOutcome(outcome, { full: `A room has at most ${chat.config.roomMax} members`, forbidden: BARRED });
  return thread;
}

/** Returns the fault for an invite that does not hold. */
export function unknownInvite(): Fault {
  return new Fault("not_found", { detail: "No such invite: it may have expired or been revoked" });
}
