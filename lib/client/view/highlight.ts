/** A piece of text; `hit` if it is what a search was for. */
export type Highlighted = { text: string; hit: boolean };

// What a result shows before the first hit, in characters: enough to recognise the sentence.
const BEFORE_MAX = 30;

/**
 * Splits text where it has the words of a query, without regard to case, accents and width. The pieces joined are the text, without what
 * lies far before the first hit if `short`.
 */
export function highlight(text: string, query: string, short = false): Highlighted[] {
  const { folded, places } = foldWithPlaces(text);
  const hits = merged(query.split(/\s+/u).flatMap((word) => findAll(folded, foldWithPlaces(word).folded)));
  const pieces: Highlighted[] = [];
  const first = places[hits[0]?.[0] ?? 0] ?? 0;
  let at = short ? beginBefore(text, first) : 0;
  if (at > 0) pieces.push({ text: "… ", hit: false });
  for (const [from, to] of hits) {
    const [begins, ends] = [places[from] ?? at, places[to] ?? text.length];
    if (begins > at) pieces.push({ text: text.slice(at, begins), hit: false });
    pieces.push({ text: text.slice(begins, ends), hit: true });
    at = ends;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false });
  return pieces;
}

/** Folds a text, and returns for each unit of the result where the character begins in the text that it comes from. */
function foldWithPlaces(text: string): { folded: string; places: number[] } {
  const places: number[] = [];
  let folded = "";
  let at = 0;
  for (const character of text) {
    const bare = character.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().toLowerCase();
    for (let i = 0; i < bare.length; i++) places.push(at);
    folded += bare;
    at += character.length;
  }
  return { folded, places };
}

function findAll(text: string, word: string): [number, number][] {
  const found: [number, number][] = [];
  if (word === "") return found;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
    found.push([at, at + word.length]);
  return found;
}

/** Joins ranges that overlap or touch, in order. */
function merged(ranges: [number, number][]): [number, number][] {
  const all: [number, number][] = [];
  for (const [from, to] of ranges.sort(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

/** Returns where to begin, at a word. */
function beginBefore(text: string, first: number): number {
  if (first <= BEFORE_MAX) return 0;
  const space = text.indexOf(" ", first - BEFORE_MAX);
  return space >= 0 && space < first ? space + 1 : first - BEFORE_MAX;
}
