import { html, nothing, type TemplateResult } from "lit";
import { type Entry, isEditable } from "../view/conversation.js";
import * as icons from "./icons.js";
import type { Scene } from "./scene.js";

/** Draws what can be done with a message: react, answer, and with one's own, edit and delete. */
export function tools(entry: Entry, scene: Scene) {
  const { desk, inbox, conversation, choosing } = scene;
  const { strings, chat } = desk;
  const { id, thread } = entry;
  const me = inbox.me?.id ?? "";
  const role = conversation.thread.members.find(({ entity }) => entity === me)?.role;
  if (role === "visitor") return nothing;
  const mayRetract = entry.sender?.id === me || (role === "owner" && conversation.thread.kind === "room");
  const mine = (emoji: string) => entry.reactions?.[emoji]?.includes(me) === true;
  const react = (emoji: string) => {
    scene.rest(id);
    scene.choose("emoji");
    desk.attempt(chat.react(thread, id, emoji, { remove: mine(emoji) }));
  };
  const retract = () => {
    if (choosing !== "retract") return scene.choose("retract");
    scene.rest(id);
    desk.attempt(chat.retract(thread, id));
  };
  return html`<div class="tools" part="tools" role="group" aria-label=${strings.actions}>
    ${tool(strings.react, icons.smile, () => scene.choose("emoji"), choosing === "emoji")}
    ${
      choosing === "emoji"
        ? desk.emoji.map(
            (emoji) =>
              html`<button class="tool emoji" aria-label=${strings.reactWith(emoji)} aria-pressed=${mine(emoji)} @click=${() => react(emoji)}>${emoji}</button>`,
          )
        : html`
          ${tool(strings.reply, icons.reply, () => scene.ask("reply", entry))}
          ${isEditable(entry, me) ? tool(strings.edit, icons.pencil, () => scene.ask("edit", entry)) : nothing}
          ${mayRetract ? html`<button class=${choosing === "retract" ? "sure" : "tool"} aria-label=${strings.retract} title=${strings.retract} @click=${retract}>${choosing === "retract" ? strings.retract : icons.bin}</button>` : nothing}
        `
    }
  </div>`;
}

function tool(name: string, icon: TemplateResult, act: () => void, open?: boolean) {
  return html`<button class="tool" aria-label=${name} title=${name} aria-expanded=${open === undefined ? nothing : open} @click=${act}>${icon}</button>`;
}
