import * as v from "valibot";
import { ClockFields, witness } from "../log/clock.js";
import type { Log } from "../log/log.js";
import { write, writeScript } from "../log/write.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { type DeliveryReceipt, formatReceipt } from "./delivery-receipts.js";
import type { DevicePresence } from "./device.js";

// A lease is renewed every 30 s, so it survives one failed renewal, and with the second until it is swept it still ends within the 90 s
// after which a user must be unavailable.
const LEASE_MS = 55_000;

/** The most expired leases that one reply lists; the rest is found when these have been swept. */
export const OVER_MAX = 100;

// Renews leases, finds expired ones, publishes delivery receipts, and reads the clock, as it was before the receipts. A receipt reveals that
// its user is there, so there is none of a user who appears offline, nor in a thread with somebody whom the user blocks.
// KEYS: clock, online, presence, then of each receipt the blocks of its user and the thread. ARGV: own: epoch and number of the receipts, then
// who (encoded), thread, stanza of each, and "1" if the user may block somebody; then end and who of each lease.
// Returns: {{epoch, n, tag}, how many of the leases had been swept meanwhile, which leases have expired}.
const RENEW = writeScript(`
local online, presence, receiptEpoch, receipts = KEYS[2], KEYS[3], ARGV[5], tonumber(ARGV[6])
local added, first = 0, 7 + 4 * receipts
for i = first, #ARGV, 2000 do added = added + redis.call('ZADD', online, unpack(ARGV, i, math.min(i + 1999, #ARGV))) end
local over = redis.call('ZRANGEBYSCORE', online, '-inf', now, 'LIMIT', 0, ${OVER_MAX})
local function blocksMember(blocks, thread)
  local fields = redis.call('HKEYS', blocks)
  if #fields == 0 then return false end
  for i, whom in ipairs(fields) do fields[i] = 'role:' .. whom end
  for _, role in ipairs(redis.call('HMGET', thread, unpack(fields))) do if role then return true end end
  return false
end
if receipts > 0 and epoch == receiptEpoch then
  local users = {}
  for i = 7, first - 1, 4 do users[#users + 1] = ARGV[i] end
  local records = redis.call('HMGET', presence, unpack(users))
  for i, by in ipairs(users) do
    local at = 3 + 4 * i
    local thread, stanza, blocks = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3] == '1'
    local offline = string.find(records[i] or '', '"available":false', 1, true)
    if not offline and not (blocks and blocksMember(KEYS[2 + 2 * i], KEYS[3 + 2 * i])) then
      pass('delivered', by, thread, stanza)
    end
  end
  if #lines > 0 then commit() end
end
return {time, added, over}
`);

const Renewed = v.tuple([ClockFields, Count, v.array(v.string())]);

/** What a lease is held for: the availability of a user, or the presence that was set on one of the user's devices. */
export type LeaseHolder = { entity: string; device?: string };

/**
 * Renews the leases of users, all in four commands, and returns the clock, how many leases had been swept meanwhile, and whose have
 * expired. Delivery receipts are published in the same script, for three commands more, and two for each user who blocks somebody.
 */
export async function renew(
  chat: Log,
  entities: readonly string[],
  now: number,
  receipts: readonly DeliveryReceipt[] = [],
) {
  const leases = entities.flatMap((entity) => [now + LEASE_MS, encode(entity)]);
  const published = receipts.flatMap((it) => [it.who, it.thread, formatReceipt(it), it.mayBlock ? "1" : "0"]);
  const theirs = receipts.flatMap((it) => [chat.keys.blocks(it.entity), chat.keys.thread(it.thread)]);
  const args = [receipts[0]?.epoch ?? "", receipts.length, ...published, ...leases];
  const before = chat.horizon.reached;
  const [clock, added, over] = await write(
    chat,
    RENEW,
    Renewed,
    now,
    [chat.keys.online, chat.keys.presence, ...theirs],
    args,
  );
  return { clock: await witness(chat, before, clock), added, over: over.map(parseHolder) };
}

/** Begins or renews a user's lease, sets when devices expire, and returns the user's presence record. */
export async function touch(
  chat: Log,
  entity: string,
  now: number,
  devices: readonly DevicePresence[],
): Promise<string | null> {
  const lease = { score: now + LEASE_MS, member: formatHolder({ entity }) };
  const ends = devices.map(({ device, until }) => ({ score: until, member: formatHolder({ entity, device }) }));
  const [, known] = await chat.store.transact(v.tuple([Count, v.nullable(v.string())]), (batch) => {
    batch.zadd(chat.keys.online, lease, ...ends);
    batch.hget(chat.keys.presence, encode(entity));
  });
  return known;
}

/** Formats the holder of a lease as a member of the zset: `<entity>` or `<entity>,<device>`. No encoded entity has a comma. */
export function formatHolder({ entity, device }: LeaseHolder): string {
  return device === undefined ? encode(entity) : `${encode(entity)},${device}`;
}

function parseHolder(text: string): LeaseHolder {
  const [who = "", device] = text.split(",");
  return { entity: decode(who), ...(device === undefined ? {} : { device }) };
}
