import { html, nothing, type TemplateResult } from "lit";
import { type Inbox, unreadTotal } from "../view/inbox.js";
import * as icons from "./icons.js";
import { isComposing, isTouchScreen } from "./input-device.js";
import type { Strings } from "./strings.js";
import { adopt } from "./style/adopt.js";
import { launcher } from "./style/launcher.js";

type Host = HTMLElement & { launcher: boolean; open: boolean; readonly renderRoot: ParentNode & Node };

// Where a panel would leave no room beside it, the chat fills the screen.
const FULL = "(max-width: 480px), (max-height: 480px)";
const COUNT_MAX = 99;

/** The round button that opens the chat over a page, and the panel that it opens: beside the page, or all of a phone's screen. */
export class Launcher {
  readonly #host: Host;
  #forget: (() => void) | undefined;
  /** What only a panel that fills the screen needs. */
  #screen: Promise<typeof import("./full-screen.js")> | undefined;

  constructor(host: Host) {
    this.#host = host;
    adopt(host.renderRoot, launcher);
  }

  /** Renders the button, with the number of unread messages, and the panel with its content. */
  render(content: TemplateResult, inbox: Inbox, strings: Strings) {
    const host = this.#host;
    const count = unreadTotal(inbox);
    const name = host.open ? strings.closeChat : strings.openChat;
    return html`
      <button class="launch" part="launcher" aria-expanded=${host.open} aria-haspopup="dialog"
        aria-label=${count === 0 || host.open ? name : `${name}, ${strings.unread(count)}`} @click=${() => (host.open = !host.open)}>
        ${host.open ? icons.down : icons.bubble}
        ${count === 0 || host.open ? nothing : html`<span class="badge" aria-hidden="true">${count > COUNT_MAX ? `${COUNT_MAX}+` : count}</span>`}
      </button>
      <dialog class="panel" part="panel" aria-label=${strings.chat}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event)} @close=${() => this.#onClose()}>
        <div class="shut"><button class="tool" aria-label=${strings.closeChat} title=${strings.closeChat}
          @click=${() => (host.open = false)}>${icons.close}</button></div>
        ${content}
      </dialog>
    `;
  }

  /** Opens or closes the panel as the element says, once it is rendered. */
  update(): void {
    const { open, renderRoot } = this.#host;
    if (matchMedia(FULL).matches) this.#load().catch(() => {});
    const panel = renderRoot.querySelector<HTMLDialogElement>(".panel");
    if (panel === null || panel.open === open) return;
    if (open) this.#open(panel);
    else panel.close();
  }

  /** The element has left the page: a panel that comes back is opened anew. */
  disconnect(): void {
    this.#host.renderRoot.querySelector(".panel")?.removeAttribute("open");
    this.#release();
  }

  #open(panel: HTMLDialogElement): void {
    if (!matchMedia(FULL).matches) {
      panel.show();
      // On a touch screen, the keyboard would cover half of what was opened.
      if (!isTouchScreen()) panel.querySelector<HTMLElement>("textarea, .guest input")?.focus();
      return;
    }
    panel.showModal();
    void this.#fillScreen(panel).catch(() => {});
  }

  async #fillScreen(panel: HTMLDialogElement): Promise<void> {
    const { fillScreen } = await this.#load();
    if (panel.open) this.#forget ??= fillScreen(panel, () => (this.#host.open = false));
  }

  #load() {
    this.#screen ??= import("./full-screen.js");
    return this.#screen;
  }

  #onClose(): void {
    this.#release();
    this.#host.open = false;
    this.#host.renderRoot.querySelector<HTMLElement>(".launch")?.focus();
  }

  #release(): void {
    this.#forget?.();
    this.#forget = undefined;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented || isComposing(event)) return;
    // A dialog within the panel closes by itself.
    const { target, currentTarget } = event;
    if (target instanceof Element && target.closest("dialog") === currentTarget) this.#host.open = false;
  }
}
