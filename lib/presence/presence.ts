import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Presence } from "../schema/presence.js";
import { encode } from "../store/keys.js";
import { combineDevices, type Description, describe, deviceOf, removeDevices, setDevice } from "./device.js";
import { formatHolder, type LeaseHolder, OVER_MAX, renew, touch } from "./lease.js";
import { formatRecord, type PresenceRecord, StoredPresence, visible } from "./presence-record.js";
import { visibleThreads } from "./roster.js";

/** Makes a user available who begins to poll, and notifies the user's contacts of a change. A user who appears offline stays so. */
export async function makeAvailable(chat: Log, { actor }: Caller, now: number): Promise<void> {
  const known = await touch(chat, actor.id, now, []);
  await update(chat, actor.id, known, now, (before) => before ?? { actor, available: true, devices: [] });
}

/** Makes users available again who were swept although they poll here, and notifies their contacts. */
export async function restore(chat: Log, callers: readonly Caller[], now: number): Promise<void> {
  const Known = v.tuple([v.array(v.nullable(v.string()))]);
  const [first = "", ...rest] = callers.map((caller) => encode(caller.actor.id));
  const [known] = await chat.store.transact(Known, (batch) => batch.hmget(chat.keys.presence, first, ...rest));
  for (const [i, { actor }] of callers.entries()) {
    const fresh = { actor, available: true, devices: [] };
    if (known[i] === null) await update(chat, actor.id, null, now, (before) => before ?? fresh);
  }
}

/** Sets the caller's presence on one device, and notifies the caller's contacts if what they see changes. */
export async function setPresence(chat: Log, caller: Caller, presence: Presence, now: number) {
  const { actor, expires } = caller;
  const { available, ...description } = presence;
  const device = { device: deviceOf(caller), until: expires, ...description };
  const known = await touch(chat, actor.id, now, available ? [device] : []);
  await update(chat, actor.id, known, now, (before) => {
    const devices = before?.devices ?? [];
    return {
      actor,
      available,
      // A user who appears offline may say why. No device has that description.
      ...(available ? {} : description),
      devices: available ? setDevice(devices, device, now) : removeDevices(devices, [device.device], now),
    };
  });
  return { type: "presence", timestamp: new Date(now).toISOString() };
}

/** Removes the presence that was set on some of a user's devices, whose credentials are no longer valid. */
export async function forgetDevices(chat: Log, entity: string, devices: readonly string[], now: number): Promise<void> {
  await update(chat, entity, await readRecord(chat, entity), now, (before) => {
    return before && { ...before, devices: removeDevices(before.devices, devices, now) };
  });
}

/** Removes a user's presence, and notifies the user's contacts. A user who connects or says so is available again. */
export async function endPresence(chat: Log, entity: string, now: number): Promise<void> {
  await update(chat, entity, await readRecord(chat, entity), now, () => undefined);
}

// When an instance dies, hundreds of leases expire at once. One after another, the last contacts would be notified too late; all at once,
// other requests would wait.
const AT_ONCE = 10;

/** Sweeps the leases that were found to have expired by `now`, and then all others: one read lists only the first. */
export async function sweepAll(chat: Log, found: readonly LeaseHolder[], now: number): Promise<void> {
  for (let over = found; over.length > 0; ) {
    let done = 0;
    // Users before devices: once a user is unavailable, a change on one of the user's devices is not visible.
    const holders = over.toSorted((a, b) => Number(a.device !== undefined) - Number(b.device !== undefined));
    for (let at = 0; at < holders.length; at += AT_ONCE) {
      const swept = await Promise.allSettled(holders.slice(at, at + AT_ONCE).map((holder) => sweep(chat, holder, now)));
      done += swept.filter(({ status }) => status === "fulfilled").length;
    }
    over = done > 0 && over.length >= OVER_MAX ? (await renew(chat, [], now)).over : [];
  }
}

