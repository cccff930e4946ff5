import * as v from "valibot";
import type { Log } from "../log/log.js";
import { Actor, Entity, WebUrl } from "../schema/actor.js";
import { DisplayName } from "../schema/display-name.js";
import { withoutOwned } from "../schema/extension.js";
import { NoList } from "../schema/field.js";
import { encode } from "../store/keys.js";
import { describe } from "./profiles.js";
import { objectTypeOf } from "./system.js";

// A session's description has the same bound.
const PROFILE_MAX = 4_096;

// As messages deliver it, with its width or height.
const Image = v.looseObject({ url: WebUrl });

/** A description that the host's server writes: the whole of it, for a user who need not have been seen before. */
export const Profile = v.pipe(
  v.object(
    {
      id: Entity,
      displayName: v.exactOptional(DisplayName),
      image: v.exactOptional(v.union([WebUrl, Image], "must be an http or https URL, or an object with one as url")),
      url: v.exactOptional(WebUrl),
      actor: v.optional(
        v.pipe(NoList, v.looseObject({ displayName: v.exactOptional(DisplayName) }, "must be an object")),
        {},
      ),
    },
    "must be an object",
  ),
  v.transform(({ id, displayName, image, url, actor }): unknown => ({
    ...{ objectType: objectTypeOf(id), ...withoutOwned(actor), id },
    ...(displayName === undefined ? {} : { displayName }),
    ...(image === undefined ? {} : { image: typeof image === "string" ? { url: image } : image }),
    ...(url === undefined ? {} : { url }),
  })),
  Actor,
  v.check((it) => Buffer.byteLength(JSON.stringify(it)) <= PROFILE_MAX, `must have at most ${PROFILE_MAX} bytes`),
);

/** The users to describe, each named once. */
export const ProfilesQuery = v.object({
  ids: v.pipe(v.array(Entity), v.maxLength(100, "must name at most 100")),
});

/** Stores a description, which a newer session of that user replaces. */
export async function writeProfile(chat: Log, actor: Actor): Promise<Actor> {
  await chat.store.transact(v.tuple([v.literal("OK")]), (batch) =>
    batch.set(chat.keys.actor(actor.id), JSON.stringify(actor)),
  );
  return actor;
}

/** Returns the descriptions of those users who have one, in the given order. */
export async function readProfiles(chat: Log, ids: readonly string[]): Promise<Actor[]> {
  const found = await describe(chat, ids.map(encode));
  return [...new Set(ids)].flatMap((id) => found.get(encode(id)) ?? []);
}
