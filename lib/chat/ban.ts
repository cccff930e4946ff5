// A ban is a field of the thread, as a role is: there are at most as many as there can be members.
const BANS_MAX = 10_000;

/** What is wrong when a room has as many bans as it may have. */
export const TOO_MANY_BANS = `A room bans at most ${BANS_MAX} users: unban some`;

/**
 * Lua: `bansAfter(bans, ban, unban, learn, have)` counts the bans of a room after a change of so many, or returns nil if there would be too
 * many; `writeBans(thread, bans, ban, unban)` writes the change and the count.
 */
export const BANS = `
local function bansAfter(bans, ban, unban, learn, have)
  local after = bans
  for _, list in ipairs({ban, unban}) do learn('ban:', list) end
  for _, one in ipairs(ban) do if not have('ban:', one.who) then after = after + 1 end end
  if after > bans and after > ${BANS_MAX} then return nil end
  for _, one in ipairs(unban) do if have('ban:', one.who) then after = after - 1 end end
  return math.max(0, after)
end
local function writeBans(thread, bans, ban, unban)
  if #ban + #unban == 0 then return end
  batch('HSET', thread, ban, function(one) return 'ban:' .. one.who, '1' end)
  batch('HDEL', thread, unban, function(one) return 'ban:' .. one.who end)
  redis.call('HSET', thread, 'bans', bans)
end`;
