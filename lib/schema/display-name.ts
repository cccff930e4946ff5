import * as v from "valibot";

/** What takes the place of a line break, and is one space wherever it is repeated. */
const SPACE = /[\s\p{Z}\u{2800}]+/gu;
/** Controls, overrides of the direction, fillers, and other characters that show nothing by themselves; joiners and selectors may. */
const HIDDEN = /(?!\p{Join_Control}|\u{FE0E}|\u{FE0F})[\p{C}\p{Default_Ignorable_Code_Point}]/gu;
/** Scripts whose letters neither join nor have forms that a joiner selects; and digits and signs, though some of these are emoji in Unicode. */
const APART = String.raw`[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{N}#*]`;
/** A joiner without letters to join, or emoji; a selector without an emoji to present, or after a digit that is no keycap. */
const STRAY = new RegExp(
  [
    String.raw`(?<!(?!${APART})(?:\p{L}|\p{M}|\p{Emoji})|\u{FE0F})\p{Join_Control}+`,
    String.raw`\p{Join_Control}+(?!(?!${APART})(?:\p{L}|\p{M}|\p{Emoji}))`,
    String.raw`(?<!\p{Emoji})[\u{FE0E}\u{FE0F}]+`,
    String.raw`(?<=${APART})[\u{FE0E}\u{FE0F}]+(?!\u{20E3})`,
  ].join("|"),
  "gu",
);
/** Signs that show nothing: a braille pattern without dots, a note without a head. */
const BLANK = /[\u{2800}\u{1D159}]/gu;
const VISIBLE = /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Normalises a name that others will see (NFC): without control, format and override characters, in one line. Undefined if nothing visible
 * remains.
 *
 * @example cleanName(" Ad\u200Bmin\n") === "Admin"
 */
export function cleanName(name: string): string | undefined {
  const bare = name.normalize("NFC").replace(SPACE, " ").replace(HIDDEN, "").replace(STRAY, "");
  // What was hidden may have stood between two spaces, or between a letter and its accent.
  const clean = bare.replace(SPACE, " ").normalize("NFC").trim();
  return isVisible(clean) ? clean : undefined;
}

/** Whether a text shows anything: a letter, a digit, a sign or an emoji. */
export function isVisible(text: string): boolean {
  return VISIBLE.test(text.replace(BLANK, ""));
}

/** A display name, normalised by `cleanName`. */
export const DisplayName = v.pipe(
  v.string("must be a string"),
  v.transform((name) => cleanName(name) ?? ""),
  v.minLength(1, "must have something visible"),
);
