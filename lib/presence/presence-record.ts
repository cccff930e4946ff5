import * as v from "valibot";
import { Actor } from "../schema/actor.js";
import { DevicePresence, describe } from "./device.js";

/** The stored presence of a user: what contacts see, since when, and what each of the user's devices set. */
export type PresenceRecord = v.InferOutput<typeof StoredPresence>;

/** A presence record as JSON in the store, where `devices` is called `words`. */
export const StoredPresence = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    actor: Actor,
    available: v.boolean(),
    show: v.exactOptional(v.string()),
    status: v.exactOptional(v.string()),
    more: v.exactOptional(v.record(v.string(), v.unknown())),
    since: v.string(),
    words: v.optional(v.array(DevicePresence), () => []),
  }),
  v.transform(({ words, ...rest }) => ({ ...rest, devices: words })),
);

/** Formats a presence record for the store. */
export function formatRecord({ devices, ...rest }: PresenceRecord): string {
  return JSON.stringify({ ...rest, words: devices });
}

/** The presence of a user as contacts see it. */
export type VisiblePresence = ReturnType<typeof visible>;

/** Returns what contacts see of a presence record. Extension properties never replace others. */
export function visible({ actor, available, since, ...rest }: Omit<PresenceRecord, "devices">) {
  const { more, ...description } = describe(rest);
  return { ...more, entity: actor.id, actor, available, ...description, since };
}
