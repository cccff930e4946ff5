import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

// The program that makes the data of the emoji picker from Unicode's: lib/client/widget/emoji-list.ts and lib/client/widget/emoji/*.ts. It is
// run by hand for a new version of Unicode, in a folder where the packages are installed (they are 150 MB, of which 400 kB are needed):
//   npm install unicode-emoji-json@0.9.0 cldr-annotations-full@48.2.0 cldr-annotations-derived-full@48.2.0
//   node <clone>/local/emoji.js <clone>

const require = createRequire(`${process.cwd()}/`);
const [, , clone = "."] = process.argv;

// What current browsers have glyphs for on every system.
const VERSION_MAX = 15;
// The languages of the widget, by the names of CLDR.
const LANGUAGES = {
  en: "en",
  ar: "ar",
  de: "de",
  es: "es",
  fr: "fr",
  he: "he",
  it: "it",
  ja: "ja",
  pt: "pt",
  "zh-hans": "zh",
};
// Beyond these words, others find little: a file has to be loaded on phones, too.
const WORDS_MAX = 6;
const VARIATION = /\ufe0f/g;

const groups = require("unicode-emoji-json/data-by-group.json").map(({ slug, emojis }) => ({
  slug,
  emojis: emojis.filter(isOffered),
}));

/** Leaves out what is one of two genders of another one, family trees, and flags of countries, whose names browsers know. */
function isOffered({ emoji, emoji_version: version, name }) {
  if (Number(version) > VERSION_MAX) return false;
  if (/[\u2640\u2642\u{1f1e6}-\u{1f1ff}\u{e0062}]/u.test(emoji)) return false;
  return !/\u200d/.test(emoji) || !/^(?:man|woman|family|kiss|couple)\b/.test(name);
}

/** One person can have a skin tone, and so can their hand; two of them would need two. */
function hasTones(emoji) {
  return emoji.match(/\p{Emoji_Modifier_Base}/gu)?.length === 1;
}

for (const [language, locale] of Object.entries(LANGUAGES)) {
  const of = (name, folder) => require(`${name}/${folder}/${locale}/annotations.json`)[folder].annotations;
  const all = {
    ...of("cldr-annotations-derived-full", "annotationsDerived"),
    ...of("cldr-annotations-full", "annotations"),
  };
  const line = ({ emoji, name: english }) => {
    const { tts, default: words = [] } = all[emoji] ?? all[emoji.replace(VARIATION, "")] ?? {};
    const name = tts?.[0] ?? english;
    const more = words.filter((it) => !name.toLowerCase().includes(it.toLowerCase())).slice(0, WORDS_MAX);
    return [name, ...more].join(";");
  };
  const lines = groups.map(({ emojis }) => emojis.map(line).join("|"));
  write(`emoji/${language}.ts`, [
    "/** The name of each emoji, and words that find it, in the order of the list: made by local/emoji.js from Unicode CLDR. */",
    `export const WORDS: readonly string[] = [\n${lines.map((it) => `  ${JSON.stringify(it)},`).join("\n")}\n];`,
  ]);
}

const list = groups
  .filter(({ emojis }) => emojis.length > 0)
  .map(({ emojis }) => emojis.map(({ emoji }) => (hasTones(emoji) ? `${emoji}+` : emoji)).join(" "));
write("emoji-list.ts", [
  "/** All emoji, by group; those that have skin tones with a plus: made by local/emoji.js from Unicode's list. */",
  `export const LIST: readonly string[] = [\n${list.map((it) => `  ${JSON.stringify(it)},`).join("\n")}\n];`,
]);

function write(name, lines) {
  writeFileSync(`${clone}/lib/client/widget/${name}`, `${lines.join("\n")}\n`);
}
