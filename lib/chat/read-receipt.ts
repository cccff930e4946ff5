import * as v from "valibot";
import { Fault } from "../fault.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Receipt } from "../schema/stanza.js";
import * as keys from "../store/keys.js";

// In larger rooms who has read what is told to oneself alone: everybody's receipt to everybody grows with the square.
const SHARED_MAX = 100;

// Moves how far somebody has read, never back; tells the members, or in a large room oneself.
// KEYS: clock, thread, events, tips, members, own events, own tips. ARGV: own: who (encoded), thread id, seq, stanza before and after the seq, own log.
// Returns: {ok, seq} or {stranger}.
const READ = `
local it = redis.call('HMGET', KEYS[2], 'tip', 'seq', 'role:' .. ARGV[5], 'read:' .. ARGV[5])
if not it[3] then return {'stranger'} end
local read, seq = tonumber(it[4] or 0), math.min(tonumber(ARGV[7]), tonumber(it[2]))
if seq <= read then
  if read % 1 > 0 then redis.call('HSET', KEYS[2], 'read:' .. ARGV[5], text(math.floor(read))) end
  return {'ok', math.floor(read)}
end
local stanza = ARGV[8] .. text(seq) .. ARGV[9]
if redis.call('ZCARD', KEYS[5]) <= ${SHARED_MAX} then
  local at = append(KEYS[3], it[1], 'post', ARGV[5], ARGV[6], stanza)
  redis.call('HSET', KEYS[2], 'read:' .. ARGV[5], text(seq), 'tip', at)
  redis.call('ZADD', KEYS[4], at, ARGV[6])
else
  local at = append(KEYS[6], redis.call('ZSCORE', KEYS[7], ARGV[10]) or '0', 'own', ARGV[5], ARGV[10], stanza)
  redis.call('HSET', KEYS[2], 'read:' .. ARGV[5], text(seq))
  redis.call('ZADD', KEYS[7], at, ARGV[10])
end
commit()
return {'ok', seq}
`;

const Read = v.union([v.tuple([v.literal("ok"), log.Count]), v.tuple([v.literal("stranger")])]);

/** Marks messages as read up to `seq` (XEP-0333), cut at the newest. Throws `thread_not_found`. */
export async function receipt(caller: Caller, request: Receipt, now: number) {
  const { thread, seq } = request;
  const entity = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const own = keys.ownLog(entity);
  const rest = JSON.stringify({ thread, entity, timestamp });
  const reply = await log.write(
    READ,
    Read,
    now,
    [
      ...[keys.thread(thread), keys.events(thread), keys.tips(thread), keys.members(thread)],
      ...[keys.events(own), keys.tips(own)],
    ],
    [keys.encode(entity), thread, seq, '{"type":"receipt","receipt":{"seq":', `,${rest.slice(1)}}`, own],
  );
  if (reply[0] === "stranger") throw new Fault("thread_not_found");
  return { type: "receipt", thread, seq: reply[1], timestamp };
}
