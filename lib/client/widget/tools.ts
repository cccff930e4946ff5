import { html, nothing, type TemplateResult } from "lit";
import { type Entry, isEditable } from "../view/conversation.js";
import * as icons from "./icons.js";
import type { MessageContext } from "./message-context.js";

/** Renders the actions on a message: react and reply, and edit and delete for the user's own. */
export function tools(entry: Entry, context: MessageContext) {
  const { widget, inbox, conversation, menu } = context;
  const { strings, chat } = widget;
  const { id, thread } = entry;
  const me = inbox.me?.id ?? "";
  const role = conversation.thread.members.find(({ entity }) => entity === me)?.role;
  if (role === "visitor") return nothing;
  const mayRetract = entry.sender?.id === me || (role === "owner" && conversation.thread.kind === "room");
  const mine = (emoji: string) => entry.reactions?.[emoji]?.includes(me) === true;
  const react = (emoji: string) => {
    context.restoreFocus(id);
    context.toggleMenu("emoji");
    widget.attempt(chat.react(thread, id, emoji, { remove: mine(emoji) }));
  };
  const retract = () => {
    if (menu !== "retract") return context.toggleMenu("retract");
    context.restoreFocus(id);
    widget.attempt(chat.retract(thread, id));
  };
  return html`<div class="tools" part="tools" role="group" aria-label=${strings.actions}>
    ${tool(strings.react, icons.smile, () => context.toggleMenu("emoji"), menu === "emoji")}
    ${
      menu === "emoji"
        ? widget.emoji.map(
            (emoji) =>
              html`<button class="tool emoji" aria-label=${strings.reactWith(emoji)} aria-pressed=${mine(emoji)} @click=${() => react(emoji)}>${emoji}</button>`,
          )
        : html`
          ${tool(strings.reply, icons.reply, () => context.request("reply", entry))}
          ${isEditable(entry, me) ? tool(strings.edit, icons.pencil, () => context.request("edit", entry)) : nothing}
          ${mayRetract ? html`<button class=${menu === "retract" ? "sure" : "tool"} aria-label=${strings.retract} title=${strings.retract} @click=${retract}>${menu === "retract" ? strings.retract : icons.bin}</button>` : nothing}
        `
    }
  </div>`;
}

function tool(name: string, icon: TemplateResult, act: () => void, open?: boolean) {
  return html`<button class="tool" aria-label=${name} title=${name} aria-expanded=${open === undefined ? nothing : open} @click=${act}>${icon}</button>`;
}
