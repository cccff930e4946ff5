import * as v from "valibot";
import type { Caller } from "./caller.js";
import * as keys from "./keys.js";
import * as log from "./log.js";
import * as redis from "./redis.js";
import { type Record, RecordJson, reach, seen } from "./roster.js";
import type { Presence } from "./stanza.js";

// A held poll is a lease. Renewed every 30 s it outlives one renewal that fails, and with one more tick until it is swept
// it stays under the 90 s after which somebody is unavailable.
const LEASE_MS = 55_000;

// Renews leases, finds those that have run out, and reads the clock on the way. KEYS: clock, online. ARGV: now, then end and who (encoded) of each.
// Returns: {{epoch, n, tag}, how many had been swept meanwhile, who has run out}.
const RENEW = `
local added = 0
for i = 2, #ARGV, 2000 do added = added + redis.call('ZADD', KEYS[2], unpack(ARGV, i, math.min(i + 1999, #ARGV))) end
local over = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, 100)
return {redis.call('HMGET', KEYS[1], 'epoch', 'n', 'tag'), added, over}
`;

const Renewed = v.tuple([log.ClockFields, log.Count, v.array(v.string())]);

/** Renews the leases of people, all in four commands; tells where the clock stands, and whose leases have run out. */
export async function renew(entities: readonly string[], now: number) {
  const leases = entities.flatMap((entity) => [now + LEASE_MS, keys.encode(entity)]);
  const [clock, added, over] = await redis.run(RENEW, Renewed, [keys.clock, keys.online], [now, ...leases]);
  return { clock, added, over: over.map(decodeURIComponent) };
}

// Begins or renews a lease. KEYS: online, presence. ARGV: end, who (encoded). Returns: {1 if it began, what is known}.
const TOUCH = `
return {redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2]), redis.call('HGET', KEYS[2], ARGV[2])}
`;

const Touched = v.tuple([log.Count, v.nullable(RecordJson)]);

/** Makes somebody available who comes to listen, and tells their contacts if they were not. Appearing offline goes on. */
export async function arrive(caller: Caller, now: number): Promise<void> {
  const [began, known] = await touch(caller, now);
  if (began === 0 || known?.available === false) return;
  await tell(caller, { actor: caller.actor, available: true, since: new Date(now).toISOString() }, now);
}

/** Makes those of some people available again, and tells it, who were swept although they are here. */
export async function announce(callers: readonly Caller[], now: number): Promise<void> {
  const Known = v.tuple([v.array(v.nullable(v.string()))]);
  const [first = "", ...rest] = callers.map((caller) => keys.encode(caller.actor.id));
  const [known] = await redis.read(Known, (reading) => reading.hmget(keys.presence, first, ...rest));
  const since = new Date(now).toISOString();
  for (const [i, caller] of callers.entries()) {
    if (known[i] === null) await tell(caller, { actor: caller.actor, available: true, since }, now);
  }
}

/** Says one's presence. Saying the same again changes nothing. */
export async function say(caller: Caller, presence: Presence, now: number) {
  const [began, known] = await touch(caller, now);
  const { show, status, available } = presence;
  const same = known?.available === available && known.show === show && known.status === status;
  const said = { available, ...(show === undefined ? {} : { show }), ...(status === undefined ? {} : { status }) };
  if (began === 1 || !same)
    await tell(caller, { actor: caller.actor, ...said, since: new Date(now).toISOString() }, now);
  return { type: "presence", timestamp: new Date(now).toISOString() };
}

function touch(caller: Caller, now: number): Promise<v.InferOutput<typeof Touched>> {
  return redis.run(TOUCH, Touched, [keys.online, keys.presence], [now + LEASE_MS, keys.encode(caller.actor.id)]);
}

// Keeps what somebody says and tells it. KEYS: clock, presence. ARGV: own: who (encoded), what is known, the threads that are told, stanza.
// Returns: 1.
const TELL = `
redis.call('HSET', KEYS[2], ARGV[5], ARGV[6])
if ARGV[7] ~= '' then
  pass('presence', ARGV[5], ARGV[7], ARGV[8])
  commit()
end
return 1
`;

async function tell(caller: Caller, record: Record, now: number): Promise<void> {
  const by = keys.encode(caller.actor.id);
  const threads = (await reach(caller.actor.id)).join(",");
  // First what `sweep` looks at: an actor may have an extension of the same name.
  const { available, ...rest } = record;
  const known = JSON.stringify({ available, ...rest });
  await log.write(TELL, v.number(), now, [keys.presence], [by, known, threads, stanza(record)]);
}

// Takes somebody out whose lease has run out, unless they came back, and tells it, unless they appeared offline. Whoever sweeps first does it.
// KEYS: clock, online, presence. ARGV: own: who (encoded), now, the threads that are told, stanza. Returns: 1 if it was done.
const SWEEP = `
local ends = redis.call('ZSCORE', KEYS[2], ARGV[5])
if not ends or tonumber(ends) > tonumber(ARGV[6]) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[5])
local known = redis.call('HGET', KEYS[3], ARGV[5])
if not known or string.find(known, '^{"available":false') then return 1 end
redis.call('HDEL', KEYS[3], ARGV[5])
if ARGV[7] ~= '' then
  pass('presence', ARGV[5], ARGV[7], ARGV[8])
  commit()
end
return 1
`;

/** Makes somebody unavailable whose lease has run out. */
export async function sweep(entity: string, now: number): Promise<void> {
  const by = keys.encode(entity);
  const Known = v.tuple([v.tuple([v.nullable(RecordJson)])]);
  const [[known]] = await redis.read(Known, (reading) => reading.hmget(keys.presence, by));
  const actor = known?.actor ?? { id: entity, objectType: "person" };
  const threads = known === null ? "" : (await reach(entity)).join(",");
  const body = stanza({ actor, available: false, since: new Date(now).toISOString() });
  await log.write(SWEEP, v.number(), now, [keys.online, keys.presence], [by, now, threads, body]);
}

function stanza(record: Record): string {
  return JSON.stringify({ type: "presence", presence: [seen(record)] });
}
