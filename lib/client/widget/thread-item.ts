import { html, nothing } from "lit";
import { type Conversation, unread } from "../view/conversation.js";
import type { Inbox } from "../view/inbox.js";
import { partner } from "../view/partner.js";
import { availabilityOf, availabilityText, avatar } from "./avatar.js";
import { when } from "./date.js";
import * as icons from "./icons.js";
import { conversationTitle, personName, typingNames } from "./names.js";
import type { Widget } from "./part.js";
import { plainText } from "./richtext.js";

// A preview is one line, and part of the accessible name of its button.
const PREVIEW_MAX = 120;

/** What an item of the list needs besides its conversation. */
export type ItemContext = {
  widget: Widget;
  inbox: Inbox;
  /** The thread that is shown. */
  selected?: string | undefined;
  /** The key of the item that Tab reaches. */
  tab: string | undefined;
};

/** A message that was found in a conversation, and its text as it is shown. */
export type FoundMessage = { id: string; timestamp: string; preview: unknown };

/** Renders a conversation in a list, or a message that was found in it. */
export function threadItem(context: ItemContext, it: Conversation, found?: FoundMessage) {
  const { widget, inbox, selected, tab } = context;
  const { thread } = it;
  const title = conversationTitle(inbox, it, widget.strings);
  const other = partner(it, inbox.me?.id);
  const availability = other === undefined ? undefined : availabilityOf(inbox.presence.get(other));
  const subject = {
    id: other ?? thread.id,
    name: title,
    actor: other === undefined ? undefined : inbox.actors.get(other),
    room: other === undefined,
  };
  const current = found === undefined && selected === thread.id;
  const key = found?.id ?? thread.id;
  return html`<button class="thread" part="thread" aria-current=${current ? "true" : nothing} data-thread=${thread.id} data-key=${key}
    tabindex=${key === tab ? 0 : -1}
    @click=${() => widget.show(thread.id, found?.id)}>
    ${avatar(subject, availability)}
    <span class="about">
      <span class="line">
        <b class="cut" dir="auto">${title}</b>
        ${availability === undefined || availability === "unavailable" ? nothing : html`<span class="unseen">${availabilityText(availability, widget.strings)}</span>`}
        ${thread.pinned ? mark(icons.pin, widget.strings.pinned) : nothing}
        ${thread.muted ? html`<span class="mute">${icons.bellOff}</span>` : nothing}
        <time class="quiet">${when(found?.timestamp ?? thread.updated, widget.language)}</time>
      </span>
      <span class="line">
        <span class="cut quiet preview" dir="auto">${found === undefined ? preview(it, context) : found.preview}</span>
        ${found === undefined ? badge(it, context) : nothing}
      </span>
    </span>
  </button>`;
}

/** Returns the key of the item that Tab reaches: one for all of the list, in which the arrow keys move. */
export function tabStop(keys: readonly string[], ...wanted: (string | undefined)[]): string | undefined {
  return wanted.find((it) => it !== undefined && keys.includes(it)) ?? keys[0];
}

function mark(icon: unknown, name: string) {
  return html`<span class="mute">${icon}<span class="unseen">${name}</span></span>`;
}

function badge(it: Conversation, { widget: { strings } }: ItemContext) {
  const count = unread(it);
  const kind = it.thread.muted ? "badge muted" : "badge";
  if (count > 0)
    return html`<span class=${kind} part="unread"
      ><span aria-hidden="true">${count > 99 ? "99+" : count}</span><span class="unseen">${strings.unread(count)}</span></span>`;
  return it.thread.markedUnread
    ? html`<span class="badge" part="unread"><span class="unseen">${strings.markedUnread}</span></span>`
    : nothing;
}

function preview(it: Conversation, { widget: { strings }, inbox }: ItemContext) {
  const me = inbox.me?.id;
  const names = typingNames(inbox, it, strings);
  if (names.length > 0) return html`<em>${strings.typing(names)}</em>`;
  const entry = it.entries.at(-1) ?? it.thread.last;
  if (entry === undefined) return nothing;
  if (entry.retracted !== undefined) return html`<em>${strings.retracted}</em>`;
  if (entry.blocked) return html`<em>${strings.blockedMessage}</em>`;
  const text =
    plainText(entry).slice(0, PREVIEW_MAX) || (entry.attachments?.length || entry.files ? strings.attachment : "");
  const by = entry.sender?.id;
  if (by === undefined || (by !== me && partner(it, me) !== undefined)) return text;
  return html`<bdi>${by === me ? strings.you : personName(inbox, by, strings)}</bdi>: ${text}`;
}
