import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import { type Caller, checkContacts } from "../people/caller.js";
import { checkReach, type ReachContext } from "../people/reach.js";
import { roleOf, SYSTEM_JOINED } from "../people/system.js";
import type { ThreadChange } from "../schema/stanza.js";
import { encode, ownLog } from "../store/keys.js";
import { removeAbandoned } from "./abandoned-room.js";
import { BANS, TOO_MANY_BANS } from "./ban.js";
import { APPEND_NAMES, LISTS } from "./entity-chunks.js";
import { CROWDED } from "./membership.js";
import { checkOutcome, ROOM_RULES } from "./outcome.js";
import { RIGHTS } from "./succession.js";

// Changes the members, roles, bans, the subject, the history and the pace of a thread: all of the request or, if a right is missing, nothing.
// Users who are members already are not added again, and others are not removed. When the last owner leaves, the oldest member who is no
// visitor, sees the room and is not banned from the deployment becomes owner. Invites end with the rights of their makers. Who was a visitor when leaving comes back as one, unless an owner adds them.
// Of users who block the caller nothing is written.
// KEYS: clock, thread, events, tips, members, invites, own events, own tips, bans, then the threads of every user in the four lists, then their blocks.
// ARGV: own: who (encoded), thread id, most members, time, stanza before the action ("{...,"), subject, its JSON or '' for no change,
// history or '', seconds between two messages or '', the entity whose role changes (encoded) or '', its JSON, the role, own log, stanza for hiding a direct thread, sizes of the lists add,
// remove, ban, unban; then each of their entities, encoded and as JSON.
// Returns: {ok}, {left} if nobody is in the room any more, {not_member}, {full}, {many}, {crowded},
// {forbidden}, or why else it is: {fixed}, {barred}, {absent} or {last}.
const CHANGE = writeScript(`
local thread, events, tips, members, invites, ownEvents, ownTips = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local by, id, most, timestamp, opening = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8], ARGV[9]
local title, subject, history, slow = ARGV[10], ARGV[11], ARGV[12], ARGV[13]
local whom, whomJson, role, own, hiding = ARGV[14], ARGV[15], ARGV[16], ARGV[17], ARGV[18]
${CROWDED}${LISTS}${RIGHTS}${BANS}
local it = redis.call('HMGET', thread, 'kind', 'role:' .. by, 'tip', 'seq', 'owners', 'changed', 'hidden:' .. by, 'history', 'bans', 'slow')
local kind, right, tip, seq, owners = it[1], ${roleOf("it[2]", "by", "it[1]")}, it[3], it[4], tonumber(it[5] or 0)
if repeated(it[6]) then return {'ok'} end
if not right then return {'not_member'} end

local add, remove, ban, unban = listsFrom(18, 9)
local special = role ~= '' or subject ~= '' or history ~= '' or slow ~= '' or #ban > 0 or #unban > 0
local leaving = #remove == 1 and remove[1].who == by and #add == 0 and not special

if kind == 'direct' then
  if not leaving then return {'fixed'} end
  if it[7] ~= seq then
    redis.call('HSET', thread, 'hidden:' .. by, seq)
    appendOwn(ownEvents, ownTips, own, by, hiding)
    commit()
  end
  return {'ok'}
end
local inviting = #add > 0 and #remove == 0 and not special
if not (right == 'owner' or leaving or (right == 'member' and inviting)) then return {'forbidden'} end

local learn, have = fieldsOf(thread)
for _, list in ipairs({add, remove, ban}) do learn('role:', list) end
learn('ban:', add)
if right ~= 'owner' then learn('was:', add) end
local bans = bansAfter(tonumber(it[9] or 0), ban, unban, learn, have)
if not bans then return {'many'} end
local banned, joining, going = {}, {}, {}
for _, one in ipairs(unban) do banned[one.who] = false end
for _, one in ipairs(add) do
  if not have('role:', one.who) then
    if banned[one.who] == nil and have('ban:', one.who) then return {'barred'} end
    joining[#joining + 1] = one
  end
end
for _, one in ipairs(joining) do
  one.unaware = redis.call('HEXISTS', one.blocks, by) == 1
  if not one.unaware and crowded(one.key) then return {'crowded'} end
end
if #joining > 0 and redis.call('ZCARD', members) + #joining > most then return {'full'} end
local gone = {}
for _, list in ipairs({remove, ban}) do
  for _, one in ipairs(list) do
    local was = not gone[one.who] and have('role:', one.who)
    if was and one.who == whom then return {'absent'} end
    if was == 'owner' then owners = owners - 1 end
    if was then going[#going + 1] = one end
    gone[one.who] = true
  end
end
local before = role ~= '' and have('role:', whom)
for _, one in ipairs(joining) do if role ~= '' and one.who == whom then before = 'member' end end
if role ~= '' and not before then return {'absent'} end
if role ~= '' and before == 'owner' and role ~= 'owner' and owners <= 1 then return {'last'} end

local function appendStanza(kind, action, rest)
  tip = append(events, tip, kind, by, id, opening .. '"action":"' .. action .. '"' .. rest .. '}}')
end
${APPEND_NAMES}
local first = n
local silent = right == 'owner' and {} or silenced(joining, have)
if #joining > 0 then
  appendNames('join', 'added', joining)
  batch('HSET', thread, joining, function(one) return 'role:' .. one.who, 'member', 'read:' .. one.who, seq .. '.5', 'from:' .. one.who, seq end)
  batch('ZADD', members, joining, function(one, i) return string.format('%.4f', one.at + (i - 1) / 4096), one.who end)
  for _, one in ipairs(joining) do redis.call('HSET', one.unaware and thread or one.key, one.unaware and 'unaware:' .. one.who or id, one.at) end
  batch('HDEL', thread, joining, function(one) return 'was:' .. one.who, ${SYSTEM_JOINED} end)
  batch('HSET', thread, silent, function(one) return 'role:' .. one.who, 'visitor' end)
  for _, one in ipairs(silent) do appendStanza('post', 'role', ',"entities":[' .. one.json .. '],"role":"visitor"') end
end
writeBans(thread, bans, ban, unban)
if subject ~= '' then
  appendStanza('post', 'subject', ',"subject":' .. subject)
  redis.call('HSET', thread, 'subject', title)
end
local function set(name, is, value, json)
  if value == '' or value == is then return end
  redis.call('HSET', thread, name, value)
  appendStanza('post', name, ',"' .. name .. '":' .. json)
end
set('history', it[8] or 'all', history, '"' .. history .. '"')
set('slow', it[10] or '0', slow, slow)
if role ~= '' and before ~= role then
  if role == 'owner' then owners = owners + 1 elseif before == 'owner' then owners = owners - 1 end
  redis.call('HSET', thread, 'role:' .. whom, role)
  appendStanza('post', 'role', ',"entities":[' .. whomJson .. '],"role":"' .. role .. '"')
end
local lost = {[whom] = role == 'visitor' or nil}
for _, one in ipairs(going) do lost[one.who] = true end
endInvites(invites, lost)
local abandoned = false
if #going > 0 then
  appendNames('leave', leaving and 'left' or 'removed', going)
  for _, one in ipairs(going) do takeBack(thread, id, one.who) end
  for _, one in ipairs(going) do if have('role:', one.who) == 'visitor' then redis.call('HSET', thread, 'was:' .. one.who, '1') end end
  batch('HDEL', thread, going, function(one) return 'role:' .. one.who, 'read:' .. one.who, 'from:' .. one.who, 'muted:' .. one.who, 'hidden:' .. one.who, 'unaware:' .. one.who, 'told:' .. one.who end)
  batch('HDEL', thread, going, function(one) return 'pinned:' .. one.who, 'marked:' .. one.who, 'notify:' .. one.who, 'pushed:' .. one.who end)
  batch('ZREM', members, going, function(one) return one.who end)
  for _, one in ipairs(going) do
    if tonumber(redis.call('HGET', one.key, id) or 0) > 0 then redis.call('HSET', one.key, id, '-' .. one.at) end
  end
  abandoned = redis.call('ZCARD', members) == 0
  local heir = owners < 1 and heirOf(thread, members, KEYS[9])
  if heir then
    owners = 1
    redis.call('HSET', thread, 'role:' .. heir, 'owner')
    appendStanza('post', 'role', ',"entities":["' .. decode(heir) .. '"],"role":"owner"')
  end
end
if n > first then
  redis.call('HSET', thread, 'tip', tip, 'owners', owners, 'updated', timestamp, 'changed', tagged(it[6]))
  redis.call('ZADD', tips, tip, id)
  commit()
end
return {abandoned and 'left' or 'ok'}
`);

