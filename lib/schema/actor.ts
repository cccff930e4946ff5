import * as v from "valibot";

/**
 * A stable identifier of a user, `"nereid.user,123"`: 1–255 code points. No control, format or other invisible characters, with which one
 * id would look like another, and something visible besides spaces; no lone surrogates, since those cannot be percent-encoded into a key.
 */
export const Entity = v.pipe(
  v.string("must be a string"),
  v.regex(
    /^(?=.*[\p{L}\p{N}\p{P}\p{S}])[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]{1,255}$/u,
    "must have 1 to 255 characters, a letter, digit or sign among them, and no control or invisible characters",
  ),
);
export type Entity = v.InferOutput<typeof Entity>;

/** An entity, or what entities begin with and a `*`. */
export const Contact = v.pipe(
  v.string("must be a string"),
  v.check((it) => [it, it.replace(/\*$/, "")].some((one) => v.is(Entity, one)), "must be an entity or a prefix"),
);

/** An absolute http or https URL, unchanged. */
export const WebUrl = v.pipe(v.string("must be a string"), v.check(isWebUrl, "must be an http or https URL"));
export type WebUrl = v.InferOutput<typeof WebUrl>;

/** Describes a user (the document's *sender*). Unknown properties are extensions and are kept unchanged. */
export const Actor = v.looseObject({
  id: Entity,
  objectType: v.optional(v.string("must be a string"), "person"),
  displayName: v.exactOptional(v.string("must be a string")),
  url: v.exactOptional(WebUrl),
  image: v.exactOptional(v.looseObject({ url: WebUrl })),
});
export type Actor = v.InferOutput<typeof Actor>;

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
