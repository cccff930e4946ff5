import { html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Conversation, unread } from "../view/conversation.js";
import { type Row, timeline } from "../view/timeline.js";
import { day } from "./date.js";
import * as icons from "./icons.js";
import { row } from "./message.js";
import { define, Part } from "./part.js";
import type { Scene } from "./scene.js";

/** So near to the top, older messages are loaded; so near to the end, one reads what comes. */
const TOP_PX = 800;
const END_PX = 60;
/** Receipts are writes: what is read in one glance is told as one. */
const GLANCE_MS = 400;

/** What was said: grows at its end, and at its beginning when one scrolls there. */
class Log extends Part {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    sought: { attribute: false },
    active: { state: true },
    choosing: { state: true },
    away: { state: true },
  };
  declare conversation: Conversation;
  declare sought: string | undefined;
  /** The message whose tools are shown, and what of them was opened. */
  declare active: string | undefined;
  declare choosing: Scene["choosing"];
  /** Whether the end is out of sight. */
  declare away: boolean;
  // How far one had read when the conversation was opened.
  #read = 0;
  #told = 0;
  #rows: { entries: Conversation["entries"]; rows: Row[] } | undefined;
  #glance: ReturnType<typeof setTimeout> | undefined;
  readonly #look = () => this.#tellRead();

  override connectedCallback(): void {
    super.connectedCallback();
    for (const type of ["visibilitychange", "focus"]) window.addEventListener(type, this.#look, true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const type of ["visibilitychange", "focus"]) window.removeEventListener(type, this.#look, true);
    clearTimeout(this.#glance);
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get("conversation");
    const id = isConversation(before) ? before.thread.id : undefined;
    if (!changed.has("conversation") || id === this.conversation.thread.id) return;
    // Only what waited is marked as new, not what comes while one looks.
    this.#read = unread(this.conversation) > 0 ? this.conversation.read : Number.POSITIVE_INFINITY;
    this.#told = 0;
    this.#rows = undefined;
    [this.active, this.choosing, this.away] = [undefined, undefined, false];
  }

  protected override render() {
    const { strings } = this.desk;
    const { conversation, inbox } = this;
    const rows = this.#laidOut(conversation.entries, inbox.me?.id);
    const scene = this.#scene();
    return html`
      <div class="log" part="log" role="log" tabindex="0" aria-label=${strings.messages} aria-busy=${conversation.older === undefined}
        @scroll=${() => this.#scrolled()} @keydown=${(event: KeyboardEvent) => this.#move(event)}>
        <div class="rows" @pointerleave=${() => scene.activate(undefined)}>
          <p class="quiet edge">${conversation.older === false ? strings.beginning : strings.older}</p>
          ${repeat(
            rows,
            ({ key }) => key,
            (it) => this.#row(it, scene),
          )}
        </div>
      </div>
      ${this.away ? html`<button class="newest" part="newest" aria-label=${strings.toNewest} title=${strings.toNewest} @click=${() => this.toEnd()}>${icons.down}</button>` : nothing}
    `;
  }

  /** Lays out the entries, unless they are those that it laid out before. */
  #laidOut(entries: Conversation["entries"], me: string | undefined): Row[] {
    if (this.#rows?.entries !== entries) this.#rows = { entries, rows: timeline(entries, me, this.#read) };
    return this.#rows.rows;
  }

  #scene(): Scene {
    const { desk, inbox, conversation, active, choosing, sought } = this;
    return {
      ...{ desk, inbox, conversation, active, choosing, sought },
      activate: (id) => {
        if (id !== this.active) [this.active, this.choosing] = [id, undefined];
      },
      choose: (what) => {
        this.choosing = this.choosing === what ? undefined : what;
      },
      goTo: (id) => this.goTo(id),
      rest: (id) => this.#find(id)?.focus({ preventScroll: true }),
      ask: (what, entry) => this.dispatchEvent(new CustomEvent(`nereid-${what}`, { detail: entry })),
    };
  }

  #row(it: Row, scene: Scene) {
    const { strings, language } = this.desk;
    if (it.kind === "day") return html`<p class="day quiet"><span>${day(it.date, language)}</span></p>`;
    if (it.kind === "unread") return html`<p class="since"><span>${strings.newMessages}</span></p>`;
    return row(it, scene);
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("sought") && this.sought !== undefined) this.goTo(this.sought);
    if (!changed.has("conversation")) return;
    const own = this.conversation.entries.at(-1);
    const before = changed.get("conversation");
    const known = isConversation(before) ? before.entries.at(-1)?.id : undefined;
    // What one says oneself is seen; what others say does not take one away from where one reads.
    if (own?.pending && own.id !== known) this.toEnd();
    this.#scrolled();
  }

  /** Goes to the end. The log is laid out from its end, so that is where it begins to count. */
  toEnd(): void {
    this.#log?.scrollTo({ top: 0 });
  }

  /** Goes to a message, if it is loaded. */
  goTo(id: string): void {
    const found = this.#find(id);
    found?.scrollIntoView({ block: "center" });
    found?.focus({ preventScroll: true });
  }

  #find(id: string): HTMLElement | null {
    return this.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  get #log(): HTMLElement | null {
    return this.querySelector(".log");
  }

  #scrolled(): void {
    const log = this.#log;
    if (log === null) return;
    this.away = -log.scrollTop > END_PX;
    const above = log.scrollHeight - log.clientHeight + log.scrollTop;
    if (above < TOP_PX && this.conversation.older)
      this.desk.attempt(this.desk.mirror.older(this.conversation.thread.id));
    this.#tellRead();
  }

  #tellRead(): void {
    const { read, thread } = this.conversation;
    const seen = !this.away && document.visibilityState === "visible" && document.hasFocus();
    if (!seen || thread.seq <= Math.max(read, this.#told)) return;
    clearTimeout(this.#glance);
    this.#glance = setTimeout(() => {
      this.#told = thread.seq;
      this.desk.chat.read(thread.id, thread.seq).catch(() => (this.#told = 0));
    }, GLANCE_MS);
  }

  #move(event: KeyboardEvent): void {
    const rows = [...this.querySelectorAll<HTMLElement>("[data-id]")];
    const at = rows.findIndex((it) => it.matches(":focus"));
    if (event.key === "Escape") this.#leave(event, rows[at]);
    const step = { ArrowUp: -1, ArrowDown: 1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[
      event.key
    ];
    if (step === undefined || (at < 0 && event.target !== this.#log)) return;
    event.preventDefault();
    const from = at < 0 ? rows.length : at;
    rows[Math.min(Math.max(from + step, 0), rows.length - 1)]?.focus();
  }

  /** Out of the tools to their message, from there to the log. */
  #leave(event: KeyboardEvent, focused: HTMLElement | undefined): void {
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    if (target === this.#log) return;
    event.stopPropagation();
    this.choosing = undefined;
    (focused === undefined ? target?.closest<HTMLElement>("[data-id]") : this.#log)?.focus();
  }
}

function isConversation(value: unknown): value is Conversation {
  return typeof value === "object" && value !== null && "entries" in value;
}

define("nereid-log", Log);
