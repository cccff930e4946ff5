import { html, type TemplateResult } from "lit";
import { until } from "lit/directives/until.js";
import { autolink, type Piece } from "../view/autolink.js";
import type { Entry } from "../view/entry.js";
import { type Mention, split } from "../view/mention.js";
import { withoutTags } from "../view/plain-html.js";
import { policy } from "./trusted-types.js";

type Sanitise = typeof import("./sanitiser.js").sanitise;

// Most users never see a message in HTML: what sanitises it is loaded with the first one.
let loading: Promise<Sanitise | undefined> | undefined;
let sanitise: Sanitise | undefined;

// A longer message is folded: it would fill the screen.
const LINES_MAX = 20;
const LETTERS_MAX = 1_500;

/** Renders the text of a message: HTML as sanitised HTML, all else as text with links and mentions. */
export function richText(entry: Entry, mentions: readonly Mention[] = []) {
  if (entry.type !== "html") return autolink(entry.text ?? "").map((it) => piece(it, mentions));
  if (sanitise !== undefined) return markup(entry, sanitise, mentions);
  const bare = withoutTags(entry.text ?? "");
  const loaded = load().then((it) => (it === undefined ? bare : markup(entry, it, mentions)));
  return html`${until(loaded, bare)}`;
}

/** Returns the text without markup, for a single line; of a message that is only a file, its name. */
export function plainText({ type, text = "", attachments }: Entry): string {
  if (text === "") return attachments?.[0]?.name ?? "";
  if (type !== "html") return text;
  if (sanitise !== undefined) return sanitise(text, policy).textContent ?? "";
  void load();
  return withoutTags(text);
}

/** Whether a message is so long that it is shown folded. */
export function isLong({ text = "" }: Entry): boolean {
  const lines = text.match(/[\n\r\v\f\u0085\u2028\u2029]|<(?:br|p|ul|ol|li|pre|blockquote)\b/gi)?.length ?? 0;
  return lines > LINES_MAX || text.length > LETTERS_MAX;
}

// Caches sanitised HTML, with the names that are marked in it.
const rendered = new WeakMap<Entry, { names: string; box: HTMLElement }>();

function markup(entry: Entry, sanitise: Sanitise, mentions: readonly Mention[]): HTMLElement {
  const known = rendered.get(entry);
  const names = JSON.stringify(mentions);
  if (known?.names === names) return known.box;
  const box = document.createElement("div");
  box.className = "markup";
  box.append(sanitise(entry.text ?? "", policy, mentions));
  for (const link of box.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  rendered.set(entry, { names, box });
  return box;
}

/** Loads what sanitises HTML; undefined when it cannot be loaded, and the next message tries again. */
function load(): Promise<Sanitise | undefined> {
  loading ??= import("./sanitiser.js").then(
    (module) => (sanitise = module.sanitise),
    () => (loading = undefined),
  );
  return loading;
}

function piece({ text, href }: Piece, mentions: readonly Mention[]): TemplateResult | unknown[] {
  return href === undefined
    ? split(
        text,
        mentions.map(({ name }) => name),
      ).map((it) => (it.name === undefined ? it.text : mention(it, mentions)))
    : html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
}

function mention({ text, name }: { text: string; name?: string }, mentions: readonly Mention[]): TemplateResult {
  const mine = mentions.some((it) => it.name === name && it.mine);
  return html`<bdi class=${mine ? "mention mine" : "mention"} part="mention">${text}</bdi>`;
}
