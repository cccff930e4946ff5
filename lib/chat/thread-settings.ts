import * as v from "valibot";
import { Fault } from "../fault.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Setting } from "../schema/stanza.js";
import * as keys from "../store/keys.js";

// Mutes or hides a thread for somebody, or no longer does; tells only their own streams. A thread is hidden up to its newest message.
// KEYS: clock, thread, own events, own tips. ARGV: own: who (encoded), muted and hidden, each "1", "0" or '' to leave it, own log, stanza.
// Returns: {ok} or {stranger}.
const SET = `
local muted, hidden = 'muted:' .. ARGV[5], 'hidden:' .. ARGV[5]
local it = redis.call('HMGET', KEYS[2], 'role:' .. ARGV[5], 'seq', muted, hidden)
if not it[1] then return {'stranger'} end
local on, off = {}, {}
local function set(field, asked, is, value)
  if asked == '1' and not is then on[#on + 1] = field; on[#on + 1] = value end
  if asked == '0' and is then off[#off + 1] = field end
end
set(muted, ARGV[6], it[3], '1')
set(hidden, ARGV[7], it[4] and tonumber(it[4]) >= tonumber(it[2]), it[2])
if #on + #off == 0 then return {'ok'} end
local at = append(KEYS[3], redis.call('ZSCORE', KEYS[4], ARGV[8]) or '0', 'own', ARGV[5], ARGV[8], ARGV[9])
if #on > 0 then redis.call('HSET', KEYS[2], unpack(on)) end
if #off > 0 then redis.call('HDEL', KEYS[2], unpack(off)) end
redis.call('ZADD', KEYS[4], at, ARGV[8])
commit()
return {'ok'}
`;

const Done = v.tuple([v.picklist(["ok", "stranger"])]);

/** Mutes or hides a thread for oneself alone, or no longer does. Throws `thread_not_found`. */
export async function set(caller: Caller, request: Setting, now: number) {
  const { thread, muted, hidden } = request;
  const me = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const own = keys.ownLog(me);
  const stanza = { type: "setting", setting: { ...request, entity: me, timestamp } };
  const [outcome] = await log.write(
    SET,
    Done,
    now,
    [keys.thread(thread), keys.events(own), keys.tips(own)],
    [keys.encode(me), spell(muted), spell(hidden), own, JSON.stringify(stanza)],
  );
  if (outcome === "stranger") throw new Fault("thread_not_found");
  return { type: "setting", thread, timestamp };
}

function spell(asked: boolean | undefined): "1" | "0" | "" {
  if (asked === undefined) return "";
  return asked ? "1" : "0";
}
