import * as v from "valibot";
import type { Log } from "../log/log.js";
import { Count } from "../store/replies.js";

/** An event that waits in the outbox: its place there, when it happened (ms), its webhook-id, its thread, and its stanza in JSON. */
export type Waiting = { place: string; at: number; id: string; thread: string; stanza: string };

/** How often the oldest event of a thread was tried in vain, and when it is due again, in ms. `""` stands for all threads. */
export type Tries = ReadonlyMap<string, { attempts: number; next: number }>;

/** Longer than a round of sending takes, so that two instances do not send the same at once. */
export const LEASE_MS = 30_000;
// What is read at once: of a thread, which is served one event after the other, and in all. 400 events are 0.4 MB.
const OF_THREAD = 100;
const AT_ONCE = 400;
// Events that are looked at, to find some that are due, while the host's server takes none of those of a busy thread. The next look goes on behind them.
const LOOKED_AT = 2_000;
const PAGE = 500;

// Takes the lease of the outbox, or keeps it, and reads what is due, in order. KEYS: lease, outbox, tries.
// ARGV: who takes it, lease in ms, now in ms, how many events of a thread, in all, and to look at.
// Where it has looked at so many in vain, the tries note at "@" the last of them, and until when none of them is due.
// Returns: {busy} if another instance has the lease, or {mine, events, tries of their threads and of all, when the next event is due or ''}. The
// lease is taken only if there are events.
const TAKE = `
local lease, outbox, tries = KEYS[1], KEYS[2], KEYS[3]
local who, ms, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
local ofThread, atOnce, lookedAt = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local holder = redis.call('GET', lease)
if holder and holder ~= who then return {'busy'} end
local function dueAt(it) return it and tonumber(string.match(it, '%S+$')) or 0 end
local tried, known = redis.call('HGETALL', tries), {}
for i = 1, #tried, 2 do known[tried[i]] = tried[i + 1] end
local all = known[':']
local counts, due, events, told, next = {}, {}, {}, {}, nil
if all then told = {':', all} end
local from, full = '-', false
local seen, till = string.match(known['@'] or '', '^(%S+) (%d+)$')
if seen and tonumber(till) > now then from, next = '(' .. seen, tonumber(till) end
for _ = 1, lookedAt / ${PAGE} do
  local page = redis.call('XRANGE', outbox, from, '+', 'COUNT', '${PAGE}')
  for _, entry in ipairs(page) do
    local thread = entry[2][4]
    if not due[thread] then
      local own = known[':' .. thread]
      due[thread] = math.max(dueAt(all), dueAt(own))
      if own and due[thread] <= now then told[#told + 1], told[#told + 2] = ':' .. thread, own end
    end
    local count = counts[thread] or 0
    if due[thread] > now then
      if not next or due[thread] < next then next = due[thread] end
    elseif count < ofThread and #events < atOnce then
      events[#events + 1], counts[thread] = entry, count + 1
    end
  end
  full = #page == ${PAGE}
  if not full or #events >= atOnce then break end
  from = '(' .. page[#page][1]
end
if #events > 0 then redis.call('SET', lease, who, 'PX', ms) end
if #events == 0 and full then
  redis.call('HSET', tries, '@', string.sub(from, 2) .. ' ' .. string.format('%.0f', next))
  next = now
elseif seen and tonumber(till) <= now then redis.call('HDEL', tries, '@') end
return {'mine', events, told, next and string.format('%.0f', next) or ''}
`;

const Entry = v.pipe(
  v.tuple([v.pipe(v.string(), v.regex(/^\d+-\d+$/)), v.array(v.string())]),
  v.transform(([place, [, id = "", , thread = "", , stanza = ""]]) => ({
    place,
    at: Number.parseInt(place, 10),
    id,
    thread,
    stanza,
  })),
);

const Taken = v.union([
  v.tuple([v.literal("busy")]),
  v.tuple([v.literal("mine"), v.array(Entry), v.array(v.string()), v.string()]),
]);

/** What is due, in order, the tries of its threads, and when the next event is due that is not, in ms. */
export type Due = { events: Waiting[]; tries: Tries; next: number | undefined };

/** Reads what is due, by one command, if no other instance is sending it. Undefined while another instance is at it. */
export async function take({ keys, store }: Log, who: string, now: number): Promise<Due | undefined> {
  const [outcome, events = [], fields = [], next = ""] = await store.runScript(
    TAKE,
    Taken,
    [keys.outboxLease, keys.outbox, keys.outboxTries],
    [who, LEASE_MS, now, OF_THREAD, AT_ONCE, LOOKED_AT],
  );
  if (outcome === "busy") return undefined;
  return { events, tries: parseTries(fields), next: next === "" ? undefined : Number(next) };
}

