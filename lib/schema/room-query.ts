import * as v from "valibot";
import { Slow } from "./field.js";

/** The rooms after a page of them; the newest ones without `before`. */
export const RoomsQuery = v.object({
  before: v.exactOptional(v.pipe(v.string(), v.regex(/^\d{1,16}$/, "must be that of a page before"))),
});

/** The body of `PATCH moderation/rooms/<id>`. */
export const RoomChange = v.object({ slow: Slow }, "must be an object");
