import { html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { uuid } from "../environment/uuid.js";
import { contains } from "../view/search.js";
import { availabilityOf, availabilityText, avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";
import { personName } from "./names.js";
import { define } from "./part.js";
import { moveFocus } from "./roving.js";
import { working } from "./working.js";

/** The dialog for a new conversation: choose members, or enter an invite code. */
class Starter extends Dialog {
  static override properties: PropertyDeclarations = {
    chosen: { state: true },
    named: { state: true },
    query: { state: true },
    focused: { state: true },
  };
  declare chosen: ReadonlySet<string>;
  declare named: boolean;
  declare query: string;
  /** The person whose checkbox last had the focus. */
  declare focused: string | undefined;
  /** The room that was asked for last: a repeated request finds it, and one for another room makes another. */
  #asked = { room: "", id: "" };

  constructor() {
    super();
    this.chosen = new Set();
    this.named = false;
    this.query = "";
  }

  protected override get heading(): string {
    return this.widget.strings.start;
  }

  protected override content() {
    const { strings } = this.widget;
    const anybody = this.#people().length > 0;
    return html`
      <form @submit=${working((event: SubmitEvent) => this.#begin(event))}>
        <div class="choice" role="group" aria-labelledby="starter-people">
          <h3 id="starter-people">${strings.people}</h3>
          ${anybody ? this.#choice() : html`<p class="quiet">${strings.nobody}</p>`}
        </div>
        <label><span>${strings.roomName}</span>
          <input class="field" name="subject" ?autofocus=${!anybody} maxlength="120" autocomplete="off" placeholder=${anybody ? strings.optional : ""}
            @input=${({ target }: Event) => (this.named = target instanceof HTMLInputElement && target.value.trim() !== "")} /></label>
        <button class="button first" ?disabled=${this.chosen.size === 0 && !this.named}>${strings.begin}</button>
      </form>
      <form class="pair" @submit=${working((event: SubmitEvent) => this.#join(event))}>
        <input class="field" name="code" aria-label=${strings.code} placeholder=${strings.code} autocomplete="off" required />
        <button class="button">${strings.join}</button>
      </form>
    `;
  }

  /** The search, and below it the people who were chosen or found. */
  #choice() {
    const { strings } = this.widget;
    const found = this.#found();
    const tab = found.find((it) => it === this.focused) ?? found[0];
    return html`
      <input class="field" type="search" autofocus aria-label=${strings.searchPeople} placeholder=${strings.searchPeople} autocomplete="off"
        @input=${(event: InputEvent) => this.#search(event)} @keydown=${(event: KeyboardEvent) => event.key === "Enter" && event.preventDefault()} />
      <div class="crowd" @keydown=${(event: KeyboardEvent) => moveFocus(event, this.querySelectorAll(".pick input"))}>
        ${found.length === 0 ? html`<p class="quiet" role="status">${strings.nobodyFound}</p>` : nothing}
        ${repeat(
          found,
          (entity) => entity,
          (entity) => this.#person(entity, entity === tab),
        )}
      </div>
    `;
  }

  /** Returns the people to choose from: all whom the user can know of. */
  #people(): string[] {
    const { presence, conversations, me, blocked } = this.inbox;
    const members = [...conversations.values()].flatMap(({ thread }) => thread.members.map(({ entity }) => entity));
    const all = new Set([...presence.keys(), ...members]);
    return [...all].filter((entity) => entity !== me?.id && !blocked.has(entity));
  }

  /** Returns those who were chosen and those whom the search finds. Of people who never logged in, only an identifier is known: they are found by it. */
  #found(): string[] {
    const { query, chosen } = this;
    const isFound = (entity: string) =>
      contains(this.#nameOf(entity), query) || (query !== "" && contains(entity, query));
    const isNamed = (entity: string) => this.inbox.actors.get(entity)?.displayName !== undefined;
    const people = this.#people();
    // Some hosts give nobody a name.
    const whole = query !== "" || !people.some(isNamed);
    const all = people.filter((it) => chosen.has(it) || (isFound(it) && (whole || isNamed(it))));
    const { compare } = new Intl.Collator(this.widget.language);
    // A person who is found stays in place when they are chosen, and keeps the focus.
    const rank = (entity: string) => (!isFound(entity) ? 0 : isNamed(entity) ? 1 : 2);
    return all.sort((a, b) => rank(a) - rank(b) || compare(this.#nameOf(a), this.#nameOf(b)));
  }

  #search({ target }: InputEvent): void {
    if (!(target instanceof HTMLInputElement)) return;
    this.query = target.value.trim();
    // Members of conversations that are not loaded can be found, too.
    if (this.query !== "") this.widget.mirror.all().catch(() => {});
  }

  #person(entity: string, reached: boolean) {
    const availability = availabilityOf(this.inbox.presence.get(entity));
    const name = this.#nameOf(entity);
    return html`<label class="pick">
      <input type="checkbox" tabindex=${reached ? 0 : -1} .checked=${this.chosen.has(entity)}
        @change=${() => this.#toggle(entity)} @focus=${() => (this.focused = entity)} />
      ${avatar({ id: entity, name, actor: this.inbox.actors.get(entity) }, availability)}
      <span class="cut" dir="auto"><bdi>${name}</bdi></span><small class="quiet">${availabilityText(availability, this.widget.strings)}</small>
    </label>`;
  }

  #nameOf(entity: string): string {
    return personName(this.inbox, entity, this.widget.strings);
  }

  #toggle(entity: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(entity)) chosen.add(entity);
    this.chosen = chosen;
  }

  async #begin(event: SubmitEvent): Promise<void> {
    const subject = field(event, "subject");
    const members = [...this.chosen];
    const { chat } = this.widget;
    if (members.length === 1 && subject === "") return this.#open(chat.create({ kind: "direct", members }));
    const room = JSON.stringify([subject, ...members]);
    if (this.#asked.room !== room) this.#asked = { room, id: uuid() };
    const { id } = this.#asked;
    await this.#open(chat.create({ kind: "room", id, members, ...(subject === "" ? {} : { subject }) }));
  }

  async #join(event: SubmitEvent): Promise<void> {
    // A pasted link ends with the code.
    const code = field(event, "code").split(/[=/#]/).at(-1) ?? "";
    if (code !== "") await this.#open(this.widget.chat.join(code));
  }

  async #open(making: ReturnType<typeof this.widget.chat.create>): Promise<void> {
    const thread = await this.widget.attempt(making);
    if (thread === undefined) return;
    this.widget.mirror.enter(thread);
    this.done();
    this.widget.show(thread.id);
  }
}

function field({ target }: Event, name: string): string {
  const value = target instanceof HTMLFormElement ? new FormData(target).get(name) : "";
  return typeof value === "string" ? value.trim() : "";
}

define("nereid-starter", Starter);
