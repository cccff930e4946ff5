import type { Entry } from "./entry.js";

/** The part of the loaded messages that is in the page, by the `seq` of its first and its last one; infinite where it grows with them. */
export type Excerpt = { readonly first: number; readonly last: number };

/** An excerpt as it is drawn: `entries` from the index `from` to that before `to`. */
export type Drawn = { readonly entries: readonly Entry[]; readonly from: number; readonly to: number };

/** All that is loaded, for as long as that is little. */
export const ALL: Excerpt = { first: Number.NEGATIVE_INFINITY, last: Number.POSITIVE_INFINITY };

// As many fill a screen several times, and are drawn at once.
const NEWEST = 100;
// More are never in a page: that is how far text can be selected, and how much is printed.
export const DRAWN_MAX = 1_000;

/** Returns the excerpt that ends with the newest message. */
export function newest(entries: readonly Entry[]): Excerpt {
  return toExcerpt({ entries, from: Math.max(0, entries.length - NEWEST), to: entries.length });
}

/** Returns what an excerpt is of these entries. Where that is too much, what was drawn before stays; where that is gone, the newest ones are drawn. */
export function cut(entries: readonly Entry[], excerpt: Excerpt, before?: Drawn): Drawn {
  const now = find(entries, excerpt);
  if (now.from < now.to && now.to - now.from <= DRAWN_MAX) return now;
  const again = before === undefined ? now : find(entries, ends(before));
  return again.from < again.to && again.to - again.from <= DRAWN_MAX ? again : find(entries, newest(entries));
}

/** Returns the excerpt that something drawn is. */
export function toExcerpt(drawn: Drawn): Excerpt {
  const { first, last } = ends(drawn);
  return {
    first: drawn.from === 0 ? ALL.first : first,
    last: drawn.to === drawn.entries.length ? ALL.last : last,
  };
}

function ends({ entries, from, to }: Drawn): Excerpt {
  return { first: entries[from]?.seq ?? ALL.first, last: entries[to - 1]?.seq ?? ALL.last };
}

function find(entries: readonly Entry[], { first, last }: Excerpt): Drawn {
  const from = entries.findIndex(({ seq }) => seq >= first);
  return { entries, from: from < 0 ? entries.length : from, to: entries.findLastIndex(({ seq }) => seq <= last) + 1 };
}
