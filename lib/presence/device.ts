import * as v from "valibot";
import type { Caller } from "../people/caller.js";

/** The presence that a user set on one device; `until` is when the device's credential expires, in ms. */
export const DevicePresence = v.object({
  device: v.string(),
  until: v.number(),
  show: v.exactOptional(v.string()),
  status: v.exactOptional(v.string()),
  /** Extension properties. */
  more: v.exactOptional(v.record(v.string(), v.unknown())),
});
export type DevicePresence = v.InferOutput<typeof DevicePresence>;

/** Names the device of a caller: each chat token is a device, and all sessions of a user together are one. */
export function deviceOf({ birth, sha }: Pick<Caller, "birth" | "sha">): string {
  return birth === undefined ? "session" : tokenDevice(sha);
}

/** Names the device of a chat token, given by its SHA-256: 66 bits are enough to distinguish the few devices of one user. */
export function tokenDevice(sha: string): string {
  return sha.slice(0, 11);
}

// As many devices as may hold polls at one instance. A roster reads the devices of 200 users at once, so there must be few.
const DEVICES_MAX = 8;

/** Replaces the presence of one device, and drops expired ones. If there are too many devices, those set longest ago are dropped. */
export function setDevice(devices: readonly DevicePresence[], device: DevicePresence, now: number): DevicePresence[] {
  return [...removeDevices(devices, [device.device], now), device].slice(-DEVICES_MAX);
}

/** Removes the given devices, and expired ones. */
export function removeDevices(
  devices: readonly DevicePresence[],
  removed: readonly string[],
  now: number,
): DevicePresence[] {
  return devices.filter((it) => it.until > now && !removed.includes(it.device));
}

// "Do not disturb" on one device holds for all of them; else the most available device counts (RFC 6121 §4.7.2.1).
const PRECEDENCE = ["dnd", "chat", undefined, "away", "xa"];

/** Combines devices: the `show` that takes precedence, with the status of the device that set it last. */
export function combineDevices(devices: readonly DevicePresence[], now: number): Description {
  const latest = devices.filter((it) => it.until > now).reverse();
  for (const wanted of PRECEDENCE) {
    const device = latest.find(({ show }) => show === wanted);
    if (device === undefined) continue;
    return describe(device);
  }
  return {};
}

/** How a user describes their availability. */
export type Description = Pick<DevicePresence, "show" | "status" | "more">;

/** Picks the description of a presence, without what is absent. */
export function describe({ show, status, more }: Description): Description {
  return {
    ...(show === undefined ? {} : { show }),
    ...(status === undefined ? {} : { status }),
    ...(more === undefined ? {} : { more }),
  };
}
