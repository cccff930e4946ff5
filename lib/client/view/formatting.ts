import { autolink, type Piece } from "./autolink.js";

// Marks as people know them from other chats: **bold**, _italic_, ~~struck~~, `code`, and lines of code between lines of ```. A mark that
// begins stands before what it marks, and one that ends after it, without a space between them: 2 * 3 is no emphasis, and neither is
// 2**3**4, snake_case_name or ^_^. Each is one alternative, and has the place of its tag.
const TAGS = ["code", "b", "i", "s"] as const;
const MARKED =
  /(?<!`)`(?=[^`\n]*[^`\s])([^`\n]+)`(?!`)|(?<![\d*])\*\*(?![\s*])([^\n]*?[^\s*])\*\*(?![\d*])|(?<=^|[\s([{"'*~]|[^!-~])_(?![\s_])([^\n]*?[^\s_])_(?=$|[\s)\]}.,;:!?"'*~]|[^!-~])|(?<![\d~])~~(?![\s~])([^\n]*?[^\s~])~~(?![\d~])/gu;
const FENCED = /(?:^|\n)```[^\S\n]*\n?(?=\s*[^\s`])((?:(?!```).)+?)\n?```[^\S\n]*(?:\n|$)/gs;
// A link stands between these noncharacters, as its number: what is in an address marks nothing.
const LINK = /\ufdd0(\d+)\ufdd1/g;

/**
 * Returns a text with marks as HTML of the tags `b`, `i`, `s`, `code`, `pre`, `br` and `a`; undefined if nothing in it is marked.
 *
 * @example toHtml("Bring **milk**") === "Bring <b>milk</b>"
 */
export function toHtml(text: string): string | undefined {
  const links: Piece[] = [];
  const kept = autolink(text).map((it) =>
    it.href === undefined ? it.text.replaceAll(/[\ufdd0\ufdd1]/g, "") : `\ufdd0${links.push(it) - 1}\ufdd1`,
  );
  const writer = new Writer(links);
  const html = writer.blocks(kept.join(""));
  return writer.marked ? html : undefined;
}

class Writer {
  /** Whether a tag other than those of links and lines was written. */
  marked = false;
  readonly #links: readonly Piece[];

  constructor(links: readonly Piece[]) {
    this.#links = links;
  }

  blocks(text: string): string {
    const parts = text.split(FENCED);
    return parts.map((part, at) => (at % 2 === 0 ? this.#line(part) : this.#verbatim("pre", part))).join("");
  }

  #line(text: string): string {
    let html = "";
    let at = 0;
    for (const { 0: all, index, ...groups } of text.matchAll(MARKED)) {
      const place = TAGS.findIndex((_, tag) => groups[tag + 1] !== undefined);
      const [tag, inner] = [TAGS[place], groups[place + 1]];
      if (tag === undefined || inner === undefined) continue;
      html += this.#plain(text.slice(at, index));
      at = index + all.length;
      html += tag === "code" ? this.#verbatim(tag, inner) : this.#tag(tag, this.#line(inner));
    }
    return html + this.#plain(text.slice(at));
  }

  /** Code has no links, and no marks. */
  #verbatim(tag: "code" | "pre", text: string): string {
    return this.#tag(tag, escaped(text.replace(LINK, (_, at: string) => this.#links[Number(at)]?.text ?? "")));
  }

  #tag(tag: string, html: string): string {
    this.marked = true;
    return `<${tag}>${html}</${tag}>`;
  }

  #plain(text: string): string {
    const linked = escaped(text).replace(LINK, (_, at: string) => {
      const { text: address = "", href = "" } = this.#links[Number(at)] ?? {};
      return `<a href="${escaped(href).replaceAll('"', "&quot;")}">${escaped(address)}</a>`;
    });
    return linked.replaceAll("\n", "<br />");
  }
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
