/**
 * Lua, for scripts in which rights end:
 * - `endInvites(invites, lost)` removes the invites of those makers who are in the set `lost`;
 * - `heirOf(thread, members, bans)` finds the member who joined first, is no visitor, sees the thread, and is not banned from the deployment, or
 *   nil: members who block whoever added them are `unaware:` of it;
 * - `fieldsOf(thread)` returns `learn(field, list)`, which reads a field of each user in a list at once, and `have(field, who)`, which returns it;
 * - `silenced(list, have)` picks those of a list who were visitors when they left, by `have('was:', who)`: they come back as visitors;
 * - `decode(who)` writes an encoded entity as the inside of a JSON string.
 */
export const RIGHTS = `
local function endInvites(invites, lost)
  if not next(lost) then return end
  local all = redis.call('HGETALL', invites)
  for i = 1, #all, 2 do if lost[string.match(all[i + 1], '^%S+')] then redis.call('HDEL', invites, all[i]) end end
end
local function heirOf(thread, members, bans)
  for first = 0, redis.call('ZCARD', members) - 1, 100 do
    local some, fields = redis.call('ZRANGE', members, first, first + 99), {}
    for i, who in ipairs(some) do fields[2 * i - 1], fields[2 * i] = 'role:' .. who, 'unaware:' .. who end
    local known, banned = redis.call('HMGET', thread, unpack(fields)), redis.call('ZMSCORE', bans, unpack(some))
    for i, who in ipairs(some) do if known[2 * i - 1] ~= 'visitor' and not known[2 * i] and not banned[i] then return who end end
  end
end
local function fieldsOf(thread)
  local known = {}
  local function learn(field, list)
    for i = 1, #list, 1000 do
      local names = {}
      for j = i, math.min(i + 999, #list) do names[#names + 1] = field .. list[j].who end
      local values = redis.call('HMGET', thread, unpack(names))
      for j = 1, #names do known[names[j]] = values[j] or false end
    end
  end
  local function have(field, who)
    if known[field .. who] == nil then known[field .. who] = redis.call('HGET', thread, field .. who) end
    return known[field .. who]
  end
  return learn, have
end
local function silenced(list, have)
  local some = {}
  for _, one in ipairs(list) do if have('was:', one.who) then some[#some + 1] = one end end
  return some
end
local function decode(who)
  return (string.gsub(who, '%%(%x%x)', function(hex)
    return ((hex == '22' or hex == '5C') and '\\\\' or '') .. string.char(tonumber(hex, 16))
  end))
end`;
