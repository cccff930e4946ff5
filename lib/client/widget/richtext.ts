import DOMPurify from "dompurify";
import { html, type TemplateResult } from "lit";
import { autolink } from "../view/autolink.js";
import type { Entry } from "../view/entry.js";
import { policy } from "./trusted-types.js";

// The deployment's list again, since the store may hold messages that it did not sanitise.
const ALLOWED = {
  ALLOWED_TAGS: ["b", "i", "em", "strong", "u", "s", "code", "pre", "blockquote", "p", "br", "ul", "ol", "li", "a"],
  ALLOWED_ATTR: ["href"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
  ...(policy === undefined ? {} : { TRUSTED_TYPES_POLICY: policy }),
};

// A longer message is folded: it would fill the screen.
const LINES_MAX = 20;
const LETTERS_MAX = 1_500;

/** Renders the text of a message: HTML as sanitised HTML, all else as text with links. */
export function richText(entry: Entry): HTMLElement | (TemplateResult | string)[] {
  return entry.type === "html" ? markup(entry) : autolink(entry.text ?? "").map(piece);
}

/** Returns the text without markup, for a single line. */
export function plainText({ type, text = "" }: Entry): string {
  if (type !== "html") return text;
  return DOMPurify.sanitize(text, ALLOWED).textContent ?? "";
}

/** Whether a message is so long that it is shown folded. */
export function isLong({ text = "" }: Entry): boolean {
  const lines = text.match(/[\n\r\v\f\u0085\u2028\u2029]|<(?:br|p|ul|ol|li|pre|blockquote)\b/gi)?.length ?? 0;
  return lines > LINES_MAX || text.length > LETTERS_MAX;
}

// Caches sanitised HTML.
const rendered = new WeakMap<Entry, HTMLElement>();

function markup(entry: Entry): HTMLElement {
  const known = rendered.get(entry);
  if (known !== undefined) return known;
  const box = document.createElement("div");
  box.className = "markup";
  box.append(DOMPurify.sanitize(entry.text ?? "", ALLOWED));
  for (const link of box.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  rendered.set(entry, box);
  return box;
}

function piece({ text, href }: { text: string; href?: string }): TemplateResult | string {
  return href === undefined
    ? text
    : html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
}

/** Returns the attachments of a message that have an http or https URL. */
export function attachmentsOf({ attachments = [] }: Entry, unnamed: string, language: string) {
  return attachments
    .filter(({ url }) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
    .map(({ url, name, size }) => ({ url, name: name || unnamed, size: bytes(size, language) }));
}

function bytes(size: number | undefined, language: string): string | undefined {
  if (size === undefined || !Number.isFinite(size) || size < 0) return undefined;
  const step = size < 1_000 ? 0 : size < 1_000_000 ? 1 : 2;
  const unit = ["byte", "kilobyte", "megabyte"][step] ?? "byte";
  const format = new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: step < 2 ? 0 : 1,
  });
  return format.format(size / 1_000 ** step);
}
