import { html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Conversation, type Entry, others, unread } from "../view/conversation.js";
import { sorted } from "../view/inbox.js";
import { availabilityOf, availabilityText, avatar } from "./avatar.js";
import { when } from "./date.js";
import * as icons from "./icons.js";
import { isComposing } from "./input-device.js";
import { conversationTitle, personName } from "./names.js";
import "./owner.js";
import { define, Part } from "./part.js";
import { plainText } from "./richtext.js";

// Messages shown for a search. More results call for a longer query.
const FOUND_MAX = 30;
// A preview is one line, and part of the accessible name of its button.
const PREVIEW_MAX = 120;

/** The conversations, latest first, with presence and unread counts; and the search in the loaded messages. */
class Roster extends Part {
  static override properties: PropertyDeclarations = {
    selected: { attribute: false },
    query: { state: true },
  };
  declare selected: string | undefined;
  declare query: string;

  /** The item that Tab reaches. */
  #first: string | undefined;

  constructor() {
    super();
    this.query = "";
  }

  protected override render() {
    const { strings } = this.widget;
    const { selected, inbox } = this;
    this.#first = this.query === "" && selected && inbox.conversations.has(selected) ? selected : undefined;
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
      <nav class="threads" aria-label=${strings.conversations} @keydown=${(event: KeyboardEvent) => this.#move(event)}>
        ${this.query === "" ? this.#all() : this.#found(this.query.toLocaleLowerCase())}
      </nav>
    `;
  }

  #all() {
    const all = sorted(this.inbox);
    if (all.length === 0 && this.widget.mirror.ready)
      return html`<p class="none quiet">${this.widget.strings.noConversations}</p>`;
    return html`<ul>${repeat(
      all,
      ({ thread }) => thread.id,
      (it) => html`<li>${this.#item(it)}</li>`,
    )}</ul>`;
  }

  #found(words: string) {
    const { strings } = this.widget;
    const has = (text: string | undefined) => text?.toLocaleLowerCase().includes(words);
    const all = sorted(this.inbox);
    const threads = all.filter((it) => has(conversationTitle(this.inbox, it, strings)));
    const messages = all
      .flatMap((it) => it.entries.filter((entry) => has(plainText(entry))).map((entry) => ({ it, entry })))
      .sort((a, b) => (a.entry.timestamp < b.entry.timestamp ? 1 : -1))
      .slice(0, FOUND_MAX);
    if (threads.length + messages.length === 0) return html`<p class="none quiet">${strings.nothingFound}</p>`;
    return html`
      <ul>${threads.map((it) => html`<li>${this.#item(it)}</li>`)}</ul>
      ${messages.length === 0 ? nothing : html`<h3 class="quiet">${strings.messagesFound}</h3>`}
      <ul>${messages.map(({ it, entry }) => html`<li>${this.#item(it, entry)}</li>`)}</ul>
    `;
  }

  #item(it: Conversation, found?: Entry) {
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
    // One Tab reaches the list; the arrow keys move in it.
    const first = this.#first === undefined || this.#first === (found?.id ?? thread.id);
    this.#first ??= found?.id ?? thread.id;
    return html`<button class="thread" part="thread" aria-current=${current ? "true" : nothing} data-thread=${thread.id}
      tabindex=${first ? 0 : -1}
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
    const names = [...it.typing.keys()]
      .filter((entity) => entity !== me)
      .map((entity) => personName(this.inbox, entity, strings));
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
    if (target instanceof HTMLInputElement) this.query = target.value.trim();
  }

  #move(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[
      event.key
    ];
    if (step === undefined || isComposing(event)) return;
    const all = [...this.querySelectorAll<HTMLElement>(".thread")];
    const at = all.findIndex((it) => it.matches(":focus"));
    event.preventDefault();
    all[Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
  }
}

define("nereid-roster", Roster);
