import { html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Conversation, unread } from "../view/conversation.js";
import { ALL, type Excerpt, newest } from "../view/excerpt.js";
import { isComposing, isControl } from "./input-device.js";
import { newestButton, unreadButton } from "./log-buttons.js";
import { drawRow, LogRows } from "./log-rows.js";
import { LogScroll } from "./log-scroll.js";
import type { LogWindow } from "./log-window.js";
import { LongPress } from "./long-press.js";
import { LATE_MS } from "./message.js";
import type { MessageContext } from "./message-context.js";
import { inNextFrame } from "./next-frame.js";
import { define, Part } from "./part.js";
import { ReadReporter } from "./read-reporter.js";

/** The messages: grows at its end, and at its start when the user scrolls there. */
class Log extends Part {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    target: { attribute: false },
    excerpt: { state: true },
    active: { state: true },
    menu: { state: true },
    touch: { state: true },
    unfolded: { state: true },
    scrolledUp: { state: true },
    waiting: { state: true },
  };
  declare conversation: Conversation;
  declare target: string | undefined;
  declare excerpt: Excerpt;
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
  /** The conversation as it was drawn last. */
  #shown: Conversation | undefined;
  // The read mark when the conversation was opened.
  #read = 0;
  readonly rows = new LogRows();
  readonly #reader = new ReadReporter(
    () => (this.scrolledUp || this.#scroll.isLeading ? undefined : this.conversation),
    (thread, seq) => this.widget.chat.read(thread, seq),
  );
  readonly #press = new LongPress();
  readonly #scroll = new LogScroll(this);
  readonly #look = inNextFrame(() => this.#onLayout(false));
  #window: LogWindow | undefined;
  #lateTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.touch = false;
    this.excerpt = ALL;
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

  protected override firstUpdated(): void {
    this.#reader.observe(this.#scroll.log);
  }

  protected override update(changed: Map<PropertyKey, unknown>): void {
    const before = changed.has("conversation") ? this.#shown : undefined;
    const restore = this.#window?.hold(before, changed.has("excerpt"));
    super.update(changed);
    restore?.();
  }

  protected override willUpdate(): void {
    if (this.#shown?.thread.id === this.conversation.thread.id) return;
    // The line above new messages stays where it was when the conversation was opened.
    this.waiting = unread(this.conversation);
    this.#read = this.waiting > 0 ? this.conversation.read : Number.POSITIVE_INFINITY;
    this.#reader.reset();
    this.rows.reset();
    this.excerpt = newest(this.conversation.entries);
    this.unfolded = new Set();
    [this.active, this.menu, this.scrolledUp] = [undefined, undefined, false];
  }

  protected override render() {
    const { widget, conversation, inbox } = this;
    const { strings } = widget;
    const { entries, older } = conversation.apart ?? conversation;
    const rows = this.rows.layOut(entries, this.excerpt, inbox.me?.id, this.#read);
    const early = older === undefined;
    const isBeginning = older === false && this.rows.drawn?.from === 0;
    const context = this.#context();
    return html`
      <div class="log" part="log" role="log" aria-live="off" tabindex="0" aria-label=${strings.messages} aria-busy=${early}
        @scroll=${() => this.#onLayout(true)} @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
        <div class="rows" @pointerdown=${(event: PointerEvent) => this.#onPress(event)}
          @pointermove=${(event: PointerEvent) => this.#press.move(event)} @pointerup=${() => this.#press.end()} @pointercancel=${() => this.#press.end()}
          @contextmenu=${(event: Event) => this.touch && !isControl(event) && event.preventDefault()}
          @pointerleave=${({ pointerType }: PointerEvent) => pointerType === "mouse" && context.activate(undefined)}>
          ${early && entries.length > 0 ? nothing : html`<p class="quiet edge">${isBeginning ? strings.beginning : strings.older}</p>`}
          ${repeat(
            // Of a message that is there before its history, neither the day nor the group is known.
            early ? rows.filter(({ kind }) => kind === "entry") : rows,
            ({ key }) => key,
            (it) => drawRow(it, context),
          )}
        </div>
      </div>
      <div class="unseen news" aria-live="polite"></div>
      ${this.waiting > 0 ? unreadButton(widget, this.waiting, () => this.#toUnread()) : nothing}
      ${this.scrolledUp ? newestButton(widget, conversation, () => this.#toNewest()) : nothing}
    `;
  }

  async #toNewest(): Promise<void> {
    await this.#scroll.toEnd();
    this.#scroll.log?.focus({ preventScroll: true });
  }

  #toUnread(): void {
    this.waiting = 0;
    void this.#lead((lead) => lead.toUnread(this.#read));
  }

  #onKey(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    this.touch = false;
    if (this.#window?.onKey(event)) this.menu = undefined;
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
      goTo: (id) => void this.#lead((lead) => lead.goTo(id)),
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

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // So that they are there without a connection, too. What failed is tried again where actions are to be shown.
    if (changed.has("widget") || changed.has("active")) import("./tools.js").catch(() => {});
    if (this.#window === undefined) this.#loadWindow().catch(() => {});
    const { target } = this;
    if (changed.has("target") && target !== undefined) void this.#lead((lead) => lead.goTo(target));
    if (changed.has("excerpt")) this.#look();
    if (!changed.has("conversation")) return;
    const own = this.conversation.entries.at(-1);
    const before = this.#shown;
    this.#shown = this.conversation;
    if (before?.thread.id !== this.conversation.thread.id) this.#scroll.log?.scrollTo({ top: 0 });
    // The user's own new message is scrolled into view; messages of others do not move the scroll position.
    else if (own?.pending && own.id !== before.entries.at(-1)?.id) void this.#scroll.toEnd();
    clearTimeout(this.#lateTimer);
    if (own?.pending) this.#lateTimer = setTimeout(() => this.requestUpdate(), LATE_MS);
    this.#look();
  }

  async #loadWindow(): Promise<LogWindow> {
    const { LogWindow } = await import("./log-window.js");
    if (this.#window === undefined) this.#look();
    this.#window ??= new LogWindow(this, this.#scroll);
    return this.#window;
  }

  async #lead(to: (lead: LogWindow["lead"]) => Promise<void>): Promise<void> {
    // At once: what is shown until then would be reported as read.
    this.#scroll.isLeading = true;
    const loaded = await this.widget.attempt(this.#loadWindow());
    if (loaded !== undefined) await to(loaded.lead);
    this.#scroll.isLeading = false;
  }

  /** Looks at what is in view, once that is laid out or was scrolled. */
  #onLayout(scrolled: boolean): void {
    if (this.#scroll.log === null) return;
    this.scrolledUp = this.#scroll.isUp;
    if (this.waiting > 0 && this.#window?.lead.hasPassed(this.#read)) this.waiting = 0;
    this.#window?.follow(scrolled);
    this.#scroll.load();
    this.#reader.report();
  }
}

define("nereid-log", Log);
