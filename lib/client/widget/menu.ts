import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { looksUnread } from "../view/conversation.js";
import * as icons from "./icons.js";
import { isTouchScreen } from "./input-device.js";
import { leave } from "./leave.js";
import { conversationTitle } from "./names.js";
import type { Opened } from "./opened.js";
import { define, Part } from "./part.js";
import { moveFocus } from "./roving.js";
import { adopt } from "./style/adopt.js";
import { menu } from "./style/menu.js";
import { tools } from "./style/tools.js";
import { isRepeated, working } from "./working.js";

// So far it stays away from the edges of the window.
const MARGIN_PX = 8;

/** What a user can do with a conversation of the list: beside the pointer, or on touch screens a sheet at the lower edge of the screen. */
class Menu extends Part {
  static override properties: PropertyDeclarations = {
    about: { attribute: false },
    problem: { attribute: false },
    leaving: { state: true },
  };
  declare about: Extract<Opened, { name: "menu" }>;
  /** What went wrong. */
  declare problem: string | undefined;
  /** Whether the next click on the last action leaves the room. */
  declare leaving: boolean;

  /** Whether a press has begun in the menu: a long press that opened it ends over it, and is no click. */
  #pressed = false;

  constructor() {
    super();
    this.leaving = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, tools);
    adopt(this, menu);
  }

  protected override firstUpdated(): void {
    const dialog = this.#dialog;
    dialog?.showModal();
    if (dialog === null || isTouchScreen()) return;
    const { width, height } = dialog.getBoundingClientRect();
    const { x, y } = this.about;
    const within = (at: number, size: number, all: number) => Math.max(MARGIN_PX, Math.min(at, all - size - MARGIN_PX));
    // Towards the start of the line, as menus open.
    const left = getComputedStyle(dialog).direction === "rtl" ? x - width : x;
    dialog.style.setProperty("left", `${within(left, width, innerWidth)}px`);
    dialog.style.setProperty("top", `${within(y, height, innerHeight)}px`);
  }

  protected override updated(): void {
    if (!this.inbox.conversations.has(this.about.thread)) this.dispatchEvent(new CustomEvent("nereid-close"));
  }

  protected override render() {
    const { widget, inbox } = this;
    const { strings } = widget;
    const it = inbox.conversations.get(this.about.thread);
    if (it === undefined) return nothing;
    const title = conversationTitle(inbox, it, strings);
    return html`<dialog class=${isTouchScreen() ? "drawer" : "menu"} part="menu" aria-label="${strings.threadActions}: ${title}"
      @close=${() => this.dispatchEvent(new CustomEvent("nereid-close"))}
      @pointerdown=${() => (this.#pressed = true)} @click=${{ capture: true, handleEvent: (event: MouseEvent) => this.#onClick(event) }}
      @keydown=${(event: KeyboardEvent) => moveFocus(event, this.querySelectorAll("button"))}>
      <div class="drawn">
        <p class="quiet cut" dir="auto">${title}</p>
        <div role="alert">${this.problem === undefined ? nothing : html`<p class="refusal">${this.problem}</p>`}</div>
        ${this.#actions()}
      </div>
    </dialog>`;
  }

  #actions() {
    const { widget, inbox } = this;
    const { strings, chat, show } = widget;
    const { thread: id } = this.about;
    const it = inbox.conversations.get(id);
    if (it === undefined) return nothing;
    const { kind, pinned = false, muted = false, hidden = false } = it.thread;
    const unread = looksUnread(it);
    const hide = async () => {
      await chat.setting(id, { hidden: !hidden });
      if (!hidden) show(undefined);
    };
    return [
      this.#act(pinned ? strings.unpin : strings.pin, icons.pin, () => chat.setting(id, { pinned: !pinned })),
      this.#act(unread ? strings.markRead : strings.markUnread, icons.bubble, () => this.#mark(!unread)),
      this.#act(muted ? strings.unmute : strings.mute, muted ? icons.bell : icons.bellOff, () =>
        chat.setting(id, { muted: !muted }),
      ),
      this.#act(hidden ? strings.unhide : strings.hide, hidden ? icons.eye : icons.eyeOff, hide),
      this.#act(strings.details, icons.people, async () => widget.open({ name: "details", thread: id })),
      kind === "room" ? this.#leave() : nothing,
    ];
  }

  async #mark(unread: boolean): Promise<void> {
    const { chat, mirror, show } = this.widget;
    const { thread: id } = this.about;
    const it = mirror.inbox.conversations.get(id);
    if (unread) {
      await chat.setting(id, { markedUnread: true });
      // The conversation that is open is being read.
      show(undefined);
      return;
    }
    if (it?.thread.markedUnread) await chat.setting(id, { markedUnread: false });
    if (it !== undefined && it.thread.seq > it.read) await chat.read(id, it.thread.seq);
  }

  #act(name: string, icon: TemplateResult, act: () => Promise<unknown>) {
    const run = async () => {
      const done = await this.widget.attempt(act().then(() => true));
      if (done) this.#done();
    };
    return html`<button class="tool" @click=${working(run)}>${icon}<span class="word">${name}</span></button>`;
  }

  #leave() {
    const { strings } = this.widget;
    const run = async (event: MouseEvent) => {
      if (!this.leaving) this.leaving = true;
      else if (!isRepeated(event)) {
        const done = await this.widget.attempt(leave(this.widget, this.about.thread).then(() => true));
        if (done) this.#done();
      }
    };
    const name = this.leaving ? strings.sure(strings.leave) : strings.leave;
    return html`<button class=${this.leaving ? "tool sure" : "tool danger"} @click=${working(run)}>${icons.door}<span class="word">${name}</span></button>`;
  }

  #onClick(event: MouseEvent): void {
    // Clicks of the keyboard have no detail.
    if (!this.#pressed && event.detail > 0) event.stopPropagation();
    else if (event.target === event.currentTarget) this.#done();
  }

  #done(): void {
    this.#dialog?.close();
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }
}

define("nereid-menu", Menu);
