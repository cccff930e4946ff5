import { parse } from "bcp-47";
import * as v from "valibot";

const MALFORMED = "must be a BCP 47 language tag";

/**
 * A language tag (BCP 47) of at most 64 characters, in the canonical case of RFC 5646 §2.1.1; `_` is read as `-`. Deprecated subtags are
 * not replaced, to keep what the sender meant.
 */
export const Language = v.pipe(
  v.string("must be a string"),
  v.maxLength(64, "must have at most 64 characters"),
  // ASCII is checked first: in lower case, U+212A becomes a k.
  v.regex(/^[\w-]+$/, MALFORMED),
  v.transform((tag) => tag.replaceAll("_", "-").toLowerCase()),
  v.check(isWellFormed, MALFORMED),
  v.transform(canonicalCase),
);
export type Language = v.InferOutput<typeof Language>;

function isWellFormed(tag: string): boolean {
  const { language, irregular, regular, privateuse, variants, extensions } = parse(tag, { normalize: false });
  const known = language || irregular || regular || privateuse.length > 0;
  // RFC 5646 §2.2.5 and §2.2.6: neither a variant nor a singleton occurs twice.
  return Boolean(known) && allDiffer(variants) && allDiffer(extensions.map((it) => it.singleton));
}

function allDiffer(subtags: readonly string[]): boolean {
  return new Set(subtags).size === subtags.length;
}

/** Writes subtags of two letters in upper case and those of four in title case, except the first subtag and those after a singleton. */
function canonicalCase(tag: string): string {
  const subtags = tag.split("-");
  const singleton = subtags.findIndex((it) => it.length === 1);
  return subtags
    .map((subtag, index) => (index === 0 || (singleton >= 0 && index > singleton) ? subtag : inCase(subtag)))
    .join("-");
}

function inCase(subtag: string): string {
  if (subtag.length === 2) return subtag.toUpperCase();
  return subtag.length === 4 ? subtag.charAt(0).toUpperCase() + subtag.slice(1) : subtag;
}
