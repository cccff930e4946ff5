import { html, nothing, type PropertyDeclarations } from "lit";
import type { Conversation } from "../view/conversation.js";
import { type Entry, toEntry } from "../view/entry.js";
import { highlight } from "../view/highlight.js";
import { addThreads, sorted } from "../view/inbox.js";
import { contains } from "../view/search.js";
import { conversationTitle, personName } from "./names.js";
import { define, Part } from "./part.js";
import { plainText } from "./richtext.js";
import { adopt } from "./style/adopt.js";
import { found } from "./style/found.js";
import { tabStop, threadItem } from "./thread-item.js";
import { working } from "./working.js";

// A search is a heavy request: it begins when somebody has stopped typing for so long.
const DELAY_MS = 300;
// A preview is two lines, and part of the accessible name of its button.
const PREVIEW_MAX = 160;
// More messages of those that are loaded are not listed: nobody reads so many, and a longer query finds fewer.
const LOADED_MAX = 200;
// A part of a search may find nothing, and say where to go on. So many are asked for at once before the user is asked.
const PARTS_MAX = 3;

type Found = { thread: string; entry: Entry };

/** What a search finds: conversations by their title, and messages in all conversations, first those that are loaded. */
class FoundPart extends Part {
  static override properties: PropertyDeclarations = {
    query: { attribute: false },
    focused: { attribute: false },
    results: { state: true },
    cursor: { state: true },
    searching: { state: true },
    failed: { state: true },
  };
  declare query: string;
  /** The item that last had the focus. */
  declare focused: string | undefined;
  declare results: readonly Found[];
  /** Where the search goes on. */
  declare cursor: string | undefined;
  declare searching: boolean;
  /** Whether the deployment could not be searched. */
  declare failed: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts the searches: what an earlier one finds is not shown any more. */
  #turn = 0;

  constructor() {
    super();
    this.results = [];
    this.searching = this.failed = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, found);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#turn += 1;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("query")) this.#begin();
  }

  protected override render() {
    const { strings } = this.widget;
    const all = sorted(this.inbox);
    const threads = all.filter((it) => contains(conversationTitle(this.inbox, it, strings), this.query));
    const messages = this.#messages(all);
    const keys = [...threads.map(({ thread }) => thread.id), ...messages.map(({ entry }) => entry.id)];
    const context = { widget: this.widget, inbox: this.inbox, tab: tabStop(keys, this.focused) };
    return html`
      <ul>${threads.map((it) => html`<li>${threadItem(context, it)}</li>`)}</ul>
      ${messages.length === 0 ? nothing : html`<h3 class="quiet">${strings.messagesFound}</h3>`}
      <ul>${messages.map(({ it, entry }) => html`<li>${threadItem(context, it, this.#item(entry))}</li>`)}</ul>
      ${this.#end(keys.length)}
    `;
  }

  /** Says how the search goes, and offers to go on. */
  #end(count: number) {
    const { strings } = this.widget;
    const says = this.searching ? strings.searching : this.failed ? strings.notSearched : "";
    const none = count === 0 && says === "" && this.cursor === undefined ? strings.nothingFound : says;
    const more = this.cursor !== undefined && !this.searching;
    return html`<p class="none quiet" role="status">${none}</p>
      ${more ? html`<button class="button further" @click=${working(() => this.#search(this.#turn))}>${strings.moreFound}</button>` : nothing}`;
  }

  /** Returns the messages that are loaded and fit, the newest first, and then those that the deployment found. */
  #messages(all: readonly Conversation[]): { it: Conversation; entry: Entry }[] {
    const loaded = all
      .flatMap((it) => it.entries.map((entry) => ({ it, entry })))
      .filter(({ entry }) => this.#hasAll(plainText(entry)))
      .sort((a, b) => (a.entry.timestamp < b.entry.timestamp ? 1 : -1))
      .slice(0, LOADED_MAX);
    const known = new Set(loaded.map(({ entry }) => entry.id));
    const others = this.results.flatMap(({ thread, entry }) => {
      const it = this.inbox.conversations.get(thread);
      return it === undefined || known.has(entry.id) ? [] : [{ it, entry }];
    });
    return [...loaded, ...others];
  }

  #hasAll(text: string): boolean {
    return this.query.split(/\s+/u).every((word) => contains(text, word));
  }

  #item(entry: Entry) {
    const { strings } = this.widget;
    const text = plainText(entry) || (entry.attachments?.map(({ name }) => name).join(" ") ?? "");
    const pieces = highlight(text, this.query, true);
    const by = entry.sender?.id;
    const name = by === undefined ? "" : by === this.inbox.me?.id ? strings.you : personName(this.inbox, by, strings);
    let room = PREVIEW_MAX;
    const shown = pieces.map((piece) => {
      const part = piece.text.slice(0, Math.max(0, room));
      room -= part.length;
      return piece.hit && part !== "" ? html`<mark>${part}</mark>` : part;
    });
    return { id: entry.id, timestamp: entry.timestamp, preview: html`<bdi>${name}</bdi>: ${shown}` };
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    [this.results, this.cursor, this.searching, this.failed] = [[], undefined, true, false];
    const turn = this.#turn;
    // By their titles, conversations that are not loaded are to be found, too.
    void this.widget.mirror.all().catch(() => {});
    this.#timer = setTimeout(() => void this.#search(turn), DELAY_MS);
  }

  async #search(turn: number): Promise<void> {
    this.searching = true;
    const before = this.results.length;
    try {
      for (let part = 0; part < PARTS_MAX && this.results.length === before; part++) {
        const page = await this.widget.chat.search(this.query, { cursor: this.cursor });
        if (turn !== this.#turn) return;
        const fresh = page.results.map(({ thread, message }) => ({ thread, entry: toEntry(message) }));
        await this.#load(fresh);
        [this.results, this.cursor] = [[...this.results, ...fresh], page.cursor];
        if (page.cursor === undefined) break;
      }
      this.failed = false;
    } catch {
      if (turn === this.#turn) this.failed = true;
    }
    if (turn === this.#turn) this.searching = false;
  }

  /** Loads the conversations of results that are not loaded, such as hidden ones. */
  async #load(results: readonly Found[]): Promise<void> {
    const { chat, mirror } = this.widget;
    const unknown = new Set(results.map(({ thread }) => thread).filter((it) => !this.inbox.conversations.has(it)));
    const threads = await Promise.all([...unknown].map((it) => chat.thread(it)));
    mirror.edit((inbox) => addThreads(inbox, threads));
  }
}

define("nereid-found", FoundPart);