function parseTries(fields: readonly string[]): Tries {
  const tries = new Map<string, { attempts: number; next: number }>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [attempts, next] = (fields[i + 1] ?? "").split(" ").map(Number);
    tries.set((fields[i] ?? "").slice(1), { attempts: attempts ?? 0, next: next ?? 0 });
  }
  return tries;
}

/** What became of a round: what was taken, what is given up, which threads have succeeded, which are tried again when. */
export type Round = {
  taken: readonly Waiting[];
  dead: readonly Waiting[];
  succeeded: readonly string[];
  failed: Tries;
  /** Messages to be looked at later, by thread and seq, and when. */
  unread: readonly { thread: string; seq: number; at: number }[];
};

// What a host reads by hand, or replays.
const DEAD_MAX = 1_000;
// Messages that wait to be looked at: beyond that the oldest are not, since a host that has so many unread ones does not write to each reader.
const UNREAD_MAX = 100_000;

// Notes what became of a round, and gives the lease back. KEYS: lease, outbox, tries, dead, unread.
// ARGV: who has the lease, the numbers of what follows: places to be removed, events that are given up (place, id, thread, stanza), threads
// that succeeded, threads that failed (with their tries), messages to be looked at (time, message). Returns: how many events wait.
const SETTLE = `
local lease, outbox, tries, dead, unread = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local at = 6
local function list(n, width)
  local part = {}
  for i = at + 1, at + n * width do part[#part + 1] = ARGV[i] end
  at = at + n * width
  return part
end
local gone, lost = list(tonumber(ARGV[2]), 1), list(tonumber(ARGV[3]), 4)
local succeeded, failed, later = list(tonumber(ARGV[4]), 1), list(tonumber(ARGV[5]), 2), list(tonumber(ARGV[6]), 2)
for i = 1, #lost, 4 do
  if redis.call('XDEL', outbox, lost[i]) == 1 then
    redis.call('XADD', dead, 'MAXLEN', '~', '${DEAD_MAX}', '*', 'i', lost[i + 1], 't', lost[i + 2], 'e', lost[i + 3])
  end
end
if #gone > 0 then redis.call('XDEL', outbox, unpack(gone)) end
if #succeeded > 0 then redis.call('HDEL', tries, unpack(succeeded)) end
if #failed > 0 then redis.call('HSET', tries, unpack(failed)) end
if #later > 0 then
  redis.call('ZADD', unread, unpack(later))
  redis.call('ZREMRANGEBYRANK', unread, 0, ${-UNREAD_MAX - 1})
end
if redis.call('GET', lease) == ARGV[1] then redis.call('DEL', lease) end
return redis.call('XLEN', outbox)
`;

/** Notes what became of a round, gives the lease back, and returns how many events wait. What was noted twice is noted once. */
export function settle(log: Log, who: string, { taken, dead, succeeded, failed, unread }: Round): Promise<number> {
  const { keys, store } = log;
  return store.runScript(
    SETTLE,
    Count,
    [keys.outboxLease, keys.outbox, keys.outboxTries, keys.outboxDead, keys.outboxUnread],
    [
      ...[who, taken.length, dead.length, succeeded.length, failed.size, unread.length],
      ...taken.map(({ place }) => place),
      ...dead.flatMap(({ place, id, thread, stanza }) => [place, id, thread, stanza]),
      ...succeeded.map((thread) => `:${thread}`),
      ...[...failed].flatMap(([thread, { attempts, next }]) => [`:${thread}`, `${attempts} ${next}`]),
      ...unread.flatMap(({ thread, seq, at }) => [at, `${thread} ${seq}`]),
    ],
  );
}

const Dead = v.tuple([v.array(Entry)]);
const DEAD_PAGE = 100;

/** Lists what the host's server did not take for a day, the oldest first: at most 100, after a place. */
export async function listDead(log: Log, after = ""): Promise<{ events: Waiting[]; isLast: boolean }> {
  const [entries] = await log.store.transact(Dead, (batch) =>
    batch.xrange(log.keys.outboxDead, after === "" ? "-" : `(${after}`, "+", DEAD_PAGE + 1),
  );
  return { events: entries.slice(0, DEAD_PAGE), isLast: entries.length <= DEAD_PAGE };
}

// Puts events that were given up back into the outbox. KEYS: dead, outbox. ARGV: their places. Returns how many there were.
const REPLAY = `
local dead, outbox = KEYS[1], KEYS[2]
local replayed = 0
for _, place in ipairs(ARGV) do
  local entry = redis.call('XRANGE', dead, place, place)[1]
  if entry and redis.call('XDEL', dead, place) == 1 then
    redis.call('XADD', outbox, '*', unpack(entry[2]))
    replayed = replayed + 1
  end
end
return replayed
`;

/** Puts events that were given up back into the outbox, and returns how many there were. */
export function replayDead(log: Log, places: readonly string[]): Promise<number> {
  return log.store.runScript(REPLAY, Count, [log.keys.outboxDead, log.keys.outbox], [...places]);
}
