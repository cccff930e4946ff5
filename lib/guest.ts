import * as v from "valibot";
import type { Caller } from "./caller.js";
import { config } from "./config.js";
import { Fault } from "./fault.js";
import { signGuest } from "./session.js";
import { NoList } from "./stanza.js";
import * as token from "./token.js";

// Longer names do not fit into a cookie; people's do.
const NAME_MAX = 64;

/** The body of `POST token`: nothing, or the name under which a guest comes. */
export const Admission = v.optional(
  v.pipe(
    NoList,
    v.looseObject(
      {
        displayName: v.exactOptional(
          v.pipe(
            v.string("must be a string"),
            v.trim(),
            v.minLength(1, "must not be empty"),
            v.maxLength(NAME_MAX, `must have at most ${NAME_MAX} characters`),
          ),
        ),
      },
      "must be an object",
    ),
  ),
);

/** Makes a chat token for the bearer of a session or, where guests are let in, for a new guest, whose session comes along. */
export async function admit(caller: Caller | undefined, admission: v.InferOutput<typeof Admission>, now: number) {
  if (caller !== undefined) return { made: await token.create(caller, now), jwt: undefined };
  const name = admission?.displayName;
  if (!config.guests || name === undefined) throw new Fault("unauthenticated");
  const { jwt, session } = await signGuest(name, now);
  return { made: await token.create(session, now), jwt };
}
