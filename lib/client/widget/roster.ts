import { html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Conversation, others, unread } from "../view/conversation.js";
import type { Entry } from "../view/entry.js";
import { sorted } from "../view/inbox.js";
import { contains } from "../view/search.js";
import { availabilityOf, availabilityText, avatar } from "./avatar.js";
import { when } from "./date.js";
import * as icons from "./icons.js";
import { conversationTitle, personName, typingNames } from "./names.js";
import "./owner.js";
import { define, Part } from "./part.js";
import { plainText } from "./richtext.js";
import { moveFocus } from "./roving.js";

// Messages shown for a search. More results call for a longer query.
const FOUND_MAX = 30;
// A preview is one line, and part of the accessible name of its button.
const PREVIEW_MAX = 120;
// Older conversations are loaded when the user scrolls so close to the end.
const END_PX = 400;

/** The conversations, latest first, with presence and unread counts; and the search in the loaded messages. */
class Roster extends Part {
  static override properties: PropertyDeclarations = {
    selected: { attribute: false },
    query: { state: true },
    loading: { state: true },
    focused: { state: true },
  };
  declare selected: string | undefined;
  declare query: string;
  /** Whether all conversations are being loaded, for a search. */
  declare loading: boolean;
  /** The item that last had the focus. */
  declare focused: string | undefined;

  constructor() {
    super();
    this.query = "";
    this.loading = false;
  }

  protected override updated(): void {
    this.#onScroll();
  }

