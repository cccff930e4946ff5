import * as v from "valibot";
import * as log from "../log/write.js";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";
import { type Receipt, spell } from "./delivery-receipts.js";
import type { Word } from "./device.js";

// A held poll is a lease. Renewed every 30 s it outlives one renewal that fails, and with one more tick until it is swept
// it stays under the 90 s after which somebody is unavailable.
const LEASE_MS = 55_000;

/** So much that has run out is named at once: what else there is, is found when that is swept. */
export const OVER_MAX = 100;

// Renews leases, finds those that have run out, passes on who has received what, and reads the clock on the way, as it was before.
// KEYS: clock, online. ARGV: own: epoch and number of the receipts, then who (encoded), thread and stanza of each; then end and who of each lease.
// Returns: {{epoch, n, tag}, how many had been swept meanwhile, who has run out}.
const RENEW = `
local added, first = 0, 7 + 3 * ARGV[6]
for i = first, #ARGV, 2000 do added = added + redis.call('ZADD', KEYS[2], unpack(ARGV, i, math.min(i + 1999, #ARGV))) end
local over = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, ${OVER_MAX})
if first > 7 and epoch == ARGV[5] then
  for i = 7, first - 1, 3 do pass('delivered', ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
  commit()
end
return {time, added, over}
`;

const Renewed = v.tuple([log.ClockFields, log.Count, v.array(v.string())]);

/** What has run out: somebody's lease, or what one of their devices said. */
export type Lapse = { entity: string; device?: string };

/**
 * Renews the leases of people, all in four commands; tells where the clock stands, and what has run out. What others have
 * received goes along for two commands more.
 */
export async function renew(entities: readonly string[], now: number, receipts: readonly Receipt[] = []) {
  const leases = entities.flatMap((entity) => [now + LEASE_MS, keys.encode(entity)]);
  const passing = receipts.flatMap((it) => [it.who, it.thread, spell(it)]);
  const args = [receipts[0]?.epoch ?? "", receipts.length, ...passing, ...leases];
  const before = log.horizon();
  const [clock, added, over] = await log.write(RENEW, Renewed, now, [keys.online], args);
  return { clock: await log.witness(before, clock), added, over: over.map(lapseOf) };
}

/** Begins or renews somebody's lease, notes when words are over, and answers what is known of them. */
export async function touch(entity: string, now: number, words: readonly Word[]): Promise<string | null> {
  const lease = { score: now + LEASE_MS, member: member({ entity }) };
  const ends = words.map(({ device, until }) => ({ score: until, member: member({ entity, device }) }));
  const [, known] = await redis.read(v.tuple([log.Count, v.nullable(v.string())]), (reading) => {
    reading.zadd(keys.online, lease, ...ends);
    reading.hget(keys.presence, keys.encode(entity));
  });
  return known;
}

/** Spells a lapse as the zset of leases does: no encoded entity has a comma. */
export function member({ entity, device }: Lapse): string {
  return device === undefined ? keys.encode(entity) : `${keys.encode(entity)},${device}`;
}

function lapseOf(text: string): Lapse {
  const [who = "", device] = text.split(",");
  return { entity: keys.decode(who), ...(device === undefined ? {} : { device }) };
}
