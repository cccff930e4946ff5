import { html, nothing, type PropertyDeclarations } from "lit";
import { contains, fold } from "../view/search.js";
import { type Emoji, loadEmoji } from "./emoji-names.js";
import { format, replace } from "./format-keys.js";
import { neighbour } from "./grid-keys.js";
import * as icons from "./icons.js";
import { define, Part } from "./part.js";
import { adopt } from "./style/adopt.js";
import { emojiPicker } from "./style/emoji-picker.js";
import { WRITING } from "./writing-strings.js";

const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"];
const MARKS = { bold: "**", italic: "_", struck: "~~", code: "`" } as const;
// Two rows of them on a phone.
const RECENT_MAX = 16;

/** A panel above the input: formats for what is selected, and all emoji, with a search in the language of the widget and skin tones. */
class EmojiPicker extends Part {
  static override properties: PropertyDeclarations = {
    area: { attribute: false },
    groups: { state: true },
    query: { state: true },
    tone: { state: true },
    focused: { state: true },
  };
  declare area: () => HTMLTextAreaElement | null;
  /** All emoji by group, once they are loaded. */
  declare groups: readonly (readonly Emoji[])[];
  declare query: string;
  declare tone: string;
  /** The emoji that Tab reaches. */
  declare focused: string | undefined;

  constructor() {
    super();
    this.groups = [];
    this.query = this.tone = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, emojiPicker);
  }

  protected override firstUpdated(): void {
    this.tone = TONES.find((it) => it === this.widget.store().get("tone")) ?? "";
    this.querySelector("input")?.focus();
    void this.widget.attempt(this.#load());
  }

  protected override render() {
    const { close, insert, search, nothingFound } = this.widget.strings;
    const groups = this.#shown();
    const all = groups.flat();
    const first = all.find(({ emoji }) => emoji === this.focused) ?? all[0];
    return html`<div class="emoji-picker" part="emoji-picker" role="group" aria-label=${insert} @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
      <div class="formats" role="group" aria-label=${insert} @pointerdown=${(event: Event) => event.preventDefault()}>${this.#formats()}
        <button type="button" class="tool" aria-label=${close} title=${close} @click=${() => this.#close()}>${icons.close}</button>
      </div>
      <div class="formats">
        <input class="field" type="search" aria-label="${this.#texts.emoji}: ${search}" placeholder=${search} autocomplete="off"
          @input=${(event: Event) => this.#search(event)} />
        <select class="field tone" aria-label=${this.#texts.skinTone} title=${this.#texts.skinTone} @change=${(event: Event) => this.#onTone(event)}>
          ${TONES.map((it) => html`<option value=${it} ?selected=${it === this.tone}>✋${it}</option>`)}
        </select>
      </div>
      <p class="quiet none" role="status">${this.query !== "" && all.length === 0 ? nothingFound : nothing}</p>
      <div class="all">${groups.map((group) => html`<div class="emoji-group">${group.map((it) => this.#choice(it, it === first))}</div>`)}</div>
    </div>`;
  }

  #formats() {
    const { formats } = this.#texts;
    const one = (name: keyof typeof MARKS, letter: unknown) =>
      html`<button type="button" class="tool" aria-label=${formats[name]} title=${formats[name]} @click=${() => this.#format(MARKS[name])}>${letter}</button>`;
    return [
      one("bold", html`<b>B</b>`),
      one("italic", html`<i>I</i>`),
      one("struck", html`<s>S</s>`),
      one("code", html`<code>&lt;/&gt;</code>`),
    ];
  }

  #choice({ emoji, name }: Emoji, reached: boolean) {
    return html`<button type="button" class="tool emoji" aria-label=${name} title=${name} tabindex=${reached ? 0 : -1}
      @focus=${() => (this.focused = emoji)} @click=${() => this.#insert(emoji)}>${this.#toned(emoji)}</button>`;
  }

  /** Returns the groups, the emoji that were used last before them; or what the search finds. */
  #shown(): readonly (readonly Emoji[])[] {
    const all = this.groups.flat();
    if (this.query !== "") return [this.#found(all)];
    const recent = this.#recent().flatMap((it) => all.filter(({ emoji }) => emoji === it));
    return [
      recent,
      ...this.groups.map((group) => group.filter(({ emoji }) => !recent.some((it) => it.emoji === emoji))),
    ];
  }

  /** Returns what a search finds, first those whose name begins with it. */
  #found(all: readonly Emoji[]): readonly Emoji[] {
    const query = fold(this.query);
    const rank = ({ name }: Emoji) => (fold(name).startsWith(query) ? 0 : contains(name, this.query) ? 1 : 2);
    return all.filter(({ words }) => contains(words, this.query)).sort((a, b) => rank(a) - rank(b));
  }

  async #load(): Promise<void> {
    this.groups = await loadEmoji(this.widget.language);
  }

  /** A plus in the list says that an emoji has skin tones: the tone follows the person or the hand, in place of what asks for colours. */
  #toned(emoji: string): string {
    const bare = emoji.replace("+", "");
    return bare === emoji || this.tone === ""
      ? bare
      : bare.replace(/(\p{Emoji_Modifier_Base})\ufe0f?/u, `$1${this.tone}`);
  }

  #insert(emoji: string): void {
    const area = this.area();
    if (area === null) return;
    const recent = [emoji, ...this.#recent().filter((it) => it !== emoji)].slice(0, RECENT_MAX);
    this.widget.store().set("emoji", recent.join(" "));
    const text = this.#toned(emoji);
    const { selectionStart: start, selectionEnd: end } = area;
    replace(area, start, end, text, start + text.length, start + text.length);
    this.#close();
  }

  #recent(): string[] {
    return this.widget.store().get("emoji")?.split(" ") ?? [];
  }

  #format(mark: string): void {
    const area = this.area();
    if (area !== null) format(area, mark);
  }

  #search({ target }: Event): void {
    if (target instanceof HTMLInputElement) this.query = target.value.trim();
  }

  #onTone({ target }: Event): void {
    if (!(target instanceof HTMLSelectElement)) return;
    this.tone = target.value;
    this.widget.store().set("tone", this.tone);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    }
    if (event.target instanceof HTMLInputElement && event.key === "Enter") event.preventDefault();
    this.#move(event);
  }

  /** The arrow keys move in the emoji as they are laid out; down leads there from the search. */
  #move(event: KeyboardEvent): void {
    const all = [...this.querySelectorAll<HTMLElement>(".emoji")];
    const at = all.findIndex((it) => it.matches(":focus"));
    const fromSearch = at < 0 && event.key === "ArrowDown" && event.target instanceof HTMLInputElement;
    const to = fromSearch ? all[0] : at < 0 ? undefined : neighbour(all, at, event.key);
    if (to === undefined) return;
    event.preventDefault();
    to.focus();
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent("nereid-close"));
  }

  get #texts() {
    return this.widget.strings.writing ?? WRITING;
  }
}

define("nereid-emoji-picker", EmojiPicker);
