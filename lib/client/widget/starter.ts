import { html, type PropertyDeclarations } from "lit";
import { uuid } from "../environment/uuid.js";
import { availabilityOf, availabilityText, avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";
import { personName } from "./names.js";
import { define } from "./part.js";
import { working } from "./working.js";

/** The dialog for a new conversation: choose members, or enter an invite code. */
class Starter extends Dialog {
  static override properties: PropertyDeclarations = { chosen: { state: true }, named: { state: true } };
  declare chosen: ReadonlySet<string>;
  declare named: boolean;
  // A repeated request finds the room that the first one made.
  readonly #id = uuid();

  constructor() {
    super();
    this.chosen = new Set();
    this.named = false;
  }

  protected override get heading(): string {
    return this.widget.strings.start;
  }

  protected override content() {
    const { strings } = this.widget;
    const people = this.#people();
    return html`
      <form @submit=${working((event: SubmitEvent) => this.#begin(event))}>
        <label><span>${strings.roomName}</span>
          <input class="field" name="subject" autofocus maxlength="120" autocomplete="off" placeholder=${people.length > 0 ? strings.optional : ""}
            @input=${({ target }: Event) => (this.named = target instanceof HTMLInputElement && target.value.trim() !== "")} /></label>
        <div role="group" aria-labelledby="starter-people">
          <h3 id="starter-people">${strings.people}</h3>
          ${people.length === 0 ? html`<p class="quiet">${strings.nobody}</p>` : html`<div class="crowd">${people.map((it) => this.#person(it))}</div>`}
        </div>
        <button class="button first" ?disabled=${this.chosen.size === 0 && !this.named}>${strings.begin}</button>
      </form>
      <form class="pair" @submit=${working((event: SubmitEvent) => this.#join(event))}>
        <input class="field" name="code" aria-label=${strings.code} placeholder=${strings.code} autocomplete="off" required />
        <button class="button">${strings.join}</button>
      </form>
    `;
  }

  #people(): string[] {
    const { presence, conversations, me, blocked } = this.inbox;
    const members = [...conversations.values()].flatMap(({ thread }) => thread.members.map(({ entity }) => entity));
    const all = new Set([...presence.keys(), ...members]);
    return [...all]
      .filter((entity) => entity !== me?.id && !blocked.has(entity))
      .sort((a, b) => this.#nameOf(a).localeCompare(this.#nameOf(b)));
  }

  #person(entity: string) {
    const availability = availabilityOf(this.inbox.presence.get(entity));
    const name = this.#nameOf(entity);
    return html`<label class="pick">
      <input type="checkbox" .checked=${this.chosen.has(entity)} @change=${() => this.#toggle(entity)} />
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
    await this.#open(chat.create({ kind: "room", id: this.#id, members, ...(subject === "" ? {} : { subject }) }));
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
