/** The threads that a user can be in: a list of them is read at once. */
export const MEMBERSHIPS_MAX = 5_000;

// What was left is remembered, so that a stream that is behind says so; the newest of it suffice.
const LEFT_KEPT = 64;
// Every so many threads, those that were left are looked at: the look costs as much as the user has threads.
const PRUNED_EVERY = 128;

/**
 * Lua: `crowded(threads)` tells whether a user can be in no more threads, by the key of the user's memberships. From time to time it
 * forgets threads that the user left long ago, so that what remains of them does not grow.
 */
export const CROWDED = `
local function forgetLeft(threads)
  local all, left = redis.call('HGETALL', threads), {}
  for i = 1, #all, 2 do
    local n = tonumber(all[i + 1])
    if n <= 0 then left[#left + 1] = {id = all[i], n = -n} end
  end
  table.sort(left, function(a, b) return a.n > b.n end)
  for i = ${LEFT_KEPT} + 1, #left do redis.call('HDEL', threads, left[i].id) end
end
local function crowded(threads)
  local size = redis.call('HLEN', threads)
  if size < ${MEMBERSHIPS_MAX} and size % ${PRUNED_EVERY} ~= ${PRUNED_EVERY} - 1 then return false end
  forgetLeft(threads)
  return size >= ${MEMBERSHIPS_MAX} and redis.call('HLEN', threads) >= ${MEMBERSHIPS_MAX}
end`;
