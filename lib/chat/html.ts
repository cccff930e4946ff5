import { type Handler, Parser } from "htmlparser2";

/**
 * Reduces HTML to what a chat needs: emphasis, code, quotes, lists, paragraphs, links to http, https or mailto. Never
 * throws: other tags are removed, and their text stays, except that of scripts and the like. Idempotent. The result can
 * be longer than the input, since tags are closed and links get a `rel`: measure it afterwards.
 *
 * @example sanitize('<p onclick="x()">Hello<script>x()</script>') === "<p>Hello</p>"
 */
export function sanitize(html: string): string {
  const writer = new Writer();
  new Parser(writer).end(html);
  return writer.html;
}

const ALLOWED: ReadonlySet<string> = new Set([
  ...["b", "i", "em", "strong", "u", "s", "code", "pre", "blockquote", "p", "br", "ul", "ol", "li", "a"],
]);

/** Elements that are removed with their content: it is no text for people, or only browsers parse it right. */
const HIDDEN: ReadonlySet<string> = new Set([
  ...["script", "style", "textarea", "option", "select", "title", "xmp", "plaintext", "template"],
  ...["noscript", "noembed", "noframes", "iframe", "object", "svg", "math"],
]);

/** The start tag of the first ends the second if that is the innermost element. The parser has the same rules. */
const ENDS: ReadonlyMap<string, string> = new Map([
  ["a", "a"],
  ["li", "li"],
  ...["p", "pre", "blockquote", "ul", "ol"].map((tag) => [tag, "p"] as const),
]);

/** More than people write. Deeper markup only slows down the page that renders it. */
const DEPTH_MAX = 32;

/** With the slashes, because a browser on a page of https takes `https:logout` for a relative link. */
const LINK = /^(?:https?:\/\/|mailto:)/i;

type Element = { tag: string };

/**
 * Writes what the parser reads: allowed tags, each in a single spelling, and escaped text. It writes nothing else, so the
 * result is safe even where the parser takes markup otherwise than a browser would.
 */
class Writer implements Partial<Handler> {
  html = "";
  /** The elements that the parser has open, outermost first, removed ones included. */
  readonly #elements: Element[] = [];
  /** Those of them whose end tag is still to be written. */
  readonly #open: Element[] = [];
  /** How many of them hide their content. */
  #hidden = 0;

  onopentag(tag: string, { href }: Record<string, string>): void {
    const element = { tag };
    this.#elements.push(element);
    if (HIDDEN.has(tag)) this.#hidden += 1;
    if (this.#hidden > 0 || !ALLOWED.has(tag)) return;
    if (tag === "br") {
      this.html += "<br />";
      return;
    }
    const start = startTag(tag, href);
    if (start !== undefined) this.#start(element, start);
  }

  ontext(text: string): void {
    if (this.#hidden === 0) this.html += escapeText(text);
  }

  // The parser ends every element, void ones included, and the innermost first.
  onclosetag(): void {
    const element = this.#elements.pop();
    if (element === undefined) return;
    if (HIDDEN.has(element.tag)) this.#hidden -= 1;
    if (element === this.#open.at(-1)) this.#end(element);
  }

  #start(element: Element, start: string): void {
    const innermost = this.#open.at(-1);
    // The parser does not end it when a removed element stands between, as in <p><x><blockquote>.
    if (innermost !== undefined && innermost.tag === ENDS.get(element.tag)) this.#end(innermost);
    if (this.#open.length >= DEPTH_MAX) return;
    this.html += start;
    this.#open.push(element);
  }

  #end(innermost: Element): void {
    this.#open.pop();
    this.html += `</${innermost.tag}>`;
  }
}

/** Returns nothing for an `a` that leads to no address of its own. */
function startTag(tag: string, href = ""): string | undefined {
  if (tag !== "a") return `<${tag}>`;
  const url = href.trim();
  if (!LINK.test(url) || !URL.canParse(url)) return undefined;
  return `<a href="${escapeText(url).replaceAll('"', "&quot;")}" rel="noopener noreferrer nofollow" target="_blank">`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
