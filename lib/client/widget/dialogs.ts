import { html, nothing } from "lit";
import type { Inbox } from "../view/inbox.js";
import type { Widget } from "./part.js";
import "./details.js";
import "./joiner.js";
import "./starter.js";

export type DialogName = "start" | "details" | "join";

/** Renders the open dialog, if there is one: about `thread`, or the invite with `code`. */
export function dialog(
  name: DialogName | undefined,
  widget: Widget,
  inbox: Inbox,
  thread: string | undefined,
  code: string,
  problem: string | undefined,
  close: () => void,
) {
  if (name === "start")
    return html`<nereid-starter .widget=${widget} .inbox=${inbox} .problem=${problem} @nereid-close=${close}></nereid-starter>`;
  if (name === "join")
    return html`<nereid-joiner .widget=${widget} .inbox=${inbox} .code=${code} .problem=${problem} @nereid-close=${close}></nereid-joiner>`;
  if (name === undefined || thread === undefined) return nothing;
  return html`<nereid-details .widget=${widget} .inbox=${inbox} .thread=${thread} .problem=${problem} @nereid-close=${close}></nereid-details>`;
}
