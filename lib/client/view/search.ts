// Phones put these in place of the straight quotation marks that are typed.
const SINGLE_QUOTES = /[\u2018-\u201b\u02bc]/g;
const DOUBLE_QUOTES = /[\u201c-\u201f]/g;

/**
 * Folds text for a search: the same for all encodings of a character, for either case, for straight and curved quotation marks, and in
 * every language of the browser. Marks stay, since they tell letters apart in many scripts.
 */
export function fold(text: string): string {
  const straight = text.replace(SINGLE_QUOTES, "'").replace(DOUBLE_QUOTES, '"');
  // To upper case first: some letters, such as ß and ς, have no counterpart of their own there. İ becomes i with a dot above.
  return straight.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("i\u0307", "i").normalize("NFC");
}

/** Whether a text contains the words of a query; an empty query is contained in all. */
export function contains(text: string | undefined, query: string): boolean {
  return fold(text ?? "").includes(fold(query.trim()));
}
