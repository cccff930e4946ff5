import { html, nothing } from "lit";
import type { Inbox } from "../view/inbox.js";
import type { Regarding } from "./drafts.js";
import * as icons from "./icons.js";
import { personName } from "./names.js";
import type { Widget } from "./part.js";
import { plainText } from "./richtext.js";

/** Renders the message that the input edits or replies to, with a button that ends that. */
export function regarded({ strings }: Widget, inbox: Inbox, regarding: Regarding | undefined, cancel: () => void) {
  if (regarding === undefined) return nothing;
  const { editing } = regarding;
  const entry = editing ?? regarding.replyingTo;
  const by = entry.sender?.id;
  const name = by === undefined ? "" : by === inbox.me?.id ? strings.you : personName(inbox, by, strings);
  return html`<div class="regarding">
    <span class="cut"><b>${editing ? strings.editing : strings.replyingTo(name)}</b> <span dir="auto">${plainText(entry)}</span></span>
    <button type="button" class="tool" aria-label=${strings.cancel} title=${strings.cancel} @click=${cancel}>${icons.close}</button>
  </div>`;
}
