import { html, nothing, type PropertyDeclarations } from "lit";
import { isPassing } from "../protocol/problem.js";
import * as icons from "./icons.js";
import type { Notifier } from "./notifier.js";
import { define, Part, type Widget } from "./part.js";
import { plainText } from "./richtext.js";
import { working } from "./working.js";

// The choices of presence, with the payload for each.
const APPEARANCES = {
  available: { available: true },
  away: { show: "away" },
  dnd: { show: "dnd" },
  invisible: { available: false },
} as const;

// By then, the network or the deployment may be back.
const RETRY_MS = 5_000;

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
  #notify: Notifier | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Another tab has stored something, maybe the user's presence. */
  readonly #onStorage = () => {
    if (this.#restored) this.#adopt();
  };

  constructor() {
    super();
    this.appearance = "available";
    this.notifying = false;
    this.silent = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("storage", this.#onStorage);
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
    removeEventListener("storage", this.#onStorage);
    clearTimeout(this.#timer);
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
      ${canNotify(this.widget.pushWorker) && !this.silent ? html`<button class="tool" aria-label=${bell} title=${bell} @click=${working(() => this.#toggle())}>${this.notifying ? icons.bell : icons.bellOff}</button>` : nothing}
      <button class="tool" part="new" aria-haspopup="dialog" aria-label=${strings.start} title=${strings.start}
        @click=${() => this.dispatchEvent(new CustomEvent("nereid-start", { bubbles: true }))}>${icons.plus}</button>
    `;
  }

  #listen(widget: Widget): () => void {
    return widget.chat.on("message", ({ message, pending, refused }) => {
      if (!this.#notify || pending || refused || this.#notify(widget, message, plainText(message))) return;
      [this.#notify, this.notifying, this.silent] = [undefined, false, true];
    });
  }

  /**
   * The presence that the user chose in an earlier page still holds at the deployment, until the token of that page ends. The bell stays on, too,
   * unless the browser would ask again.
   */
  #restore(): void {
    const { pushWorker, store } = this.widget;
    this.#restored = true;
    this.#adopt();
    if (permission() === "granted" && store().get(pushWorker ? "push" : "bell", true)) void this.#toggle();
  }

  #adopt(): void {
    const stored = this.widget.store().get("presence", true) ?? "available";
    if (!isAppearance(stored) || stored === this.appearance) return;
    this.appearance = stored;
    void this.widget.attempt(this.#say());
  }

  #appear(name: string): void {
    if (!isAppearance(name)) return;
    this.appearance = name;
    this.widget.store().set("presence", name);
    void this.widget.attempt(this.#say());
  }

  /** Tells the deployment the presence, however long that takes: until then, the user is not what they see here. */
  async #say(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.widget.chat.presence(APPEARANCES[this.appearance]);
    } catch (error) {
      const again = () => void this.#say().catch(() => {});
      if (isPassing(error) && this.isConnected) this.#timer = setTimeout(again, RETRY_MS);
      throw error;
    }
  }

  async #toggle(): Promise<void> {
    const { turn } = await import("./notifier.js");
    this.#notify = await this.widget.attempt(turn(this.widget, !this.notifying));
    this.notifying = this.#notify !== undefined;
  }
}

/**
 * Whether the browser can show notifications, and the user has not denied them. Chrome on Android shows only those of a service worker,
 * although it has the constructor.
 */
function canNotify(worker: string | undefined): boolean {
  return permission() !== "denied" && (!!worker || !/Android/i.test(navigator.userAgent));
}

function permission(): NotificationPermission {
  try {
    return Notification.permission;
  } catch {
    // The browser has none, or keeps them from this page.
    return "denied";
  }
}

function isAppearance(name: string): name is Appearance {
  return name in APPEARANCES;
}

define("nereid-owner", Owner);
