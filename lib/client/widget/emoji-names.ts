import { keyOf } from "./translation.js";

/** An emoji as it stands in the list, with its name, and all words that find it. */
export type Emoji = { emoji: string; name: string; words: string };

type Words = { readonly WORDS: readonly string[] };

// The names of emoji in a language are a file of 20 to 30 kB, gzipped.
const WORDS: Readonly<Record<string, () => Promise<Words>>> = {
  ar: () => import("./emoji/ar.js"),
  de: () => import("./emoji/de.js"),
  en: () => import("./emoji/en.js"),
  es: () => import("./emoji/es.js"),
  fr: () => import("./emoji/fr.js"),
  he: () => import("./emoji/he.js"),
  it: () => import("./emoji/it.js"),
  ja: () => import("./emoji/ja.js"),
  pt: () => import("./emoji/pt.js"),
  "zh-Hans": () => import("./emoji/zh-hans.js"),
};
/** Loads all emoji by group, with their names in a language; in English where the widget does not speak it. */
export async function loadEmoji(language: string): Promise<readonly (readonly Emoji[])[]> {
  const load = WORDS[keyOf(language) ?? "en"] ?? WORDS.en;
  const [{ LIST }, words] = await Promise.all([import("./emoji-list.js"), load?.()]);
  return LIST.map((group, at) => {
    const lines = words?.WORDS[at]?.split("|") ?? [];
    return group.split(" ").map((emoji, place) => {
      const line = lines[place] ?? "";
      return { emoji, name: line.split(";")[0] ?? "", words: line };
    });
  });
}
