import * as v from "valibot";
import { NoList } from "./field.js";

const DAY = 86_400;
export const INVITE_TTL_MAX = 30 * DAY;
const TTL = v.pipe(
  v.number("must be a number"),
  v.safeInteger("must be a whole number"),
  v.minValue(1, "must be at least 1"),
  v.maxValue(INVITE_TTL_MAX, `must be at most ${INVITE_TTL_MAX}`),
);

/** The body of `POST threads/<id>/invites`: the lifetime of the invite in seconds, a week by default. */
const Lifetime = v.object({ ttl: v.optional(TTL, 7 * DAY) }, "must be an object");
export const NewInvite = v.optional(v.pipe(NoList, Lifetime), {});

/** The body of `POST threads/join`. */
export const Joining = v.object(
  { code: v.pipe(v.string("must be a string"), v.maxLength(64, "must be an invite's code")) },
  "must be an object",
);

/** The id of an invite, by which it is revoked: the SHA-256 of its code, which does not give the code away. */
export const InviteId = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));

/** The code of an invite, in a path. */
export const InviteCode = v.pipe(v.string(), v.regex(/^[\w-]{22}$/));
