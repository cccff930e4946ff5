import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { digest, encode } from "../store/keys.js";
import { checkOutcome } from "./outcome.js";

const DAY = 86_400;
const TTL = v.pipe(
  v.number("must be a number"),
  v.safeInteger("must be a whole number"),
  v.minValue(1, "must be at least 1"),
  v.maxValue(30 * DAY, `must be at most ${30 * DAY}`),
);

/** The body of `POST threads/<id>/invites`: the lifetime of the invite in seconds, a week by default. */
export const NewInvite = v.optional(v.object({ ttl: v.optional(TTL, 7 * DAY) }, "must be an object"), {});

/** The body of `POST threads/join`. */
export const Joining = v.object(
  { code: v.pipe(v.string("must be a string"), v.maxLength(64, "must be an invite's code")) },
  "must be an object",
);

// Creates an invite to a room. KEYS: thread, invite. ARGV: role field of the caller, thread id, lifetime in s.
// Returns: {ok}, {not_member} or {forbidden}.
const INVITE = `
local thread, invite = KEYS[1], KEYS[2]
local role, id, ttl = ARGV[1], ARGV[2], ARGV[3]
local it = redis.call('HMGET', thread, 'kind', role)
if not it[2] then return {'not_member'} end
if it[1] ~= 'room' or it[2] == 'visitor' then return {'forbidden'} end
redis.call('SET', invite, id, 'EX', ttl)
return {'ok'}
`;

/** Creates a code with which any user can join a room; owners and members may create one. Throws `thread_not_found`, `forbidden`. */
export async function invite(
  chat: Instance,
  caller: Caller,
  thread: string,
  ttl: number,
  now: number,
): Promise<{ code: string; expires: string }> {
  const code = randomBytes(16).toString("base64url");
  const [outcome] = await chat.store.runScript(
    INVITE,
    v.tuple([v.picklist(["ok", "not_member", "forbidden"])]),
    [chat.keys.thread(thread), chat.keys.invite(digest(code))],
    [`role:${encode(caller.actor.id)}`, thread, ttl],
  );
  checkOutcome(outcome);
  return { code, expires: new Date(now + ttl * 1_000).toISOString() };
}

// Adds the caller to a room by a valid invite; also a caller whom a blocked user has added before, and who therefore does not see the room.
// KEYS: clock, thread, events, tips, members, the caller's threads, invite. ARGV: own: who (encoded), thread id, most members, stanza,
// time.
// Returns: {ok}, {unknown}, {forbidden} or {full}.
const JOIN = writeScript(`
local thread, events, tips, members, mine, invite = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local who, id, most, stanza, timestamp = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8], ARGV[9]
local it = redis.call('HMGET', thread, 'tip', 'seq', 'role:' .. who, 'ban:' .. who, 'changed')
local tip, seq, role, banned, tags = it[1], it[2], it[3], it[4], it[5]
if repeated(tags) then return {'ok'} end
if redis.call('GET', invite) ~= id or not tip then return {'unknown'} end
if role and redis.call('HGET', mine, id) ~= '0' then return {'ok'} end
if banned then return {'forbidden'} end
if not role and redis.call('ZCARD', members) >= most then return {'full'} end
local at = append(events, tip, 'join', who, id, stanza)
redis.call('HSET', thread, 'role:' .. who, role or 'member', 'read:' .. who, seq, 'tip', at, 'updated', timestamp, 'changed', tagged(tags))
redis.call('ZADD', members, at, who)
redis.call('HSET', mine, id, at)
redis.call('ZADD', tips, at, id)
commit()
return {'ok'}
`);

/** Joins the room of an invite, and returns its id. Throws `not_found` for an invalid code, `forbidden`, `too_large`. */
export async function join(chat: Instance, caller: Caller, code: string, now: number): Promise<string> {
  const key = chat.keys.invite(digest(code));
  const [thread] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) => batch.get(key));
  if (thread === null) throw unknown();
  const entity = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const stanza = {
    type: "thread",
    thread: { id: thread, action: "added", by: entity, entity, timestamp, entities: [entity] },
  };
  const [outcome] = await write(
    chat,
    JOIN,
    v.tuple([v.picklist(["ok", "unknown", "forbidden", "full"])]),
    now,
    [
      ...[chat.keys.thread(thread), chat.keys.events(thread), chat.keys.tips(thread), chat.keys.members(thread)],
      ...[chat.keys.threads(entity), key],
    ],
    [encode(entity), thread, chat.config.roomMax, JSON.stringify(stanza), timestamp],
  );
  if (outcome === "unknown") throw unknown();
  checkOutcome(outcome, { full: `A room has at most ${chat.config.roomMax} members` });
  return thread;
}

function unknown(): Fault {
  return new Fault("not_found", { detail: "No such invite: it may have expired" });
}
