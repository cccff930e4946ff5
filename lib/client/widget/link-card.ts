import { html, nothing } from "lit";

/** Renders a preview. The sender may have written it: where the link leads is always shown. */
export function card(url: string, title: string, description: string | undefined) {
  return html`<span class="card"><b class="cut" dir="auto">${title}</b>${description === undefined ? nothing : html`<small class="cut" dir="auto">${description}</small>`}<small class="cut" dir="ltr">${new URL(url).host}</small></span>`;
}
