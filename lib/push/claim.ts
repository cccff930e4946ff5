import * as v from "valibot";
import type { Log } from "../log/log.js";
import { Count } from "../store/replies.js";
import { StoredDevice } from "./devices.js";

// A phone that rings every other second is switched off; what rings later is collapsed by thread meanwhile.
const PER_MINUTE = 30;

/** How many pushes a user may still have in this minute, and the user's devices by id. */
export type Claim = { allowed: number; devices: ReadonlyMap<string, StoredDevice> };

// Counts the pushes of users within a minute, and reads their devices. KEYS: of each user the devices and the count. ARGV: how many a minute may
// have, then of each user how many are wanted. Returns: of each user {how many are allowed, devices}.
const CLAIM = `
local most, all = tonumber(ARGV[1]), {}
for i = 2, #ARGV do
  local devices, count, wanted = KEYS[2 * i - 3], KEYS[2 * i - 2], tonumber(ARGV[i])
  local total = wanted > 0 and redis.call('INCRBY', count, wanted) or 0
  if wanted > 0 and total == wanted then redis.call('EXPIRE', count, '60') end
  all[i - 1] = {most - (total - wanted), redis.call('HGETALL', devices)}
end
return all
`;

const Claimed = v.array(v.tuple([Count, v.array(v.string())]));

/** Claims what rings for users within this minute, and reads their devices; also those of users for whom something is taken back. */
export async function claim(
  { keys, store }: Log,
  rings: readonly { entity: string }[],
  closes: readonly { entity: string }[],
): Promise<ReadonlyMap<string, Claim>> {
  const wanted = new Map<string, number>(closes.map(({ entity }) => [entity, 0]));
  for (const { entity } of rings) wanted.set(entity, (wanted.get(entity) ?? 0) + 1);
  if (wanted.size === 0) return new Map();
  const claimed = await store.runScript(
    CLAIM,
    Claimed,
    [...wanted.keys()].flatMap((entity) => [keys.devices(entity), keys.pushed(entity)]),
    [PER_MINUTE, ...wanted.values()],
  );
  return new Map(
    [...wanted.keys()].map((entity, i) => {
      const [allowed = 0, fields = []] = claimed[i] ?? [];
      return [entity, { allowed, devices: parseDevices(fields) }];
    }),
  );
}

function parseDevices(fields: readonly string[]): ReadonlyMap<string, StoredDevice> {
  const devices = new Map<string, StoredDevice>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const parsed = v.safeParse(StoredDevice, fields[i + 1]);
    if (parsed.success) devices.set(fields[i] ?? "", parsed.output);
  }
  return devices;
}