  protected override render() {
    const { strings } = this.widget;
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
      <nav class="threads" aria-label=${strings.conversations} @scroll=${() => this.#onScroll()}
        @keydown=${(event: KeyboardEvent) => moveFocus(event, this.querySelectorAll(".thread"))} @focusin=${(event: Event) => this.#onFocus(event)}>
        ${this.query === "" ? this.#all() : this.#found(this.query)}
      </nav>
    `;
  }

  #all() {
    const { strings, mirror } = this.widget;
    const all = sorted(this.inbox);
    if (all.length === 0 && mirror.ready && !this.inbox.more)
      return html`<p class="none quiet">${strings.noConversations}</p>`;
    const tab = this.#tabStop(all.map(({ thread }) => thread.id));
    return html`<ul>${repeat(
      all,
      ({ thread }) => thread.id,
      (it) => html`<li>${this.#item(it, tab)}</li>`,
    )}</ul>
    ${this.inbox.more ? html`<p class="none quiet">${strings.olderConversations}</p>` : nothing}`;
  }

  #found(query: string) {
    const { strings } = this.widget;
    const all = sorted(this.inbox);
    const threads = all.filter((it) => contains(conversationTitle(this.inbox, it, strings), query));
    const messages = all
      .flatMap((it) => it.entries.filter((entry) => contains(plainText(entry), query)).map((entry) => ({ it, entry })))
      .sort((a, b) => (a.entry.timestamp < b.entry.timestamp ? 1 : -1))
      .slice(0, FOUND_MAX);
    if (threads.length + messages.length === 0)
      return html`<p class="none quiet" role="status">${this.loading ? strings.searching : strings.nothingFound}</p>`;
    const tab = this.#tabStop([...threads.map(({ thread }) => thread.id), ...messages.map(({ entry }) => entry.id)]);
    return html`
      <ul>${threads.map((it) => html`<li>${this.#item(it, tab)}</li>`)}</ul>
      ${messages.length === 0 ? nothing : html`<h3 class="quiet">${strings.messagesFound}</h3>`}
      <ul>${messages.map(({ it, entry }) => html`<li>${this.#item(it, tab, entry)}</li>`)}</ul>
    `;
  }

  /** Returns the item that Tab reaches: one for all of the list, in which the arrow keys move. */
  #tabStop(items: readonly string[]): string | undefined {
    return [this.focused, this.selected].find((it) => it !== undefined && items.includes(it)) ?? items[0];
  }

  #item(it: Conversation, tab: string | undefined, found?: Entry) {
    const { strings, language } = this.widget;
    const { thread } = it;
    const title = conversationTitle(this.inbox, it, strings);
    const count = found === undefined ? unread(it) : 0;
    const other = thread.kind === "direct" ? others(it, this.inbox.me?.id)[0] : undefined;
    const availability = other && availabilityOf(this.inbox.presence.get(other.entity));
    const subject = {
      id: other?.entity ?? thread.id,
      name: title,
      actor: other && this.inbox.actors.get(other.entity),
      room: other === undefined,
    };
    const current = found === undefined && this.selected === thread.id;
    const key = found?.id ?? thread.id;
    return html`<button class="thread" part="thread" aria-current=${current ? "true" : nothing} data-thread=${thread.id} data-key=${key}
      tabindex=${key === tab ? 0 : -1}
      @click=${() => this.widget.show(thread.id, found?.id)}>
      ${avatar(subject, availability)}
      <span class="about">
        <span class="line">
          <b class="cut" dir="auto">${title}</b>
          ${availability === undefined || availability === "unavailable" ? nothing : html`<span class="unseen">${availabilityText(availability, strings)}</span>`}
          ${thread.muted ? html`<span class="mute">${icons.bellOff}</span>` : nothing}
          <time class="quiet">${when(found?.timestamp ?? thread.updated, language)}</time>
        </span>
        <span class="line">
          <span class="cut quiet preview" dir="auto">${this.#preview(it, found)}</span>
          ${
            count === 0
              ? nothing
              : html`<span class=${thread.muted ? "badge muted" : "badge"} part="unread"
            ><span aria-hidden="true">${count > 99 ? "99+" : count}</span><span class="unseen">${strings.unread(count)}</span></span>`
          }
        </span>
      </span>
    </button>`;
  }

  #preview(it: Conversation, found?: Entry) {
    const { strings } = this.widget;
    const me = this.inbox.me?.id;
    const names = typingNames(this.inbox, it, strings);
    if (found === undefined && names.length > 0) return html`<em>${strings.typing(names)}</em>`;
    const entry = found ?? it.entries.at(-1) ?? it.thread.last;
    if (entry === undefined) return nothing;
    if (entry.retracted !== undefined) return html`<em>${strings.retracted}</em>`;
    if (entry.blocked) return html`<em>${strings.blockedMessage}</em>`;
    const text =
      plainText(entry).slice(0, PREVIEW_MAX) ||
      entry.attachments?.[0]?.name ||
      (entry.attachments?.length ? strings.attachment : "");
    const by = entry.sender?.id;
    if (by === undefined || (it.thread.kind === "direct" && by !== me)) return text;
    return html`<bdi>${by === me ? strings.you : personName(this.inbox, by, strings)}</bdi>: ${text}`;
  }

  #search({ target }: InputEvent): void {
    if (!(target instanceof HTMLInputElement)) return;
    this.query = target.value.trim();
    if (this.query !== "" && !this.loading) void this.#loadAll();
  }

  /** Loads all conversations, so that a search finds each. What fails is tried again at the next letter. */
  async #loadAll(): Promise<void> {
    this.loading = true;
    await this.widget.mirror.all().catch(() => {});
    this.loading = false;
  }

  /** Loads older conversations when the end of the list is near. What fails is tried again when the list is scrolled. */
  #onScroll(): void {
    const list = this.querySelector(".threads");
    // A list that is not displayed has no height.
    if (list === null || list.clientHeight === 0 || this.query !== "" || !this.inbox.more) return;
    if (list.scrollHeight - list.scrollTop - list.clientHeight < END_PX) this.widget.mirror.more().catch(() => {});
  }

  #onFocus({ target }: Event): void {
    if (target instanceof HTMLElement) this.focused = target.dataset.key;
  }
}

define("nereid-roster", Roster);
