import * as v from "valibot";
import { Count } from "../store/replies.js";
import type { Clock } from "./cursor.js";
import type { Log } from "./log.js";
import { FORMAT_LINE } from "./wire.js";

// No log reaches this number. If a store that returned a larger one were believed, an epoch would begin there, in which nothing can be
// written.
const N_MAX = 10 ** 14 - 1;

/** The number of an event, as the clock or a script returns it. */
export const EventNumber = v.pipe(Count, v.maxValue(N_MAX));

/** The fields of the clock's hash, as HMGET returns them; an empty store has none. */
export const ClockFields = v.pipe(
  v.tuple([v.nullable(v.string()), v.nullable(EventNumber), v.nullable(v.string())]),
  v.transform(([epoch, n, tag]): Clock => ({ epoch: epoch ?? "", n: n ?? 0, tag: tag ?? "" })),
);
export const CLOCK_FIELDS = ["epoch", "n", "tag"] as const;

// Reads the clock. KEYS: clock. Returns: {epoch, n, tag}, each possibly false.
const READ_CLOCK = `
local clock = KEYS[1]
return redis.call('HMGET', clock, 'epoch', 'n', 'tag')
`;

/** Reads the clock from the primary. If the log was rolled back, begins a new epoch. */
export async function readClock(log: Log): Promise<Clock> {
  const before = log.horizon.reached;
  return witness(log, before, await log.store.runScript(READ_CLOCK, ClockFields, [log.keys.clock], []));
}

/**
 * Compares a clock that was read with how far the log had been seen to reach before. If the clock is behind that, a part of the log is
 * lost, and a new epoch begins.
 */
export async function witness(log: Log, before: number, seen: Clock): Promise<Clock> {
  const now = seen.n < before ? await fork(log, seen.epoch, before, Date.now()) : seen;
  log.horizon.see(now.n);
  return now;
}

/** Reads the clock. If the store is empty, begins the first epoch, since a cursor needs one. */
export async function begin(log: Log, now: number): Promise<Clock> {
  const seen = await readClock(log);
  return seen.epoch === "" ? fork(log, "", 0, now) : seen;
}

// Begins a new epoch, unless another instance has. Only the epoch is compared: a log that forked remains forked, however far it has moved
// since. An empty store has no epoch to compare. The new n is the wall clock in ms, or above every n that is known.
// KEYS: clock. ARGV: new epoch, now in ms, tag, wire, epoch that forked, an n that was reached before. Returns: the new {epoch, n, tag}.
const FORK = `
${FORMAT_LINE}
local clock = KEYS[1]
local epoch, now, tag, wire, forked, reached = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local seen = redis.call('HMGET', clock, 'epoch', 'n', 'tag')
if seen[1] and seen[1] ~= forked then return seen end
local n = string.format('%.0f', math.max(now, tonumber(seen[2] or 0) + 1, reached + 1))
redis.call('HSET', clock, 'epoch', epoch, 'n', n, 'tag', tag)
redis.call('PUBLISH', wire, line(epoch, n, tag, 'epoch', '-', '-', '{}'))
return {epoch, n, tag}
`;

/** Begins a new epoch after `epoch`, unless another has begun already. `reached` is an n that this instance knows to have existed. */
export function fork(log: Log, epoch: string, reached: number, now: number): Promise<Clock> {
  const { keys, nonces } = log;
  return log.store.runScript(
    FORK,
    ClockFields,
    [keys.clock],
    [nonces.next(), now, nonces.next(), keys.wire, epoch, reached],
  );
}
