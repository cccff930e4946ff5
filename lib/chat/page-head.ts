import { Parser } from "htmlparser2";
import { cleanName } from "../schema/display-name.js";

/** What a page says of itself. */
export type PageHead = { title: string; description?: string; site?: string };

// What fits into a card of a few lines.
const TITLE_MAX = 200;
const DESCRIPTION_MAX = 300;
const SITE_MAX = 100;
// Longer than any of them, with its markup: the rest of a text is not collected.
const TEXT_MAX = 4_096;

// By the Open Graph protocol (https://ogp.me), as most pages have it, else by what HTML has.
const TITLES = ["og:title", "twitter:title", "title"];
const DESCRIPTIONS = ["og:description", "twitter:description", "description"];

/** Reads the title, the description and the name of the site from a page of HTML; undefined for one without a title. */
export function readHead(html: string): PageHead | undefined {
  const found = new Map<string, string>();
  let title: string | undefined;
  const parser = new Parser({
    onopentag(tag, attributes) {
      if (tag === "title" && !found.has("title")) title = "";
      if (tag !== "meta") return;
      const name = (attributes.property ?? attributes.name)?.toLowerCase();
      if (name !== undefined && attributes.content && !found.has(name)) found.set(name, attributes.content);
    },
    ontext(text) {
      if (title !== undefined && title.length < TEXT_MAX) title += text;
    },
    onclosetag(tag) {
      if (tag === "title" && title !== undefined) {
        found.set("title", title);
        title = undefined;
      }
    },
  });
  parser.end(html);
  const first = (names: readonly string[], most: number) =>
    names.map((name) => shorten(found.get(name), most)).find((it) => it !== undefined);
  const heading = first(TITLES, TITLE_MAX);
  if (heading === undefined) return undefined;
  const description = first(DESCRIPTIONS, DESCRIPTION_MAX);
  const site = first(["og:site_name"], SITE_MAX);
  return { title: heading, ...(description && { description }), ...(site && { site }) };
}

/** Returns a text in one line, without characters that hide or turn others, cut between characters as people see them. */
function shorten(text: string | undefined, most: number): string | undefined {
  const clean = text === undefined ? undefined : cleanName(text.slice(0, TEXT_MAX));
  if (clean === undefined || clean.length <= most) return clean;
  let cut = "";
  for (const { segment } of new Intl.Segmenter().segment(clean)) {
    if (cut.length + segment.length >= most) break;
    cut += segment;
  }
  return `${cut.trimEnd()}…`;
}
