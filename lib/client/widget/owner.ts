import { html, nothing, type PropertyDeclarations } from "lit";
import * as icons from "./icons.js";
import { canNotify, notify, requestPermission } from "./notifier.js";
import { define, Part, type Widget } from "./part.js";
import { working } from "./working.js";

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
  static override properties: PropertyDeclarations = {
    appearance: { state: true },
    notifying: { state: true },
    silent: { state: true },
  };
  declare appearance: Appearance;
  declare notifying: boolean;
  /** Whether the browser turned out to be unable to notify. */
  declare silent: boolean;
  #end: () => void = () => {};
  #restored = false;

  constructor() {
    super();
    this.appearance = "available";
    this.notifying = false;
    this.silent = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#end = this.#listen(this.widget);
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!this.#restored && this.inbox.me !== undefined) this.#restore();
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
    // Nobody sees the user while they have no connection.
    const online = this.inbox.state === "online";
    return html`
      <select class="seen ${online ? this.appearance : "invisible"}" part="presence-select" aria-label=${strings.presence} title=${strings.presence}
        @change=${({ target }: Event) => target instanceof HTMLSelectElement && this.#appear(target.value)}>
        ${names.map((one) => html`<option value=${one} ?selected=${one === this.appearance}>${strings[one]}</option>`)}
      </select>
      ${canNotify() && !this.silent ? html`<button class="tool" aria-label=${bell} title=${bell} @click=${working(() => this.#toggle())}>${this.notifying ? icons.bell : icons.bellOff}</button>` : nothing}
      <button class="tool" part="new" aria-haspopup="dialog" aria-label=${strings.start} title=${strings.start}
        @click=${() => this.dispatchEvent(new CustomEvent("nereid-start", { bubbles: true }))}>${icons.plus}</button>
    `;
  }

  #listen({ chat, mirror, strings, show }: Widget): () => void {
    return chat.on("message", ({ message, pending, refused }) => {
      if (!this.notifying || pending || refused || notify(mirror.inbox, message, strings, show)) return;
      [this.notifying, this.silent] = [false, true];
    });
  }

  /** The presence that the user chose in an earlier page still holds at the deployment, until the token of that page ends. */
  #restore(): void {
    this.#restored = true;
    const stored = this.widget.store().get("presence") ?? "available";
    if (stored !== "available") this.#appear(stored);
  }

  #appear(name: string): void {
    if (!isAppearance(name)) return;
    this.appearance = name;
    this.widget.store().set("presence", name);
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
