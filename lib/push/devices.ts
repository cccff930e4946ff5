import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";
import { digest, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { checkEndpoint, type Subscription } from "./subscription.js";

// A phone, a tablet, a few browsers; each message is posted once for each of them.
export const DEVICES_MAX = 10;
/** A guest is in one browser. Each device makes the deployment post to where its user says, of whom the host knows nothing. */
export const GUEST_DEVICES_MAX = 2;

// Keeps the subscription of a device, and forgets the oldest beyond the limit. Notes at the clock that somebody gets pushes: every writing script reads
// that, so nobody pays for pushes where nobody has any.
// KEYS: clock, users, devices. ARGV: who (encoded), device, when and what it subscribed, the limit. Returns: how many devices there are.
const SUBSCRIBE = `
local clock, users, devices = KEYS[1], KEYS[2], KEYS[3]
local who, device, now, subscription, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
redis.call('HSET', devices, device, now .. ' ' .. subscription)
local all, oldest, first = redis.call('HGETALL', devices), nil, nil
for i = 1, #all, 2 do
  local at = tonumber(string.match(all[i + 1], '^%d+'))
  if all[i] ~= device and (not first or at < first) then oldest, first = all[i], at end
end
if #all / 2 > most then redis.call('HDEL', devices, oldest) end
redis.call('ZADD', users, now, who)
redis.call('HSET', clock, 'push', '1')
return redis.call('HLEN', devices)
`;

/**
 * Subscribes a device of a user, or renews what is known of it. Beyond `most` the one goes that subscribed first. Returns its id: the SHA-256 of the
 * endpoint in base64url. Throws `invalid`, and `not_found` where pushes are off.
 */
export async function subscribe(
  log: Log,
  entity: string,
  subscription: Subscription,
  now: number,
  most = DEVICES_MAX,
): Promise<{ id: string }> {
  checkEndpoint(subscription.endpoint, settings(log).reachable);
  const { keys, store } = log;
  const id = digest(subscription.endpoint);
  await store.runScript(
    SUBSCRIBE,
    Count,
    [keys.clock, keys.pushUsers, keys.devices(entity)],
    [encode(entity), id, now, JSON.stringify(subscription), most],
  );
  return { id };
}

// Forgets devices of a user, all if none is named; without any, the user, and without users that anybody gets pushes.
// KEYS: clock, users, devices. ARGV: who (encoded), then devices. Returns: how many devices are left.
const UNSUBSCRIBE = `
local clock, users, devices = KEYS[1], KEYS[2], KEYS[3]
if #ARGV == 1 then redis.call('DEL', devices) else redis.call('HDEL', devices, unpack(ARGV, 2)) end
local left = redis.call('HLEN', devices)
if left == 0 and redis.call('ZREM', users, ARGV[1]) == 1 and redis.call('ZCARD', users) == 0 then redis.call('HDEL', clock, 'push') end
return left
`;

/** Forgets a device of a user, or all. One that is not known changes nothing. */
export async function unsubscribe({ keys, store }: Log, entity: string, ...devices: string[]): Promise<void> {
  await store.runScript(
    UNSUBSCRIBE,
    Count,
    [keys.clock, keys.pushUsers, keys.devices(entity)],
    [encode(entity), ...devices],
  );
}

/** The settings of pushes. Throws `not_found` where they are off. */
export function settings({ config }: Log) {
  if (config.push === undefined) throw new Fault("not_found", { detail: "Pushes are off" });
  return config.push;
}

/** A device as the store keeps it. */
export const StoredDevice = v.pipe(
  v.string(),
  v.transform((it) => it.slice(it.indexOf(" ") + 1)),
  v.parseJson(),
  v.object({
    endpoint: v.string(),
    keys: v.object({ p256dh: v.string(), auth: v.string() }),
    page: v.exactOptional(v.string()),
  }),
);
export type StoredDevice = v.InferOutput<typeof StoredDevice>;
