import * as v from "valibot";
import { Entity } from "./actor.js";
import { Attachment, Subject, text } from "./field.js";
import { Language } from "./language.js";

/** The properties of a message that can be corrected later. */
export const content = {
  subject: v.exactOptional(Subject),
  text: v.exactOptional(text),
  type: v.optional(v.picklist(["plain", "html", "rst"], "must be plain, html or rst"), "plain"),
  language: v.exactOptional(Language),
  attachments: v.optional(
    v.pipe(v.array(Attachment, "must be a list"), v.maxLength(10, "must have at most 10 items")),
    () => [],
  ),
  mentions: v.exactOptional(
    v.pipe(
      v.array(Entity, "must be a list of entities"),
      v.check((it) => new Set(it).size <= 50, "must name at most 50"),
    ),
  ),
};
