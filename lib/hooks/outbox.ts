import * as v from "valibot";
import type { Log } from "../log/log.js";
import { Count } from "../store/replies.js";

/** An event that waits in the outbox: its place there, when it happened (ms), its webhook-id, its thread, and its stanza in JSON. */
export type Waiting = { place: string; at: number; id: string; thread: string; stanza: string };

/** How often the oldest event of a thread was tried in vain, and when it is due again, in ms. `""` stands for all threads. */
export type Tries = ReadonlyMap<string, { attempts: number; next: number }>;

/** Longer than a round of sending takes, so that two instances do not send the same at once. */
export const LEASE_MS = 30_000;
const PAGE = 100;

// Takes the lease of the outbox, or keeps it, and reads a page of events. KEYS: lease, outbox, tries.
// ARGV: who takes it, lease in ms, where the page begins, its size.
// Returns: {busy} if another instance has the lease, or {mine, page, tries}.
const TAKE = `
local lease, outbox, tries = KEYS[1], KEYS[2], KEYS[3]
local who, ms, from, size = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local holder = redis.call('GET', lease)
if holder and holder ~= who then return {'busy'} end
local page = redis.call('XRANGE', outbox, from, '+', 'COUNT', size)
if #page > 0 then redis.call('SET', lease, who, 'PX', ms) end
return {'mine', page, redis.call('HGETALL', tries)}
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
  v.tuple([v.literal("mine"), v.array(Entry), v.array(v.string())]),
]);

/**
 * Reads a page of what waits, after a place, if no other instance is sending it. A page that is shorter than `PAGE` is the last one. Undefined
 * while another instance is at it.
 */
export async function take(
  log: Log,
  who: string,
  after = "",
): Promise<{ events: Waiting[]; tries: Tries; last: boolean } | undefined> {
  const { keys, store } = log;
  const from = after === "" ? "-" : `(${after}`;
  const [outcome, events = [], fields = []] = await store.runScript(
    TAKE,
    Taken,
    [keys.outboxLease, keys.outbox, keys.outboxTries],
    [who, LEASE_MS, from, PAGE],
  );
  return outcome === "busy" ? undefined : { events, tries: parseTries(fields), last: events.length < PAGE };
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

/** Lists what the host's server did not take for a day, the oldest first: at most 100, after a place. */
export async function listDead(log: Log, after = ""): Promise<{ events: Waiting[]; isLast: boolean }> {
  const [entries] = await log.store.transact(Dead, (batch) =>
    batch.xrange(log.keys.outboxDead, after === "" ? "-" : `(${after}`, "+", PAGE + 1),
  );
  return { events: entries.slice(0, PAGE), isLast: entries.length <= PAGE };
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
