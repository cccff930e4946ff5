import { fold } from "./search.js";

/** A member who can be mentioned, by the name that is shown. */
export type Mentionable = { entity: string; name: string };

/** A name that a message mentions; `mine` if it is the reader. */
export type Mention = { name: string; mine: boolean };

/** What stands for everybody. It is the same in all languages, so that all readers recognise it. */
export const EVERYBODY = "all";

/** The deployment accepts so many mentions in a message. */
export const MENTIONS_MAX = 50;

const CHOICES_MAX = 8;
// Names have spaces. A longer text after an @ is not the beginning of one.
const QUERY = /(?:^|[\s([{"'“„«])@([^@\n]{0,40})$/u;
const NOT_IN_NAME = /^[\p{L}\p{N}\p{M}_]/u;

/** Returns what is typed of a name before the caret, and where its @ stands; undefined if the caret is not in a mention. */
export function queryAt(text: string, caret: number): { at: number; query: string } | undefined {
  const query = QUERY.exec(text.slice(0, caret))?.[1];
  return query === undefined ? undefined : { at: caret - query.length - 1, query };
}

/** Returns the members of whose name a word begins with a query, at most eight, those whose name begins with it first. */
export function choices(members: readonly Mentionable[], query: string): Mentionable[] {
  const wanted = fold(query);
  const rank = ({ name }: Mentionable) => {
    const folded = fold(name);
    return folded.startsWith(wanted) ? 0 : folded.includes(` ${wanted}`) ? 1 : 2;
  };
  const found = members.filter((it) => rank(it) < 2);
  return found.toSorted((a, b) => rank(a) - rank(b)).slice(0, CHOICES_MAX);
}

/**
 * Returns the entities that a text mentions by `@` and a name. Where several members have a name, those whom the user chose count, else the
 * first one.
 */
export function mentionsIn(text: string, members: readonly Mentionable[], chosen: ReadonlySet<string>): string[] {
  const found = new Map<string, Mentionable>();
  for (const { name } of split(
    text,
    [...members].map((it) => it.name),
  )) {
    if (name === undefined) continue;
    const of = members.filter((it) => it.name === name);
    for (const it of of.filter(({ entity }) => chosen.has(entity))) found.set(it.entity, it);
    const [first] = of;
    if (first !== undefined && !of.some(({ entity }) => found.has(entity))) found.set(first.entity, first);
  }
  return [...found.keys()].slice(0, MENTIONS_MAX);
}

/** Splits text into pieces, of which some are a mention: `@` and a name. The pieces joined are the text. */
export function split(text: string, names: readonly string[]): { text: string; name?: string }[] {
  const longestFirst = [...new Set(names)].filter((name) => name !== "").sort((a, b) => b.length - a.length);
  const pieces: { text: string; name?: string }[] = [];
  let from = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const name = longestFirst.find(
      (it) => text.startsWith(it, at + 1) && !NOT_IN_NAME.test(text.slice(at + 1 + it.length)),
    );
    // An address of mail has an @ within a word.
    if (name === undefined || /[\p{L}\p{N}_]$/u.test(text.slice(0, at))) continue;
    if (at > from) pieces.push({ text: text.slice(from, at) });
    from = at + 1 + name.length;
    pieces.push({ text: text.slice(at, from), name });
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
