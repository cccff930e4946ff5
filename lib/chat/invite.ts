import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { config } from "../config.js";
import { Fault } from "../fault.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";

const DAY = 86_400;
const TTL = v.pipe(
  v.number("must be a number"),
  v.safeInteger("must be a whole number"),
  v.minValue(1, "must be at least 1"),
  v.maxValue(30 * DAY, `must be at most ${30 * DAY}`),
);

/** The body of `POST threads/<id>/invites`: how many seconds the invite holds, a week unless told. */
export const NewInvite = v.optional(v.object({ ttl: v.optional(TTL, 7 * DAY) }, "must be an object"), {});

/** The body of `POST threads/join`. */
export const Joining = v.object(
  { code: v.pipe(v.string("must be a string"), v.maxLength(64, "must be an invite's code")) },
  "must be an object",
);

// Makes an invite to a room. KEYS: thread, invite. ARGV: role field of the maker, thread id, lifetime in s.
// Returns: {ok}, {stranger} or {forbidden}.
const INVITE = `
local it = redis.call('HMGET', KEYS[1], 'kind', ARGV[1])
if not it[2] then return {'stranger'} end
if it[1] ~= 'room' or it[2] == 'visitor' then return {'forbidden'} end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return {'ok'}
`;

/** Makes a code by which anybody can join a room; its owners and members may. Throws `thread_not_found`, `forbidden`. */
export async function invite(
  caller: Caller,
  thread: string,
  ttl: number,
  now: number,
): Promise<{ code: string; expires: string }> {
  const code = randomBytes(16).toString("base64url");
  const [outcome] = await redis.run(
    INVITE,
    v.tuple([v.picklist(["ok", "stranger", "forbidden"])]),
    [keys.thread(thread), keys.invite(keys.digest(code))],
    [`role:${keys.encode(caller.actor.id)}`, thread, ttl],
  );
  if (outcome === "stranger") throw new Fault("thread_not_found");
  if (outcome === "forbidden") throw new Fault("forbidden");
  return { code, expires: new Date(now + ttl * 1_000).toISOString() };
}

// Lets somebody into a room by an invite that still holds; also one whom somebody blocked has added to it unawares.
// KEYS: clock, thread, events, tips, members, the joiner's threads, invite. ARGV: own: who (encoded), thread id, most members, stanza, time.
// Returns: {ok}, {unknown}, {forbidden} or {full}.
const JOIN = `
local it = redis.call('HMGET', KEYS[2], 'tip', 'seq', 'role:' .. ARGV[5], 'ban:' .. ARGV[5], 'changed')
if repeated(it[5]) then return {'ok'} end
if redis.call('GET', KEYS[7]) ~= ARGV[6] or not it[1] then return {'unknown'} end
if it[3] and redis.call('HGET', KEYS[6], ARGV[6]) ~= '0' then return {'ok'} end
if it[4] then return {'forbidden'} end
if not it[3] and redis.call('ZCARD', KEYS[5]) >= tonumber(ARGV[7]) then return {'full'} end
local at = append(KEYS[3], it[1], 'join', ARGV[5], ARGV[6], ARGV[8])
redis.call('HSET', KEYS[2], 'role:' .. ARGV[5], it[3] or 'member', 'read:' .. ARGV[5], it[2], 'tip', at, 'updated', ARGV[9], 'changed', tagged(it[5]))
redis.call('ZADD', KEYS[5], at, ARGV[5])
redis.call('HSET', KEYS[6], ARGV[6], at)
redis.call('ZADD', KEYS[4], at, ARGV[6])
commit()
return {'ok'}
`;

/** Joins the room that an invite leads to, and answers its id. Throws `not_found` for a code that does not hold, `forbidden`, `too_large`. */
export async function join(caller: Caller, code: string, now: number): Promise<string> {
  const key = keys.invite(keys.digest(code));
  const [thread] = await redis.read(v.tuple([v.nullable(v.string())]), (reading) => reading.get(key));
  if (thread === null) throw unknown();
  const entity = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const stanza = {
    type: "thread",
    thread: { id: thread, action: "added", by: entity, entity, timestamp, entities: [entity] },
  };
  const [outcome] = await log.write(
    JOIN,
    v.tuple([v.picklist(["ok", "unknown", "forbidden", "full"])]),
    now,
    [
      ...[keys.thread(thread), keys.events(thread), keys.tips(thread), keys.members(thread)],
      ...[keys.threads(entity), key],
    ],
    [keys.encode(entity), thread, config.roomMax, JSON.stringify(stanza), timestamp],
  );
  if (outcome === "unknown") throw unknown();
  if (outcome === "forbidden") throw new Fault("forbidden");
  if (outcome === "full") throw new Fault("too_large", { detail: `A room has at most ${config.roomMax} members` });
  return thread;
}

function unknown(): Fault {
  return new Fault("not_found", { detail: "No such invite: it may have expired" });
}
