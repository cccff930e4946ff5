import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Setting } from "../schema/stanza.js";
import { encode, ownLog } from "../store/keys.js";
import { checkOutcome } from "./outcome.js";

// Mutes, hides, pins or marks a thread for the caller, or ends that, or sets what rings; the event goes to the caller's own streams only. A thread
// is hidden up to its newest message.
// KEYS: clock, thread, own events, own tips. ARGV: own: who (encoded), muted, hidden, pinned and marked, each "1", "0" or '' to leave it, what rings
// or '', own log, stanza.
// Returns: {ok} or {not_member}.
const SET = writeScript(`
local thread, events, tips = KEYS[2], KEYS[3], KEYS[4]
local who, mute, hide, pin, mark, rings, own, stanza = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local muted, hidden, pinned, marked, notify = 'muted:' .. who, 'hidden:' .. who, 'pinned:' .. who, 'marked:' .. who, 'notify:' .. who
local it = redis.call('HMGET', thread, 'role:' .. who, 'seq', muted, hidden, pinned, marked, notify)
local role, seq, isMuted, hiddenAt, isPinned, isMarked, notified = it[1], it[2], it[3], it[4], it[5], it[6], it[7]
if not role then return {'not_member'} end
local on, off = {}, {}
local function set(field, wanted, is, value)
  if wanted == '1' and not is then on[#on + 1] = field; on[#on + 1] = value end
  if wanted == '0' and is then off[#off + 1] = field end
end
set(muted, mute, isMuted, '1')
set(hidden, hide, hiddenAt and tonumber(hiddenAt) >= tonumber(seq), seq)
set(pinned, pin, isPinned, '1')
set(marked, mark, isMarked, '1')
if rings ~= '' and rings ~= notified then on[#on + 1] = notify; on[#on + 1] = rings end
if #on + #off == 0 then return {'ok'} end
appendOwn(events, tips, own, who, stanza)
if #on > 0 then redis.call('HSET', thread, unpack(on)) end
if #off > 0 then redis.call('HDEL', thread, unpack(off)) end
commit()
return {'ok'}
`);

const Done = v.tuple([v.picklist(["ok", "not_member"])]);

/** Mutes, hides, pins or marks a thread for the caller alone, or ends that, or sets what rings there. Throws `thread_not_found`. */
export async function changeSettings(chat: Instance, caller: Caller, request: Setting, now: number) {
  const { thread, muted, hidden, pinned, markedUnread, notify = "" } = request;
  const me = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const own = ownLog(me);
  const stanza = { type: "setting", setting: { ...request, entity: me, timestamp } };
  const [outcome] = await write(
    chat,
    SET,
    Done,
    now,
    [chat.keys.thread(thread), chat.keys.events(own), chat.keys.tips(own)],
    [encode(me), ...[muted, hidden, pinned, markedUnread].map(formatFlag), notify, own, JSON.stringify(stanza)],
  );
  checkOutcome(outcome);
  return { type: "setting", thread, timestamp };
}

function formatFlag(flag: boolean | undefined): "1" | "0" | "" {
  if (flag === undefined) return "";
  return flag ? "1" : "0";
}
