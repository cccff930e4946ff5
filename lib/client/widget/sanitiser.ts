import DOMPurify from "dompurify";
import { type Mention, split } from "../view/mention.js";
import type { Policy } from "./trusted-types.js";

// The deployment's list again, since the store may hold messages that it did not sanitise.
const ALLOWED = {
  ALLOWED_TAGS: ["b", "i", "em", "strong", "u", "s", "code", "pre", "blockquote", "p", "br", "ul", "ol", "li", "a"],
  ALLOWED_ATTR: ["href"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

/** Parses HTML and removes whatever a message may not have, and marks the names that it mentions. Under Trusted Types, `policy` parses it. */
export function sanitise(
  html: string,
  policy: Policy | undefined,
  mentions: readonly Mention[] = [],
): DocumentFragment {
  const options = policy === undefined ? ALLOWED : { ...ALLOWED, TRUSTED_TYPES_POLICY: policy };
  const fragment = DOMPurify.sanitize(html, options);
  if (mentions.length > 0) mark(fragment, mentions);
  return fragment;
}

function mark(fragment: DocumentFragment, mentions: readonly Mention[]): void {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode);
  const names = mentions.map(({ name }) => name);
  for (const text of texts) {
    if (text.parentElement?.closest("code, pre, a")) continue;
    const pieces = split(text.data, names);
    if (pieces.every(({ name }) => name === undefined)) continue;
    text.replaceWith(...pieces.map((it) => (it.name === undefined ? it.text : mention(it.text, it.name, mentions))));
  }
}

/** A mention as in a text that is no HTML (richtext.ts). */
function mention(text: string, name: string, mentions: readonly Mention[]): HTMLElement {
  const mine = mentions.some((it) => it.name === name && it.mine);
  const box = document.createElement("bdi");
  box.className = mine ? "mention mine" : "mention";
  box.setAttribute("part", "mention");
  box.textContent = text;
  return box;
}
