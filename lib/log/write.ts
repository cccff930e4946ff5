import * as v from "valibot";
import { type Argument, parseReply } from "../store/redis.js";
import { Count } from "../store/replies.js";
import { EventNumber } from "./clock.js";
import type { Log } from "./log.js";
import { FORMAT_LINE } from "./wire.js";

// What waits for the host's server in an outbox that nobody empties, in events: at 1 kB each 20 MB, and 320 MB at the very most.
export const OUTBOX_MAX = 20_000;
// Messages that may ring for somebody, until they have: at 100 bytes each 2 MB. Who has so many waiting hears of the newest.
export const PUSHES_MAX = 20_000;
// Messages, edits, retractions, and changes of threads; not reactions and receipts.
const TOLD = `string.find(' message edit retract thread ', string.match(body, '^{"type":"(%a+)"') or '-', 1, true)`;

/**
 * Begins every writing script. KEYS[1] is the clock, and the last keys the outbox of the webhooks and that of pushes, where there are any; ARGV[1] the epoch to
 * begin if there is none or the log was rolled back, how far the log is known to reach, and whether there is an outbox and one of pushes; ARGV[2] the time in ms, ARGV[3] the tag of this write, ARGV[4] the wire. The script can use:
 * - `append`, which adds a lasting event to a thread's delivery log, and to the outboxes what the host is told of and what may ring; and `appendOwn`, which adds one to the author's own log;
 * - `ring`, which adds to the outbox of pushes: a thread, and a field with its value; nothing where nobody gets pushes;
 * - `takeBack`, which does so for a member whose notification shows what is not there any more, by the key and the id of the thread;
 * - `pass`, which adds an event that is only published;
 * - `commit`, which moves the clock and publishes the events;
 * - `batch`, which calls a command for a long list;
 * - `repeated`, whether this write was executed before, by the tags of the last dozen writes that `tagged` keeps;
 * - `begins`, whether `commit` begins an epoch.
 *
 * Numbers are formatted with %.0f because Lua prints those above 10^14 with an exponent.
 */
const OPENING = `
${FORMAT_LINE}
local clock, now, tag, wire = KEYS[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local fresh, seen = string.match(ARGV[1], '(%S+) (%d+)')
local pushes = string.find(ARGV[1], ' pushes', 1, true) and table.remove(KEYS)
local outbox = string.find(ARGV[1], ' outbox', 1, true) and table.remove(KEYS)
local time = redis.call('HMGET', clock, 'epoch', 'n', 'tag', 'push')
pushes = table.remove(time) and pushes
local rung = pushes and 0 or nil
local epoch, n, lines = time[1] or fresh, tonumber(time[2] or now), {}
local reached, begins = tonumber(time[2] or 0), not time[1] or n < tonumber(seen)
local function text(number) return string.format('%.0f', number) end
local function pass(kind, by, thread, body)
  n = n + 1
  lines[#lines + 1] = line(epoch, text(n), tag, kind, by, thread, body)
  return n
end
local function ring(thread, field, value)
  if not pushes then return end
  redis.call('XADD', pushes, 'MAXLEN', '~', '${PUSHES_MAX}', '*', 't', thread, field, value)
  rung = 1
end
local function takeBack(thread, id, who)
  if pushes and redis.call('HDEL', thread, 'pushed:' .. who) == 1 then ring(id, 'r', who) end
end
local function append(events, prev, kind, by, thread, body)
  local id = text(pass(kind, by, thread, body))
  redis.call('XADD', events, 'MAXLEN', '~', '256', id .. '-0', 'p', prev, 'k', kind, 'b', by, 'e', body)
  if outbox and ${TOLD} then
    redis.call('XADD', outbox, 'MAXLEN', '~', '${OUTBOX_MAX}', '*', 'i', epoch .. '-' .. id, 't', thread, 'e', body)
  end
  local seq = pushes and string.match(body, '^{"type":"message","message":{"seq":(%d+)')
  if seq then ring(thread, 's', seq) end
  return id
end
local function appendOwn(events, tips, own, by, body)
  local id = append(events, redis.call('ZSCORE', tips, own) or '0', 'own', by, own, body)
  redis.call('ZADD', tips, id, own)
  return id
end
local function commit()
  reached = n
  redis.call('HSET', clock, 'epoch', epoch, 'n', text(n), 'tag', tag)
  if #lines > 0 then redis.call('PUBLISH', wire, table.concat(lines, '\\t')) end
end
local function batch(command, key, list, each)
  for i = 1, #list, 800 do
    local args = {}
    for j = i, math.min(i + 799, #list) do
      for _, value in ipairs({each(list[j], j)}) do args[#args + 1] = value end
    end
    redis.call(command, key, unpack(args))
  end
end
local function repeated(tags) return string.find(' ' .. (tags or '') .. ' ', ' ' .. tag .. ' ', 1, true) end
local function tagged(tags) return string.sub(tag .. ' ' .. (tags or ''), 1, 256) end
if begins then epoch, n = fresh, math.max(now, tonumber(seen)) end
if begins and time[1] then pass('epoch', '-', '-', '{}') end
local function script()
`;

// Ends every writing script. Returns: how far the log reaches now, what the script returned, and, where somebody gets pushes, whether there may be some.
const CLOSING = `
end
local outcome = script()
return {text(reached), outcome, rung}
`;

/** Wraps the body of a writing script. In the body, the script's own KEYS begin at 2 and its own ARGV at 5. */
export function writeScript(body: string): string {
  return OPENING + body + CLOSING;
}

const Written = v.tuple([EventNumber, v.unknown(), v.optional(Count)]);

/** Runs a script of `writeScript`, with the script's own keys and arguments, and parses its reply. One write is one script. */
export async function write<const Reply extends v.GenericSchema>(
  log: Log,
  script: string,
  reply: Reply,
  now: number,
  scriptKeys: readonly string[],
  args: readonly Argument[],
): Promise<v.InferOutput<Reply>> {
  const { horizon, keys, nonces, outbox, pushes, store } = log;
  const outboxes = `${outbox === undefined ? "" : " outbox"}${pushes === undefined ? "" : " pushes"}`;
  const epoch = `${nonces.next()} ${horizon.reached}${outboxes}`;
  const frame = [epoch, now, nonces.next(), keys.wire];
  const last = [...(outbox === undefined ? [] : [keys.outbox]), ...(pushes === undefined ? [] : [keys.pushOutbox])];
  const allKeys = [keys.clock, ...scriptKeys, ...last];
  const [n, outcome, rung] = await store.runScript(script, Written, allKeys, [...frame, ...args]);
  horizon.see(n);
  outbox?.ring();
  pushes?.hear(rung);
  return parseReply(reply, outcome);
}
