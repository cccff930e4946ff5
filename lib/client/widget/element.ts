import { html, LitElement, nothing, type PropertyDeclarations } from "lit";
import type { Chat } from "../protocol/chat.js";
import { codeOf } from "../protocol/problem.js";
import { EMPTY, type Inbox } from "../view/inbox.js";
import { Mirror } from "../view/mirror.js";
import { type Desk, define } from "./part.js";
import { linkTo, open, takeInvite } from "./session.js";
import { ENGLISH, problemIn, type Strings } from "./strings.js";
import { sheet } from "./style/sheet.js";
import "./conversation.js";
import "./details.js";
import "./roster.js";
import "./starter.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢"];
const TOAST_MS = 5_000;

/** `<nereid-chat token="…">`: somebody's whole chat, in any page. */
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
    asked: { state: true },
    sought: { state: true },
    toast: { state: true },
  };
  static override styles = sheet;

  /** A chat token. */
  declare token: string | undefined;
  /** Where the page's own back end answers a POST with a credential. */
  declare tokenUrl: string | undefined;
  /** The deployment; else it is where the script came from. */
  declare url: string | undefined;
  /** The thread that is shown. */
  declare thread: string | undefined;
  /** Somebody to talk to, and nobody else: the widget is one conversation. */
  declare to: string | undefined;
  /** What an invite's code is appended to, to make a link; else this page, which joins by it. */
  declare inviteUrl: string | undefined;
  /** A chat that the page has connected itself. */
  declare chat: Chat | undefined;
  /** Texts that are to read otherwise than in English. */
  declare strings: Partial<Strings>;
  declare emoji: readonly string[];
  declare inbox: Inbox;
  declare asked: "start" | "details" | undefined;
  declare sought: string | undefined;
  declare toast: string | undefined;
  #desk: Desk | undefined;
  #ends: (() => void)[] = [];
  #fading: ReturnType<typeof setTimeout> | undefined;

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
    else if (changed.has("strings") || changed.has("emoji")) this.#desk = this.#desk && this.#equip(this.#desk);
    if (changed.has("thread") && this.thread !== undefined && this.#desk?.mirror.ready)
      this.show(this.thread, this.sought);
  }

  /** Shows a thread, at a message if one is named; without a thread, all of them. */
  show(thread: string | undefined, message?: string): void {
    const entering = this.thread !== thread;
    [this.thread, this.sought] = [thread, message];
    if (thread !== undefined && this.#desk !== undefined) this.#enter(thread, this.#desk.mirror);
    if (entering) this.dispatchEvent(new CustomEvent("nereid-open", { detail: { thread } }));
  }

  async #enter(thread: string, mirror: Mirror): Promise<void> {
    await this.#attempt(mirror.open(thread));
    if (this.thread === thread && mirror.ready && !mirror.inbox.conversations.has(thread)) this.show(undefined);
  }

  protected override render() {
    const desk = this.#desk;
    if (desk === undefined) return nothing;
    const { strings } = desk;
    const lost = this.inbox.state === "offline" || this.inbox.state === "closed";
    const single = this.to !== undefined;
    return html`
      <div role="status">${lost ? html`<p class="notice" part="notice">${desk.mirror.ready ? strings.offline : strings.failed}</p>` : nothing}</div>
      <div class="panes ${this.thread === undefined && !single ? "" : "talking"} ${single ? "single" : ""}" part="panes">
        <nereid-roster .desk=${desk} .inbox=${this.inbox} .selected=${this.thread}
          @nereid-start=${() => (this.asked = "start")}></nereid-roster>
        ${
          this.thread === undefined
            ? html`<div class="empty"><p>${desk.mirror.ready && !single ? strings.pick : strings.connecting}</p></div>`
            : html`<nereid-conversation .desk=${desk} .inbox=${this.inbox} .thread=${this.thread} .sought=${this.sought}
                @nereid-details=${() => (this.asked = "details")}></nereid-conversation>`
        }
      </div>
      <div role="alert">${this.toast === undefined ? nothing : html`<p class="toast" part="toast">${this.toast}</p>`}</div>
      ${this.asked === "start" ? html`<nereid-starter .desk=${desk} .inbox=${this.inbox} @nereid-close=${() => (this.asked = undefined)}></nereid-starter>` : nothing}
      ${this.asked === "details" && this.thread !== undefined ? html`<nereid-details .desk=${desk} .inbox=${this.inbox} .thread=${this.thread} @nereid-close=${() => (this.asked = undefined)}></nereid-details>` : nothing}
    `;
  }

  #start(): void {
    this.#stop();
    const chat = this.chat ?? open(this);
    const mirror = new Mirror(chat);
    this.#desk = this.#equip({ chat, mirror });
    this.inbox = mirror.inbox;
    this.#ends = [mirror.subscribe(() => this.#look(mirror)), () => mirror.close()];
    if (this.chat === undefined) this.#ends.push(() => void chat.close());
    mirror.started.then(() => this.#begin(chat, mirror));
  }

  #stop(): void {
    for (const end of this.#ends.splice(0)) end();
    clearTimeout(this.#fading);
  }

  #look({ inbox }: Mirror): void {
    const gone =
      this.thread !== undefined && this.inbox.conversations.has(this.thread) && !inbox.conversations.has(this.thread);
    this.inbox = inbox;
    if (gone) this.show(undefined);
    this.requestUpdate();
  }

  /** Shows what one came for: an invite, somebody, or a thread. */
  async #begin(chat: Chat, mirror: Mirror): Promise<void> {
    const code = this.inviteUrl === undefined ? takeInvite() : undefined;
    const made = code ? chat.join(code) : this.to ? chat.create({ kind: "direct", members: [this.to] }) : undefined;
    const thread = made && (await this.#attempt(made));
    if (thread !== undefined) mirror.enter(thread);
    const wanted = thread?.id ?? this.thread;
    if (wanted !== undefined) this.show(wanted);
  }

  #equip({ chat, mirror }: Pick<Desk, "chat" | "mirror">): Desk {
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
      clearTimeout(this.#fading);
      this.#fading = setTimeout(() => (this.toast = undefined), TOAST_MS);
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
