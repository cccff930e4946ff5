import { html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Conversation, unread } from "../view/conversation.js";
import { type Row, timeline } from "../view/timeline.js";
import { day } from "./date.js";
import * as icons from "./icons.js";
import { isComposing, isControl } from "./input-device.js";
import { leaveMessage, moveToMessage } from "./log-keys.js";
import { LogScroll } from "./log-scroll.js";
import { LongPress } from "./long-press.js";
import { LATE_MS, row } from "./message.js";
import type { MessageContext } from "./message-context.js";
import { define, Part } from "./part.js";
import { ReadReporter } from "./read-reporter.js";
import { ReadingPlace } from "./reading-place.js";

/** The messages: grows at its end, and at its start when the user scrolls there. */
class Log extends Part {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    target: { attribute: false },
    active: { state: true },
    menu: { state: true },
    touch: { state: true },
    unfolded: { state: true },
    scrolledUp: { state: true },
    waiting: { state: true },
  };
  declare conversation: Conversation;
  declare target: string | undefined;
  /** The id of the message whose tools are shown, and the menu of them that is open. */
  declare active: string | undefined;
  declare menu: MessageContext["menu"];
  /** Whether the user's last input was by touch or pen, which has no way to point without a tap. */
  declare touch: boolean;
  declare unfolded: ReadonlySet<string>;
  /** Whether the end is out of view. */
  declare scrolledUp: boolean;
  /** How many messages were unread when the conversation was opened, until the first of them has been in view. */
  declare waiting: number;
  // The read mark when the conversation was opened.
  #read = 0;
  #rows: { entries: Conversation["entries"]; rows: Row[] } | undefined;
  readonly #reader = new ReadReporter(
    () => (this.scrolledUp || this.#scroll.isLeading ? undefined : this.conversation),
    (thread, seq) => this.widget.chat.read(thread, seq),
  );
  readonly #press = new LongPress();
  readonly #scroll = new LogScroll(this);
  #lateTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.touch = false;
    this.unfolded = new Set();
    this.waiting = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#reader.observe(this.#scroll.log);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#reader.disconnect();
    this.#press.end();
  }

  readonly #place = new ReadingPlace();

  protected override firstUpdated(): void {
    this.#reader.observe(this.#scroll.log);
  }

  protected override update(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get("conversation");
    const apart = isConversation(before) && before.apart !== undefined;
    const place =
      changed.has("conversation") && this.scrolledUp ? this.#place.note(this.#scroll.log, apart) : undefined;
    super.update(changed);
    place?.();
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get("conversation");
    const id = isConversation(before) ? before.thread.id : undefined;
    if (!changed.has("conversation") || id === this.conversation.thread.id) return;
    // The line above new messages stays where it was when the conversation was opened.
    this.waiting = unread(this.conversation);
    this.#read = this.waiting > 0 ? this.conversation.read : Number.POSITIVE_INFINITY;
    this.#reader.reset();
    this.#rows = undefined;
    this.unfolded = new Set();
    [this.active, this.menu, this.scrolledUp] = [undefined, undefined, false];
  }

  protected override render() {
    const { strings } = this.widget;
    const { conversation, inbox } = this;
    const { entries, older } = conversation.apart ?? conversation;
    const rows = this.#layOut(entries, inbox.me?.id);
    const context = this.#context();
    return html`
      <div class="log" part="log" role="log" tabindex="0" aria-label=${strings.messages} aria-busy=${older === undefined}
        @scroll=${() => this.#onScroll()} @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
        <div class="rows" @pointerdown=${(event: PointerEvent) => this.#onPress(event)}
          @pointermove=${(event: PointerEvent) => this.#press.move(event)} @pointerup=${() => this.#press.end()} @pointercancel=${() => this.#press.end()}
          @contextmenu=${(event: Event) => this.touch && !isControl(event) && event.preventDefault()}
          @pointerleave=${({ pointerType }: PointerEvent) => pointerType === "mouse" && context.activate(undefined)}>
          <p class="quiet edge">${older === false ? strings.beginning : strings.older}</p>
          ${repeat(
            rows,
            ({ key }) => key,
            (it) => this.#row(it, context),
          )}
        </div>
      </div>
      ${this.waiting > 0 ? html`<button class="unread" part="first-unread" @click=${() => this.#toUnread()}>${icons.up}${strings.unread(this.waiting)}</button>` : nothing}
      ${this.scrolledUp ? this.#newest() : nothing}
    `;
  }

  #newest() {
    const { strings } = this.widget;
    const count = unread(this.conversation);
    const name = [strings.toNewest, count > 0 && strings.unread(count)].filter(Boolean).join(", ");
    const go = async () => {
      await this.#scroll.toEnd();
      this.#scroll.log?.focus({ preventScroll: true });
    };
    return html`<button class="newest" part="newest" title=${name} @click=${go}>${icons.down}<span class="unseen">${strings.toNewest}</span>${count > 0 ? html`<span class="badge" aria-hidden="true">${count > 99 ? "99+" : count}</span>` : nothing}</button>`;
  }

  #toUnread(): void {
    this.waiting = 0;
    void this.#scroll.toUnread(this.#read);
  }

  #onKey(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    this.touch = false;
    const rows = [...this.querySelectorAll<HTMLElement>("[data-id]")];
    if (event.key === "Escape" && leaveMessage(event, this.#scroll.log, rows)) this.menu = undefined;
    else moveToMessage(event, this.#scroll.log, rows);
  }

  /** Lays out the entries; cached until they change. */
  #layOut(entries: Conversation["entries"], me: string | undefined): Row[] {
    if (this.#rows?.entries !== entries) this.#rows = { entries, rows: timeline(entries, me, this.#read) };
    return this.#rows.rows;
  }

  #context(): MessageContext {
    const { widget, inbox, conversation, active, menu, touch, target, unfolded } = this;
    return {
      ...{ widget, inbox, conversation, active, menu, touch, target, unfolded },
      activate: (id) => {
        if (id !== this.active) [this.active, this.menu] = [id, undefined];
      },
      // Asked at the event: a row is not rendered again when the input changes.
      focus: (id) => {
        if (!this.touch && id !== this.active) [this.active, this.menu] = [id, undefined];
      },
      toggleMenu: (menu) => {
        this.menu = this.menu === menu ? undefined : menu;
      },
      tap: (id, event) => {
        if (this.touch && !isControl(event)) [this.active, this.menu] = [id, undefined];
      },
      toggleFold: (id) => {
        const unfolded = new Set(this.unfolded);
        if (!unfolded.delete(id)) unfolded.add(id);
        this.unfolded = unfolded;
      },
      goTo: (id) => void this.#scroll.goTo(id),
      done: (id) => {
        // The toolbar stays while the message has the focus.
        [this.active, this.menu] = [this.touch ? undefined : id, undefined];
        const focus = () => this.#scroll.find(id)?.focus({ preventScroll: true });
        // A message behind an open sheet cannot have the focus.
        if (this.touch) void this.updateComplete.then(focus);
        else focus();
      },
      request: (action, entry) => {
        if (this.touch) [this.active, this.menu] = [undefined, undefined];
        this.dispatchEvent(new CustomEvent(`nereid-${action}`, { detail: entry }));
      },
    };
  }

  #onPress(event: PointerEvent): void {
    this.touch = event.pointerType !== "mouse";
    const id = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-id]")?.dataset.id : undefined;
    if (!this.touch || id === undefined || isControl(event)) return;
    this.#press.begin(event, () => ([this.active, this.menu] = [id, undefined]));
  }

  #row(it: Row, context: MessageContext) {
    const { strings, language } = this.widget;
    if (it.kind === "day") return html`<p class="day quiet"><span>${day(it.date, language)}</span></p>`;
    if (it.kind === "unread") return html`<p class="since"><span>${strings.newMessages}</span></p>`;
    return row(it, context);
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // So that they are there without a connection, too. What failed is tried again where actions are to be shown.
    if (changed.has("widget") || changed.has("active")) import("./tools.js").catch(() => {});
    if (changed.has("target") && this.target !== undefined) void this.#scroll.goTo(this.target);
    if (!changed.has("conversation")) return;
    const own = this.conversation.entries.at(-1);
    const before = changed.get("conversation");
    const known = isConversation(before) ? before.entries.at(-1)?.id : undefined;
    // The user's own new message is scrolled into view; messages of others do not move the scroll position.
    if (own?.pending && own.id !== known) void this.#scroll.toEnd();
    clearTimeout(this.#lateTimer);
    if (own?.pending) this.#lateTimer = setTimeout(() => this.requestUpdate(), LATE_MS);
    this.#onScroll();
  }

  #onScroll(): void {
    if (this.#scroll.log === null) return;
    this.scrolledUp = this.#scroll.isUp;
    if (this.waiting > 0 && this.#scroll.hasPassed(this.#read)) this.waiting = 0;
    this.#scroll.load();
    this.#reader.report();
  }
}

function isConversation(value: unknown): value is Conversation {
  return typeof value === "object" && value !== null && "entries" in value;
}

define("nereid-log", Log);
