import * as v from "valibot";

/** The longest sequence, a family with skin tones, has 10 code points; a flag of a region has 7. */
const POINTS_MAX = 16;

const RGI = /^\p{RGI_Emoji}$/v;

/**
 * One emoji recommended for general interchange (UTS #51), flags, skin tones and families included. One that is written without its
 * presentation selectors, as some keyboards do, becomes the same emoji with them.
 */
export const Emoji = v.pipe(
  v.string("must be a string"),
  v.transform((it) => qualify(it) ?? it),
  v.regex(RGI, "must be one emoji"),
);

const SELECTOR = "\u{FE0F}";

/** Returns an emoji with the presentation selectors that it is recommended with; undefined if the text is not one. */
function qualify(text: string): string | undefined {
  if (text.length > 2 * POINTS_MAX) return undefined;
  if (RGI.test(text)) return text;
  const points = [...text].filter((it) => !/[\u{FE0E}\u{FE0F}]/u.test(it));
  // Only a symbol that is text by default takes a selector; of those a sequence has three at most.
  const places = points.flatMap((it, i) => (/^(?!\p{Emoji_Presentation})\p{Emoji}$/u.test(it) ? [i] : [])).slice(0, 4);
  for (let chosen = 0; chosen < 2 ** places.length; chosen++) {
    const selected = new Set(places.filter((_, i) => chosen & (1 << i)));
    const candidate = points.map((it, i) => (selected.has(i) ? it + SELECTOR : it)).join("");
    if (RGI.test(candidate)) return candidate;
  }
  return undefined;
}
