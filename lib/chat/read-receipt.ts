import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Receipt } from "../schema/stanza.js";
import { encode, ownLog } from "../store/keys.js";
import { Count } from "../store/replies.js";

// In larger rooms, a read receipt goes to the caller's own streams only: receipts to all members grow with the square of their number.
const SHARED_MAX = 100;

// Moves a member's read mark forward, with an event for all members or, in a large room, for the caller alone.
// KEYS: clock, thread, events, tips, members, own events, own tips. ARGV: own: who (encoded), thread id, seq, stanza before and after the
// seq, own log, time.
// Returns: {ok, seq} or {not_member}.
const READ = writeScript(`
local thread, events, tips, members, ownEvents, ownTips = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local who, id, wanted, head, tail, own = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8], ARGV[9], ARGV[10]
local timestamp = ARGV[11]
local mark = 'read:' .. who
local it = redis.call('HMGET', thread, 'tip', 'seq', 'role:' .. who, mark)
local tip, newest, role = it[1], tonumber(it[2]), it[3]
if not role then return {'not_member'} end
local read, seq = tonumber(it[4] or 0), math.min(wanted, newest)
if seq <= read then
  if read % 1 > 0 then redis.call('HSET', thread, mark, text(math.floor(read))) end
  return {'ok', math.floor(read)}
end
local stanza = head .. text(seq) .. tail
if redis.call('ZCARD', members) <= ${SHARED_MAX} then
  local at = append(events, tip, 'post', who, id, stanza)
  redis.call('HSET', thread, mark, text(seq), 'tip', at, 'updated', timestamp)
  redis.call('ZADD', tips, at, id)
else
  appendOwn(ownEvents, ownTips, own, who, stanza)
  redis.call('HSET', thread, mark, text(seq))
end
commit()
return {'ok', seq}
`);

const Read = v.union([v.tuple([v.literal("ok"), Count]), v.tuple([v.literal("not_member")])]);

/** Marks messages as read up to `seq` (XEP-0333), or up to the newest if that is earlier. Throws `thread_not_found`. */
export async function markRead(chat: Instance, caller: Caller, request: Receipt, now: number) {
  const { thread, seq } = request;
  const entity = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const own = ownLog(entity);
  const rest = JSON.stringify({ thread, entity, timestamp });
  const reply = await write(
    chat,
    READ,
    Read,
    now,
    [
      ...[chat.keys.thread(thread), chat.keys.events(thread), chat.keys.tips(thread), chat.keys.members(thread)],
      ...[chat.keys.events(own), chat.keys.tips(own)],
    ],
    [encode(entity), thread, seq, '{"type":"receipt","receipt":{"seq":', `,${rest.slice(1)}}`, own, timestamp],
  );
  if (reply[0] === "not_member") throw new Fault("thread_not_found");
  return { type: "receipt", thread, seq: reply[1], timestamp };
}
