import { html, nothing, type PropertyDeclarations } from "lit";
import * as icons from "./icons.js";
import { canNotify, notify, requestPermission } from "./notifier.js";
import { define, Part, type Widget } from "./part.js";

// The choices of presence, with the payload for each.
const APPEARANCES = {
  available: { available: true },
  away: { show: "away" },
  dnd: { show: "dnd" },
  invisible: { available: false },
} as const;

type Appearance = keyof typeof APPEARANCES;

/** The user's own controls: presence, notifications, and the button for a new conversation. */
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
    if (!changed.has("widget")) return;
    this.#end();
    this.#end = this.#listen(this.widget);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end();
  }

  protected override render() {
    const { strings } = this.widget;
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

  #listen({ chat, mirror, show }: Widget): () => void {
    return chat.on("message", ({ message, pending, refused }) => {
      if (this.notifying && !pending && !refused) notify(mirror.inbox, message, show);
    });
  }

  #appear(name: string): void {
    if (!isAppearance(name)) return;
    this.appearance = name;
    this.widget.attempt(this.widget.chat.presence(APPEARANCES[name]));
  }

  async #toggle(): Promise<void> {
    this.notifying = !this.notifying && (await requestPermission());
  }
}

function isAppearance(name: string): name is Appearance {
  return name in APPEARANCES;
}

define("nereid-owner", Owner);
