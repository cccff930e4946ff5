import { html, nothing, type ReactiveControllerHost } from "lit";
import type { Inbox } from "../view/inbox.js";
import type { Opened } from "./opened.js";
import type { Widget } from "./part.js";

// Each is loaded when it is first opened: a page that only shows messages needs none of them.
const LOADS: Readonly<Record<Opened["name"], () => Promise<unknown>>> = {
  start: () => import("./starter.js"),
  join: () => import("./joiner.js"),
  details: () => import("./details.js"),
  menu: () => import("./menu.js"),
  forward: () => import("./forward.js"),
  info: () => import("./info.js"),
};

/** The dialog of a widget that is open, if there is one. */
export class Dialogs {
  readonly #host: ReactiveControllerHost;
  readonly #failed: () => void;
  #opened: Opened | undefined;

  /** Calls `failed` when the file of a dialog cannot be loaded. */
  constructor(host: ReactiveControllerHost, failed: () => void) {
    this.#host = host;
    this.#failed = failed;
  }

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  /** Opens a dialog in place of the one before. Until its file is loaded, its element is empty. */
  open(opened: Opened): void {
    this.#opened = opened;
    this.#host.requestUpdate();
    LOADS[opened.name]().catch(() => {
      this.close(opened);
      this.#failed();
    });
  }

  /** Closes the dialog that is open, or only that which is given: it may have opened another one. */
  close(opened = this.#opened): void {
    if (this.#opened === undefined || this.#opened !== opened) return;
    this.#opened = undefined;
    this.#host.requestUpdate();
  }

  /** Loads the files before anybody opens a dialog, so that they open without a connection, too. What fails is loaded when it is needed. */
  async loadAhead(): Promise<void> {
    for (const load of Object.values(LOADS)) await load().catch(() => {});
  }

  /** Renders the dialog; `problem` says what went wrong in it. */
  render(widget: Widget, inbox: Inbox, problem: string | undefined) {
    const opened = this.#opened;
    const close = () => this.close(opened);
    switch (opened?.name) {
      case "start":
        return html`<nereid-starter .widget=${widget} .inbox=${inbox} .problem=${problem} @nereid-close=${close}></nereid-starter>`;
      case "join":
        return html`<nereid-joiner .widget=${widget} .inbox=${inbox} .code=${opened.code} .problem=${problem} @nereid-close=${close}></nereid-joiner>`;
      case "details":
        return html`<nereid-details .widget=${widget} .inbox=${inbox} .thread=${opened.thread} .problem=${problem} @nereid-close=${close}></nereid-details>`;
      case "menu":
        return html`<nereid-menu .widget=${widget} .inbox=${inbox} .about=${opened} .problem=${problem} @nereid-close=${close}></nereid-menu>`;
      case "forward":
        return html`<nereid-forward .widget=${widget} .inbox=${inbox} .entry=${opened.entry} .problem=${problem} @nereid-close=${close}></nereid-forward>`;
      case "info":
        return html`<nereid-info .widget=${widget} .inbox=${inbox} .entry=${opened.entry} .problem=${problem} @nereid-close=${close}></nereid-info>`;
      default:
        return nothing;
    }
  }
}
