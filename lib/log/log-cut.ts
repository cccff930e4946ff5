/**
 * Lua, for writing scripts: `cutLog(thread, events, tips, id)` lets the delivery log of a thread begin anew. Its one entry says that something is
 * missing before it, to every stream that has not come as far: those resync, and read the history again. Its event wakes the members.
 */
export const CUT_LOG = `
local function cutLog(thread, events, tips, id)
  local at = text(pass('cut', '-', id, '{}'))
  redis.call('DEL', events)
  redis.call('XADD', events, at .. '-0', 'p', at, 'k', 'cut', 'b', '-', 'e', '{}')
  redis.call('HSET', thread, 'tip', at)
  redis.call('ZADD', tips, at, id)
end`;