/** Makes a user unavailable whose lease has expired, or removes a device that has. A user who appears offline keeps the record. */
export async function sweep(chat: Log, holder: LeaseHolder, now: number): Promise<void> {
  const { entity, device } = holder;
  const change = (before: PresenceRecord | undefined) => {
    if (device === undefined) return before?.available ? undefined : before;
    return before && { ...before, devices: removeDevices(before.devices, [], now) };
  };
  await update(chat, entity, await readRecord(chat, entity), now, change, formatHolder(holder));
}

async function readRecord(chat: Log, entity: string): Promise<string | null> {
  const [known] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) => {
    batch.hget(chat.keys.presence, encode(entity));
  });
  return known;
}

// Replaces a presence record if it is still the one that was read, and publishes what contacts see. If a lease is given, it must have
// expired.
// KEYS: clock, online, presence. ARGV: own: who (encoded), the record before and after (each '' for none), the threads to publish in,
// stanza ('' for none), the holder of the lease ('' for none). Returns: {ok} or {changed, the record, '' for none}.
const UPDATE = writeScript(`
local online, presence = KEYS[2], KEYS[3]
local who, before, after, threads, stanza, lease = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
if lease ~= '' then
  local ends = redis.call('ZSCORE', online, lease)
  if not ends or tonumber(ends) > now then return {'ok'} end
end
local known = redis.call('HGET', presence, who) or ''
if known ~= before then
  if known == after then return {'ok'} end
  return {'changed', known}
end
if lease ~= '' then redis.call('ZREM', online, lease) end
if after == '' then redis.call('HDEL', presence, who)
elseif after ~= known then redis.call('HSET', presence, who, after) end
if threads ~= '' then
  pass('presence', who, threads, stanza)
  commit()
end
return {'ok'}
`);

const Updated = v.union([v.tuple([v.literal("ok")]), v.tuple([v.literal("changed"), v.string()])]);

// If several devices write at the same time, one of them succeeds with each attempt.
const ATTEMPTS = 10;

type Change = (
  before: PresenceRecord | undefined,
) => (Pick<PresenceRecord, "actor" | "available" | "devices"> & Description) | undefined;

/** Applies a change to a user's presence record, again if the record has changed meanwhile, and publishes what contacts see of it. */
async function update(
  chat: Log,
  entity: string,
  known: string | null,
  now: number,
  change: Change,
  lease = "",
): Promise<void> {
  const by = encode(entity);
  let stored = known ?? "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = stored === "" ? undefined : v.parse(StoredPresence, stored);
    const { record, stanza } = next(before, change(before), now);
    if (record === stored && lease === "") return;
    const threads = stanza === "" ? "" : (await visibleThreads(chat, entity)).join(",");
    const args = [by, stored, record, threads, stanza, lease];
    const [outcome, newer] = await write(chat, UPDATE, Updated, now, [chat.keys.online, chat.keys.presence], args);
    if (outcome === "ok") return;
    stored = newer;
  }
  throw new Fault("unavailable", {
    detail: "The presence is being changed by too many requests at once",
    retryAfter: 1,
  });
}

/** Formats the next record, and the stanza for the contacts: empty if they see no change. */
function next(
  before: PresenceRecord | undefined,
  after: ReturnType<Change>,
  now: number,
): { record: string; stanza: string } {
  const since = new Date(now).toISOString();
  if (after === undefined) {
    return { record: "", stanza: before === undefined ? "" : formatStanza(withoutDescription(before, since)) };
  }
  const { actor, available, devices } = after;
  const description = available ? combineDevices(devices, now) : describe(after);
  const isSame = before?.available === available && isDeepStrictEqual(describe(before), description);
  const record = { actor, available, ...description, since: isSame ? before.since : since, devices };
  return { record: formatRecord(record), stanza: isSame ? "" : formatStanza(record) };
}

/** What contacts see of a user whose last lease has expired: nobody said why. */
function withoutDescription({ actor, devices }: PresenceRecord, since: string): PresenceRecord {
  return { actor, devices, available: false, since };
}

function formatStanza(record: PresenceRecord): string {
  return JSON.stringify({ type: "presence", presence: [visible(record)] });
}