const Changed = v.pipe(
  v.tuple([v.picklist(["ok", "left", "not_member", "forbidden", "full", "many", "crowded", ...ROOM_RULES])]),
  v.transform(([tag]) => tag),
);

/**
 * Changes members, roles, bans, the subject, the history and the pace of a thread. Callers leave by removing themselves; a direct thread is then hidden until its
 * next message. A room that everybody has left is removed. Throws `thread_not_found`, `forbidden`, `not_a_contact`, `rate_limited`, `too_large`.
 */
export async function change(
  chat: Instance & ReachContext,
  caller: Caller,
  id: string,
  request: ThreadChange,
  now: number,
): Promise<void> {
  const { subject, add = [], remove = [], ban = [], unban = [], role, history = "", slow = "" } = request;
  checkContacts(caller, add);
  if (add.length > 0) await checkReach(chat, caller, add, "room", now);
  const everybody = [...add, ...remove, ...ban, ...unban];
  const by = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const stanza = { id, by, entity: by, timestamp };
  const own = ownLog(by);
  const hiding = { type: "setting", setting: { thread: id, hidden: true, entity: by, timestamp } };
  const outcome = await write(
    chat,
    CHANGE,
    Changed,
    now,
    [
      ...[chat.keys.thread(id), chat.keys.events(id), chat.keys.tips(id), chat.keys.members(id), chat.keys.invites(id)],
      ...[chat.keys.events(own), chat.keys.tips(own), chat.keys.bans],
      ...everybody.map(chat.keys.threads),
      ...everybody.map(chat.keys.blocks),
    ],
    [
      ...[encode(by), id, chat.config.roomMax, timestamp],
      `{"type":"thread","thread":${JSON.stringify(stanza).slice(0, -1)},`,
      ...(subject === undefined ? ["", ""] : [subject, JSON.stringify(subject)]),
      ...[history, slow],
      ...(role === undefined ? ["", "", ""] : [encode(role.entity), JSON.stringify(role.entity), role.role]),
      ...[own, JSON.stringify(hiding)],
      ...[add, remove, ban, unban].map((list) => list.length),
      ...everybody.flatMap((entity) => [encode(entity), JSON.stringify(entity)]),
    ],
  );
  // A second attempt of the same request finds the room gone.
  if (outcome === "left") return removeAbandoned(chat, id);
  const forbidden = "Owners change a room; members add others; everybody may leave";
  checkOutcome(outcome, { full: `A room has at most ${chat.config.roomMax} members`, many: TOO_MANY_BANS, forbidden });
}
