import * as v from "valibot";
import type { Log } from "../log/log.js";
import { PUSHES_MAX } from "../log/write.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";

/** Longer than a round of sending takes, so that two instances do not send the same at once. */
export const LEASE_MS = 30_000;
const PAGE = 100;

/** What waits in the outbox: a message that may ring, a member who has read what rang, messages that were retracted, or who blocks whom (encoded). */
export type Waiting = {
  place: string;
  thread: string;
  seq: number | undefined;
  reader: string | undefined;
  retracted: readonly number[];
  block: Block | undefined;
};

/** Who blocks whom, both encoded. */
export type Block = { who: string; whom: string };

/** What is looked at again later: a message for one member (encoded), for one device where only that has failed. */
export type Due = { thread: string; seq: number; who: string; device: string | undefined; attempts: number };

// Takes the lease of the pushes, or keeps it, and reads what waits and what is due. KEYS: lease, outbox, due. ARGV: who takes it, lease in ms, now
// in ms, how many of each. Returns: {busy} if another instance has the lease, or {mine, what waits, what is due, when the next one is, or ''}.
const TAKE = `
local lease, outbox, due = KEYS[1], KEYS[2], KEYS[3]
local who, ms, now, size = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local holder = redis.call('GET', lease)
if holder and holder ~= who then return {'busy'} end
local waiting = redis.call('XRANGE', outbox, '-', '+', 'COUNT', size)
local ready = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', '0', size)
local next = redis.call('ZRANGEBYSCORE', due, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', '0', '1')[2]
if #waiting + #ready > 0 then redis.call('SET', lease, who, 'PX', ms) end
return {'mine', waiting, ready, next or ''}
`;

const Entry = v.pipe(
  v.tuple([v.string(), v.array(v.string())]),
  v.transform(
    ([place, [, thread = "", field, value = ""]]): Waiting => ({
      place,
      thread,
      seq: field === "s" ? Number(value) : undefined,
      reader: field === "r" ? value : undefined,
      retracted: field === "x" ? value.split(" ").map(Number) : [],
      block: field === "b" ? toBlock(value) : undefined,
    }),
  ),
);
const toBlock = (value: string): Block => {
  const [who = "", whom = ""] = value.split(" ");
  return { who, whom };
};
const DueText = v.pipe(
  v.string(),
  v.transform((it): Due => {
    const [thread = "", seq, who = "", device, attempts] = it.split(" ");
    return { thread, seq: Number(seq), who, device: device === "-" ? undefined : device, attempts: Number(attempts) };
  }),
);
const Taken = v.union([
  v.tuple([v.literal("busy")]),
  v.tuple([v.literal("mine"), v.array(Entry), v.array(DueText), v.string()]),
]);

/** Reads what waits and what is due, up to 100 of each, and when the next one is; undefined while another instance is at it. */
export async function take({ keys, store }: Log, who: string, now: number) {
  const [outcome, waiting = [], due = [], next = ""] = await store.runScript(
    TAKE,
    Taken,
    [keys.pushLease, keys.pushOutbox, keys.pushDue],
    [who, LEASE_MS, now, PAGE],
  );
  return outcome === "busy" ? undefined : { waiting, due, next: next === "" ? undefined : Number(next) };
}

/** A push that reached a device: it can be taken back. */
export type Rung = { thread: string; seq: number; entity: string };

/** What became of a round: what was seen to, what is looked at again and when, and what has rung. */
export type Round = {
  waiting: readonly Waiting[];
  due: readonly Due[];
  again: readonly (Due & { at: number })[];
  rung: readonly Rung[];
};

// Notes what became of a round, and gives the lease back. Who has read meanwhile what rang is put into the outbox, so that it is taken back.
// KEYS: lease, outbox, due, then the threads in which something rang. ARGV: who has the lease, the numbers of what follows: places in the outbox,
// what was due, what is due again (time, text), then of each thread its id, who (encoded), seq. Returns: how many wait.
const SETTLE = `
local lease, outbox, due = KEYS[1], KEYS[2], KEYS[3]
local at = 4
local function list(n)
  local part = {}
  for i = at + 1, at + n do part[#part + 1] = ARGV[i] end
  at = at + n
  return part
end
local seen, done, again = list(tonumber(ARGV[2])), list(tonumber(ARGV[3])), list(2 * tonumber(ARGV[4]))
if #seen > 0 then redis.call('XDEL', outbox, unpack(seen)) end
if #done > 0 then redis.call('ZREM', due, unpack(done)) end
if #again > 0 then
  redis.call('ZADD', due, unpack(again))
  redis.call('ZREMRANGEBYRANK', due, ${PUSHES_MAX}, -1)
end
for k = 4, #KEYS do
  local thread, id, who, seq = KEYS[k], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  at = at + 3
  local it = redis.call('HMGET', thread, 'role:' .. who, 'read:' .. who, 'rung')
  if it[1] and tonumber(it[2] or 0) >= tonumber(seq) then
    redis.call('XADD', outbox, 'MAXLEN', '~', '${PUSHES_MAX}', '*', 't', id, 'r', who)
  elseif it[1] then
    redis.call('HSET', thread, 'pushed:' .. who, seq, 'rung', string.format('%.0f', math.max(tonumber(seq), tonumber(it[3] or 0))))
  end
end
if redis.call('GET', lease) == ARGV[1] then redis.call('DEL', lease) end
return redis.call('XLEN', outbox)
`;

/** Notes what became of a round, gives the lease back, and returns how many wait. What was noted twice is noted once. */
export function settle({ keys, store }: Log, who: string, { waiting, due, again, rung }: Round): Promise<number> {
  return store.runScript(
    SETTLE,
    Count,
    [keys.pushLease, keys.pushOutbox, keys.pushDue, ...rung.map(({ thread }) => keys.thread(thread))],
    [
      ...[who, waiting.length, due.length, again.length],
      ...waiting.map(({ place }) => place),
      ...due.map(format),
      ...again.flatMap((it) => [it.at, format(it)]),
      ...rung.flatMap(({ thread, entity, seq }) => [thread, encode(entity), seq]),
    ],
  );
}

function format({ thread, seq, who, device = "-", attempts }: Due): string {
  return `${thread} ${seq} ${who} ${device} ${attempts}`;
}
