import { html, nothing, type PropertyDeclarations } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Conversation } from "../view/conversation.js";
import { sorted } from "../view/inbox.js";
import { partner } from "../view/partner.js";
import * as icons from "./icons.js";
import { LongPress } from "./long-press.js";
import { inNextFrame } from "./next-frame.js";
import "./owner.js";
import { define, Part } from "./part.js";
import { moveFocus } from "./roving.js";
import { type ItemContext, tabStop, threadItem } from "./thread-item.js";

// Older conversations are loaded when the user scrolls so close to the end.
const END_PX = 400;

/** The conversations, the pinned ones and then the latest first, with presence and unread counts; or what a search finds, or the hidden ones. */
class Roster extends Part {
  static override properties: PropertyDeclarations = {
    selected: { attribute: false },
    query: { state: true },
    hiding: { state: true },
    focused: { state: true },
  };
  declare selected: string | undefined;
  declare query: string;
  /** Whether the hidden conversations are shown. */
  declare hiding: boolean;
  /** The item that last had the focus. */
  declare focused: string | undefined;
  readonly #press = new LongPress();
  readonly #look = inNextFrame(() => this.#onScroll());
  /** Whether a long press has opened a menu, so that what follows it is no click. */
  #pressed = false;

  constructor() {
    super();
    this.query = "";
    this.hiding = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#press.end();
  }

  protected override updated(): void {
    this.#look();
  }

  protected override render() {
    const { strings } = this.widget;
    const listed = this.query === "" && !this.hiding;
    const name = this.hiding ? strings.hiddenConversations : strings.conversations;
    return html`
      <div class="bar" part="roster-header">
        <h2 class="cut">${strings.chats}</h2>
        <nereid-owner .widget=${this.widget} .inbox=${this.inbox}></nereid-owner>
      </div>
      <div class="seek" role="search">
        ${icons.search}
        <input class="field" part="search" type="search" placeholder=${strings.search} aria-label=${strings.search}
          .value=${this.query} @input=${(event: InputEvent) => this.#search(event)} />
      </div>
      <nav class="threads" aria-label=${name} @scroll=${this.#look}
        @keydown=${(event: KeyboardEvent) => moveFocus(event, this.querySelectorAll(".thread"))} @focusin=${(event: Event) => this.#onFocus(event)}
        @contextmenu=${(event: MouseEvent) => this.#onContextMenu(event)} @pointerdown=${(event: PointerEvent) => this.#onPress(event)}
        @pointermove=${(event: PointerEvent) => this.#press.move(event)} @pointerup=${() => this.#press.end()} @pointercancel=${() => this.#press.end()}
        @click=${{ capture: true, handleEvent: (event: Event) => this.#pressed && event.stopPropagation() }}>
        ${listed ? this.#all() : this.#lazy()}
      </nav>
      ${
        this.query === ""
          ? html`<button class="aside quiet" part="hidden" aria-pressed=${this.hiding} @click=${() => this.#toggleHidden()}>${strings.hiddenConversations}</button>`
          : nothing
      }
    `;
  }

  /** What is seldom looked at has files of its own. */
  #lazy() {
    return this.query === ""
      ? html`<nereid-hidden .widget=${this.widget} .inbox=${this.inbox} .focused=${this.focused}></nereid-hidden>`
      : html`<nereid-found .widget=${this.widget} .inbox=${this.inbox} .query=${this.query} .focused=${this.focused}></nereid-found>`;
  }

  #all() {
    const { widget, inbox, selected, focused } = this;
    const { strings } = widget;
    const all = sorted(inbox);
    if (all.length === 0 && widget.mirror.ready && !inbox.more)
      return html`<p class="none quiet">${strings.noConversations}</p>`;
    const keys = all.map(({ thread }) => thread.id);
    const context = { widget, inbox, selected, tab: tabStop(keys, focused, selected) };
    return html`<ul>${repeat(
      all,
      ({ thread }) => thread.id,
      (it) => this.#item(it, context),
    )}</ul>
    ${inbox.more ? html`<p class="none quiet">${strings.olderConversations}</p>` : nothing}`;
  }

  /** Renders one conversation; cached until something that it shows has changed, since every event renders all of them. */
  #item(it: Conversation, context: ItemContext) {
    const { widget, inbox, selected, tab } = context;
    const { id } = it.thread;
    const other = partner(it, inbox.me?.id);
    const presence = other && inbox.presence.get(other);
    // At midnight, times become days.
    const today = new Date().toDateString();
    const shown = [it, widget, inbox.me, inbox.actors, presence, selected === id, tab === id, today];
    return guard(shown, () => this.#drawItem(it, context));
  }

  #drawItem(it: Conversation, context: ItemContext) {
    const { threadActions } = this.widget.strings;
    const open = ({ clientX, clientY }: MouseEvent) => this.#openMenu(it.thread.id, clientX, clientY);
    // By the keyboard, the key of the context menu opens it.
    return html`<li>${threadItem(context, it)}<button class="tool act" tabindex="-1" aria-haspopup="dialog" aria-label=${threadActions} title=${threadActions} @click=${open}>${icons.dots}</button></li>`;
  }

  #openMenu(thread: string, x: number, y: number): void {
    this.widget.open({ name: "menu", thread, x, y });
  }

  /** A click by the other button, and the keys Shift+F10 and Menu. */
  #onContextMenu(event: MouseEvent): void {
    const item = itemOf(event);
    if (item?.dataset.thread === undefined) return;
    event.preventDefault();
    const { left, bottom } = item.getBoundingClientRect();
    const byKey = event.clientX === 0 && event.clientY === 0;
    this.#press.end();
    this.#openMenu(item.dataset.thread, byKey ? left : event.clientX, byKey ? bottom : event.clientY);
  }

  #onPress(event: PointerEvent): void {
    this.#pressed = false;
    const thread = itemOf(event)?.dataset.thread;
    if (event.pointerType === "mouse" || thread === undefined) return;
    this.#press.begin(event, () => {
      this.#pressed = true;
      this.#openMenu(thread, event.clientX, event.clientY);
    });
  }

  #toggleHidden(): void {
    this.hiding = !this.hiding;
    if (this.hiding) void this.widget.attempt(import("./hidden.js"));
  }

  #search({ target }: InputEvent): void {
    if (!(target instanceof HTMLInputElement)) return;
    this.query = target.value.trim();
    if (this.query !== "") void this.widget.attempt(import("./found.js"));
  }

  /** Loads older conversations when the end of the list is near. What fails is tried again when the list is scrolled. */
  #onScroll(): void {
    const list = this.querySelector(".threads");
    // A list that is not displayed has no height.
    if (!this.inbox.more || this.query !== "" || this.hiding || list === null || list.clientHeight === 0) return;
    if (list.scrollHeight - list.scrollTop - list.clientHeight < END_PX) this.widget.mirror.more().catch(() => {});
  }

  #onFocus({ target }: Event): void {
    if (target instanceof HTMLElement && target.dataset.key !== undefined) this.focused = target.dataset.key;
  }
}

function itemOf({ target }: Event): HTMLElement | null {
  return target instanceof Element ? (target.closest("li")?.querySelector<HTMLElement>(".thread") ?? null) : null;
}

define("nereid-roster", Roster);
