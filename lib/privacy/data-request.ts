import * as v from "valibot";
import { ERASED, SYSTEM } from "../people/system.js";
import { Entity } from "../schema/actor.js";
import { text } from "../schema/field.js";

/** The body of `POST server/erasures`: whom to erase, and where the call before has stopped. */
export const Erasure = v.object(
  {
    entity: v.pipe(Entity, v.notValues([SYSTEM, ERASED], "must be a user")),
    after: v.exactOptional(
      v.pipe(text, v.regex(/^(memberships|traces|logs|rounds) \d{1,20}$/, "must be that of a call before")),
    ),
  },
  "must be an object",
);

/** Whose data to export, and where the part before has ended. */
export const ExportQuery = v.object({
  entity: Entity,
  after: v.exactOptional(v.pipe(text, v.regex(/^\d{1,20} \d{1,9}$/, "must be that of a part before"))),
});
