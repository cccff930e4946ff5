/** The most words of a query: each is looked for in every message. */
export const WORDS_MAX = 10;

/** Returns the words of a query as they are looked for, each once. What is not visible separates words, as spaces do. */
export function wordsOf(query: string): string[] {
  return [...new Set(fold(query.replace(/[\s\p{Cc}]+/gu, " ")).split(" "))].filter((word) => word !== "");
}

/**
 * Whether a text contains all of some words, given by `wordsOf`. A word is found at the beginning of one in the text; one of a script that
 * is written without spaces, such as Chinese, and one that begins with a sign or an emoji, is found anywhere.
 */
export function containsAll(text: string, words: readonly string[]): boolean {
  const folded = fold(text);
  return words.every((word) => contains(folded, word));
}

// A stored message is searched as people see it. The sanitiser writes no "<" but that of a tag, and escapes in links what would end one.
const BREAK = /<(?:br|\/?(?:p|pre|blockquote|ul|ol|li))\b[^>]*>/g;
const TAG = /<[^>]*>/g;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&amp;", "&"],
]);

/** Returns the text of sanitised HTML. */
export function textOfHtml(html: string): string {
  const text = html.replace(BREAK, " ").replace(TAG, "");
  return text.replace(/&(?:lt|gt|quot|amp);/g, (it) => ESCAPES.get(it) ?? it);
}

// Most texts in most languages of the web need no table.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole range of ASCII
const ASCII = /^[\x00-\x7f]*$/;
// Accents of Latin, Greek and Cyrillic, vowel signs of Arabic and Hebrew, which are mostly left out, and what is not visible. Other marks
// tell words apart, and so does the breve of й.
const LEFT_OUT = /[\u0300-\u0305\u0307-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]|(?<![иИ])\u0306|\p{DI}/gu;
// Letters with a stroke and ligatures have no accent to take away.
const PLAIN: ReadonlyMap<string, string> = new Map([
  ...([
    ["ø", "o"],
    ["ł", "l"],
    ["đ", "d"],
    ["æ", "ae"],
    ["œ", "oe"],
    ["ς", "σ"],
  ] as const),
  // Phones put these in place of the straight quotation marks that are typed.
  ...([
    ["‘", "'"],
    ["’", "'"],
    ["‛", "'"],
    ["ʼ", "'"],
    ["“", '"'],
    ["”", '"'],
    ["„", '"'],
  ] as const),
]);

/** Folds a text so that case, accents, width and the encoding of characters do not matter. */
function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const bare = text.normalize("NFKD").replace(LEFT_OUT, "");
  // To upper case first: ß and the like have no counterpart of their own there.
  const lower = bare.toUpperCase().toLowerCase().normalize("NFC");
  return lower.replace(/[øłđæœς‘’‛ʼ“”„]/g, (it) => PLAIN.get(it) ?? it);
}

const UNSPACED = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`;
const SPACED = String.raw`(?!${UNSPACED})[\p{L}\p{N}\p{M}]`;
const BEGINS_SPACED = new RegExp(`^${SPACED}`, "u");
const ENDS_SPACED = new RegExp(`${SPACED}$`, "u");

function contains(text: string, word: string): boolean {
  if (!BEGINS_SPACED.test(word)) return text.includes(word);
  const rest = new RegExp(`(?:${SPACED})*`, "uy");
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at)) {
    // The character before has up to two units.
    if (!ENDS_SPACED.test(text.slice(Math.max(0, at - 2), at))) return true;
    // On to the end of this word, so that no text is gone through twice.
    rest.lastIndex = at;
    at += rest.exec(text)?.[0].length || 1;
  }
  return false;
}
