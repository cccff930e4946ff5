import { html, nothing, type PropertyDeclarations } from "lit";
import * as icons from "./icons.js";
import { allowed, canNotify, notify } from "./notifier.js";
import { type Desk, define, Part } from "./part.js";

// How one wants to be seen, and how that is said.
const APPEARANCES = {
  available: { available: true },
  away: { show: "away" },
  dnd: { show: "dnd" },
  invisible: { available: false },
} as const;

type Appearance = keyof typeof APPEARANCES;

/** What concerns oneself: how one is seen, whether one is notified, and the way to new conversations. */
class Owner extends Part {
  static override properties: PropertyDeclarations = { appearance: { state: true }, notifying: { state: true } };
  declare appearance: Appearance;
  declare notifying: boolean;
  #end: () => void = () => {};

  constructor() {
    super();
    this.appearance = "available";
    this.notifying = false;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("desk")) return;
    this.#end();
    this.#end = this.#listen(this.desk);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end();
  }

  protected override render() {
    const { strings } = this.desk;
    const bell = this.notifying ? strings.notifying : strings.notify;
    const names = Object.keys(APPEARANCES).filter(isAppearance);
    return html`
      <select class="seen ${this.appearance}" part="presence-select" aria-label=${strings.presence} title=${strings.presence}
        @change=${({ target }: Event) => target instanceof HTMLSelectElement && this.#appear(target.value)}>
        ${names.map((one) => html`<option value=${one} ?selected=${one === this.appearance}>${strings[one]}</option>`)}
      </select>
      ${canNotify() ? html`<button class="tool" aria-label=${bell} title=${bell} @click=${() => this.#toggle()}>${this.notifying ? icons.bell : icons.bellOff}</button>` : nothing}
      <button class="tool" part="new" aria-haspopup="dialog" aria-label=${strings.start} title=${strings.start}
        @click=${() => this.dispatchEvent(new CustomEvent("nereid-start", { bubbles: true }))}>${icons.plus}</button>
    `;
  }

  #listen({ chat, mirror, show }: Desk): () => void {
    return chat.on("message", ({ message, pending, refused }) => {
      if (this.notifying && !pending && !refused) notify(mirror.inbox, message, show);
    });
  }

  #appear(name: string): void {
    if (!isAppearance(name)) return;
    this.appearance = name;
    this.desk.attempt(this.desk.chat.presence(APPEARANCES[name]));
  }

  async #toggle(): Promise<void> {
    this.notifying = !this.notifying && (await allowed());
  }
}

function isAppearance(name: string): name is Appearance {
  return name in APPEARANCES;
}

define("nereid-owner", Owner);
