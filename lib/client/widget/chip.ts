import { html, nothing } from "lit";
import { kindOf, sizeText } from "./file-kind.js";
import { FILES } from "./file-strings.js";
import * as icons from "./icons.js";
import { isComposing } from "./input-device.js";
import { shown } from "./names.js";
import type { Widget } from "./part.js";
import type { Chosen } from "./tray.js";
import "./thumbnail.js";

// What the deployment keeps of a description is bounded with the message; this is a long sentence or two.
const ALT_MAX = 500;

/** Renders a file that was chosen. A picture can be described: `open` while that is done. */
export function chip(
  file: Chosen,
  { strings, language }: Widget,
  open: boolean,
  act: { describe(): void; remove(): void },
) {
  const { describe, remove } = strings.files ?? FILES;
  const name = shown(file.name) || strings.attachment;
  const isPicture = kindOf({ contentType: file.content.type }) === "picture";
  return html`<li class="chip">
    <nereid-thumbnail .content=${file.content}></nereid-thumbnail>
    <span class="cut" dir="auto">${name}</span>
    <small>${sizeText(file.content.size, language)}</small>
    ${
      isPicture
        ? html`<button type="button" class="tool" aria-expanded=${open} aria-label=${describe(name)} title=${describe(name)}
      @click=${act.describe}>${file.alt === "" ? icons.pencil : icons.check}</button>`
        : nothing
    }
    <button type="button" class="tool" aria-label=${remove(name)} title=${remove(name)} @click=${act.remove}>${icons.close}</button>
    ${open ? description(file, (strings.files ?? FILES).description, act.describe) : nothing}
  </li>`;
}

function description(file: Chosen, name: string, close: () => void) {
  const note = ({ target }: Event) => {
    if (target instanceof HTMLInputElement) file.alt = target.value;
  };
  // Neither sends the message nor cancels a reply.
  const onKey = (event: KeyboardEvent) => {
    if (isComposing(event) || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  return html`<input class="field" type="text" dir="auto" maxlength=${ALT_MAX} aria-label=${name} placeholder=${name}
    .value=${file.alt} @input=${note} @keydown=${onKey} />`;
}
