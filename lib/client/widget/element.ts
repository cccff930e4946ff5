import { html, LitElement, nothing, type PropertyDeclarations } from "lit";
import type { Chat } from "../protocol/chat.js";
import { codeOf } from "../protocol/problem.js";
import { EMPTY, type Inbox } from "../view/inbox.js";
import { Mirror } from "../view/mirror.js";
import { define, type Widget } from "./part.js";
import { linkTo, open, takeInvite } from "./session.js";
import { ENGLISH, problemIn, type Strings } from "./strings.js";
import { sheet } from "./style/sheet.js";
import "./conversation.js";
import "./details.js";
import "./roster.js";
import "./starter.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢"];
const TOAST_MS = 5_000;

/** `<nereid-chat token="…">`: the whole chat of a user, in any page. */
export class NereidChat extends LitElement {
  static override properties: PropertyDeclarations = {
    token: {},
    tokenUrl: { attribute: "token-url" },
    url: {},
    thread: {},
    to: {},
    inviteUrl: { attribute: "invite-url" },
    chat: { attribute: false },
    strings: { attribute: false },
    emoji: { attribute: false },
    inbox: { state: true },
    dialog: { state: true },
    target: { state: true },
    toast: { state: true },
  };
  static override styles = sheet;

  /** A chat token. */
  declare token: string | undefined;
  /** An endpoint of the page's own back end that responds to a POST with a credential. */
  declare tokenUrl: string | undefined;
  /** The deployment; default: where the script was loaded from. */
  declare url: string | undefined;
  /** The thread that is shown. */
  declare thread: string | undefined;
  /** The only user to talk to: the widget is that one conversation. */
  declare to: string | undefined;
  /** The URL to which an invite's code is appended. Default: this page, whose widget then joins by the code. */
  declare inviteUrl: string | undefined;
  /** A chat that the page created itself with `connect`. */
  declare chat: Chat | undefined;
  /** Texts that replace the English ones. */
  declare strings: Partial<Strings>;
  declare emoji: readonly string[];
  declare inbox: Inbox;
  declare dialog: "start" | "details" | undefined;
  declare target: string | undefined;
  declare toast: string | undefined;
  #widget: Widget | undefined;
  #cleanups: (() => void)[] = [];
  #toastTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.strings = {};
    this.emoji = EMOJI;
    this.inbox = EMPTY;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (["chat", "token", "tokenUrl", "url"].some((name) => changed.has(name)) || !this.hasUpdated) this.#start();
    else if (changed.has("strings") || changed.has("emoji"))
      this.#widget = this.#widget && this.#createWidget(this.#widget);
    if (changed.has("thread") && this.thread !== undefined && this.#widget?.mirror.ready)
      this.show(this.thread, this.target);
  }

  /** Shows a thread, at a message if one is given; without a thread, the list of conversations. */
  show(thread: string | undefined, message?: string): void {
    const changed = this.thread !== thread;
    [this.thread, this.target] = [thread, message];
    if (thread !== undefined && this.#widget !== undefined) this.#load(thread, this.#widget.mirror);
    if (changed) this.dispatchEvent(new CustomEvent("nereid-open", { detail: { thread } }));
  }

  async #load(thread: string, mirror: Mirror): Promise<void> {
    await this.#attempt(mirror.open(thread));
    if (this.thread === thread && mirror.ready && !mirror.inbox.conversations.has(thread)) this.show(undefined);
  }

  protected override render() {
    const widget = this.#widget;
    if (widget === undefined) return nothing;
    const { strings } = widget;
    const offline = this.inbox.state === "offline" || this.inbox.state === "closed";
    const single = this.to !== undefined;
    return html`
      <div role="status">${offline ? html`<p class="notice" part="notice">${widget.mirror.ready ? strings.offline : strings.failed}</p>` : nothing}</div>
      <div class="panes ${this.thread === undefined && !single ? "" : "talking"} ${single ? "single" : ""}" part="panes">
        <nereid-roster .widget=${widget} .inbox=${this.inbox} .selected=${this.thread}
          @nereid-start=${() => (this.dialog = "start")}></nereid-roster>
        ${
          this.thread === undefined
            ? html`<div class="empty"><p>${widget.mirror.ready && !single ? strings.pick : strings.connecting}</p></div>`
            : html`<nereid-conversation .widget=${widget} .inbox=${this.inbox} .thread=${this.thread} .target=${this.target}
                @nereid-details=${() => (this.dialog = "details")}></nereid-conversation>`
        }
      </div>
      <div role="alert">${this.toast === undefined ? nothing : html`<p class="toast" part="toast">${this.toast}</p>`}</div>
      ${this.dialog === "start" ? html`<nereid-starter .widget=${widget} .inbox=${this.inbox} @nereid-close=${() => (this.dialog = undefined)}></nereid-starter>` : nothing}
      ${this.dialog === "details" && this.thread !== undefined ? html`<nereid-details .widget=${widget} .inbox=${this.inbox} .thread=${this.thread} @nereid-close=${() => (this.dialog = undefined)}></nereid-details>` : nothing}
    `;
  }

  #start(): void {
    this.#stop();
    const chat = this.chat ?? open(this);
    const mirror = new Mirror(chat);
    this.#widget = this.#createWidget({ chat, mirror });
    this.inbox = mirror.inbox;
    this.#cleanups = [mirror.subscribe(() => this.#onChange(mirror)), () => mirror.close()];
    if (this.chat === undefined) this.#cleanups.push(() => void chat.close());
    mirror.started.then(() => this.#openInitial(chat, mirror));
  }

  #stop(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    clearTimeout(this.#toastTimer);
  }

  #onChange({ inbox }: Mirror): void {
    const gone =
      this.thread !== undefined && this.inbox.conversations.has(this.thread) && !inbox.conversations.has(this.thread);
    this.inbox = inbox;
    if (gone) this.show(undefined);
    this.requestUpdate();
  }

  /** Opens what the page was loaded for: an invite, a user, or a thread. */
  async #openInitial(chat: Chat, mirror: Mirror): Promise<void> {
    const code = this.inviteUrl === undefined ? takeInvite() : undefined;
    const opening = code ? chat.join(code) : this.to ? chat.create({ kind: "direct", members: [this.to] }) : undefined;
    const thread = opening && (await this.#attempt(opening));
    if (thread !== undefined) mirror.enter(thread);
    const initial = thread?.id ?? this.thread;
    if (initial !== undefined) this.show(initial);
  }

  #createWidget({ chat, mirror }: Pick<Widget, "chat" | "mirror">): Widget {
    const { emoji } = this;
    const strings = { ...ENGLISH, ...this.strings };
    const language = this.closest("[lang]")?.getAttribute("lang") || navigator.language;
    const inviteLink = (code: string) => linkTo(code, this.inviteUrl);
    const show = (thread?: string, message?: string) => this.show(thread, message);
    return { chat, mirror, strings, language, emoji, inviteLink, show, attempt: (work) => this.#attempt(work) };
  }

  async #attempt<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      const code = codeOf(error) ?? "other";
      if (code === "closed") return undefined;
      this.toast = problemIn({ ...ENGLISH, ...this.strings }, code);
      clearTimeout(this.#toastTimer);
      this.#toastTimer = setTimeout(() => (this.toast = undefined), TOAST_MS);
      return undefined;
    }
  }
}

define("nereid-chat", NereidChat);

declare global {
  interface HTMLElementTagNameMap {
    "nereid-chat": NereidChat;
  }
}
