import * as v from "valibot";
import { ClockFields, witness } from "../log/clock.js";
import type { Log } from "../log/log.js";
import { write, writeScript } from "../log/write.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { formatReceipt, type Receipt } from "./delivery-receipts.js";
import type { Word } from "./device.js";

// A held poll is a lease. Renewed every 30 s it outlives one renewal that fails, and with one more tick until it is swept
// it stays under the 90 s after which somebody is unavailable.
const LEASE_MS = 55_000;

/** So much that has run out is named at once: what else there is, is found when that is swept. */
export const OVER_MAX = 100;

// Renews leases, finds those that have run out, publishes receipts, and reads the clock on the way, as it was before.
// KEYS: clock, online. ARGV: own: epoch and number of the receipts, then who (encoded), thread and stanza of each; then end and who of each lease.
// Returns: {{epoch, n, tag}, how many leases had been swept meanwhile, which have run out}.
const RENEW = writeScript(`
local online, receiptEpoch, receipts = KEYS[2], ARGV[5], tonumber(ARGV[6])
local added, first = 0, 7 + 3 * receipts
for i = first, #ARGV, 2000 do added = added + redis.call('ZADD', online, unpack(ARGV, i, math.min(i + 1999, #ARGV))) end
local over = redis.call('ZRANGEBYSCORE', online, '-inf', now, 'LIMIT', 0, ${OVER_MAX})
if receipts > 0 and epoch == receiptEpoch then
  for i = 7, first - 1, 3 do
    local by, thread, stanza = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    pass('delivered', by, thread, stanza)
  end
  commit()
end
return {time, added, over}
`);

const Renewed = v.tuple([ClockFields, Count, v.array(v.string())]);

/** What has run out: somebody's lease, or what one of their devices said. */
export type Lapse = { entity: string; device?: string };

/**
 * Renews the leases of people, all in four commands; tells where the clock stands, and what has run out. What others have
 * received goes along for two commands more.
 */
export async function renew(chat: Log, entities: readonly string[], now: number, receipts: readonly Receipt[] = []) {
  const leases = entities.flatMap((entity) => [now + LEASE_MS, encode(entity)]);
  const passing = receipts.flatMap((it) => [it.who, it.thread, formatReceipt(it)]);
  const args = [receipts[0]?.epoch ?? "", receipts.length, ...passing, ...leases];
  const before = chat.horizon.reached;
  const [clock, added, over] = await write(chat, RENEW, Renewed, now, [chat.keys.online], args);
  return { clock: await witness(chat, before, clock), added, over: over.map(lapseOf) };
}

/** Begins or renews somebody's lease, notes when words are over, and answers what is known of them. */
export async function touch(chat: Log, entity: string, now: number, words: readonly Word[]): Promise<string | null> {
  const lease = { score: now + LEASE_MS, member: member({ entity }) };
  const ends = words.map(({ device, until }) => ({ score: until, member: member({ entity, device }) }));
  const [, known] = await chat.store.transact(v.tuple([Count, v.nullable(v.string())]), (batch) => {
    batch.zadd(chat.keys.online, lease, ...ends);
    batch.hget(chat.keys.presence, encode(entity));
  });
  return known;
}

/** Spells a lapse as the zset of leases does: no encoded entity has a comma. */
export function member({ entity, device }: Lapse): string {
  return device === undefined ? encode(entity) : `${encode(entity)},${device}`;
}

function lapseOf(text: string): Lapse {
  const [who = "", device] = text.split(",");
  return { entity: decode(who), ...(device === undefined ? {} : { device }) };
}
