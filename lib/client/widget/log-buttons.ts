import { html, nothing } from "lit";
import { type Conversation, unread } from "../view/conversation.js";
import * as icons from "./icons.js";
import type { Widget } from "./part.js";

/** Renders the button that leads to the first unread message. */
export function unreadButton({ strings }: Widget, count: number, go: () => void) {
  return html`<button class="unread" part="first-unread" @click=${go}>${icons.up}${strings.unread(count)}</button>`;
}

/** Renders the button that leads to the newest message. */
export function newestButton({ strings }: Widget, conversation: Conversation, go: () => void) {
  const count = unread(conversation);
  const name = [strings.toNewest, count > 0 && strings.unread(count)].filter(Boolean).join(", ");
  return html`<button class="newest" part="newest" title=${name} @click=${go}>${icons.down}<span class="unseen">${strings.toNewest}</span>${count > 0 ? html`<span class="badge" aria-hidden="true">${count > 99 ? "99+" : count}</span>` : nothing}</button>`;
}
