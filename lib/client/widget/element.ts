import "./trusted-types.js";
import { html, LitElement, nothing, type PropertyDeclarations } from "lit";
import { keyed } from "lit/directives/keyed.js";
import "./lit-loaded.js";
import { noStore, userStore } from "../environment/text-store.js";
import type { Chat, Credential } from "../protocol/chat.js";
import { codeOf, type Problem } from "../protocol/problem.js";
import { discard } from "../view/conversation.js";
import { addActors, EMPTY, type Inbox, update } from "../view/inbox.js";
import { Mirror } from "../view/mirror.js";
import { Dialogs } from "./dialogs.js";
import { Drafts } from "./drafts.js";
import { followFocus, isNarrow } from "./focus.js";
import { GuestEntry } from "./guest-entry.js";
import { isComposing, isTouchScreen } from "./input-device.js";
import { InviteLinks, linkTo } from "./invite-link.js";
import { explain, isLoggedOut, notice, problemOf } from "./notice.js";
import { hintAtElement } from "./old-page.js";
import { PageSide } from "./page-side.js";
import { define, type Widget } from "./part.js";
import { directThread, Prospect } from "./prospect.js";
import { baseOf, open } from "./session.js";
import { problemIn, type Strings } from "./strings.js";
import { sheet } from "./style/sheet.js";
import { Translation } from "./translation.js";
import "./conversation.js";
import "./roster.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢"];
const TOAST_MS = 5_000;
// An element that is moved in the page is back within a frame or two. After this time it has been removed.
const AWAY_MS = 1_000;
// An attribute without a value counts as absent.
const text = { converter: (value: string | null) => value || undefined };
// The properties that say who is connected to what.
const CONNECTING = ["chat", "token", "tokenUrl", "url", "basePath", "to"] as const;

/** `<nereid-chat token="…">`: the whole chat of a user, in any page. */
export class NereidChat extends LitElement {
  static override properties: PropertyDeclarations = {
    token: text,
    tokenUrl: { ...text, attribute: "token-url" },
    tokenHeaders: { type: Object, attribute: "token-headers" },
    url: text,
    basePath: { ...text, attribute: "base-path" },
    thread: text,
    to: text,
    inviteUrl: { ...text, attribute: "invite-url" },
    pushWorker: { ...text, attribute: "push-worker" },
    enter: text,
    guests: text,
    launcher: { type: Boolean, reflect: true },
    open: { type: Boolean, reflect: true },
    chat: { attribute: false },
    strings: { attribute: false },
    emoji: { attribute: false },
    inbox: { state: true },
    target: { state: true },
    toast: { state: true },
    problem: { state: true },
  };
  static override styles = sheet;

  /** A chat token. */
  declare token: string | undefined;
  /** An endpoint of the page's own back end that responds to a POST with a credential. */
  declare tokenUrl: string | undefined;
  /** Headers of the request to `tokenUrl`, such as a token against forged requests. */
  declare tokenHeaders: Readonly<Record<string, string>> | undefined;
  /** The deployment; default: where the script was loaded from. */
  declare url: string | undefined;
  /** The path where the deployment has the chat; default: `/nereid-chat`. */
  declare basePath: string | undefined;
  /** The thread that is shown. */
  declare thread: string | undefined;
  /** The only user to talk to: the widget is that one conversation. */
  declare to: string | undefined;
  /** The URL to which an invite's code is appended. Default: this page, whose widget then joins by the code. */
  declare inviteUrl: string | undefined;
  /** The path of the page's service worker for pushes, which reach the user when no page is open. */
  declare pushWorker: string | undefined;
  /** What Enter does in the input, `send` or `break`. Default: break the line on touch screens, send elsewhere. */
  declare enter: string | undefined;
  /** `off`: no visitor is asked for a name, even where the deployment lets guests in. */
  declare guests: string | undefined;
  /** Whether the chat is a button in the corner of the page, which opens it over the page. */
  declare launcher: boolean;
  /** Whether the launcher has opened the chat. */
  declare open: boolean;
  /** A chat that the page created itself with `connect`. */
  declare chat: Chat | undefined;
  /** Texts that replace those of the language. */
  declare strings: Partial<Strings>;
  declare emoji: readonly string[] | undefined;
  declare inbox: Inbox;
  declare target: string | undefined;
  declare toast: string | undefined;
  declare problem: Problem | undefined;
  readonly #translation = new Translation(this, () => this.#onTranslated());
  readonly #side = new PageSide(this);
  readonly #guest = new GuestEntry(this, (credential) => this.#start(credential));
  readonly #dialogs = new Dialogs(this, () => this.#say("other"));
  readonly #invites = new InviteLinks(
    this,
    () => this.#widget?.mirror.ready === true && (this.to ?? this.#wanted ?? this.inviteUrl) === undefined,
    (code) => {
      this.open ||= this.launcher;
      return code === "" ? this.#say("not_found") : this.#dialogs.open({ name: "join", code });
    },
  );
  #widget: Widget | undefined;
  #prospect: Prospect | undefined;
  #drafts: Drafts | undefined;
  /** The thread that the page asked for, and the one that is shown. */
  #wanted: string | undefined;
  #shown: string | undefined;
  #user: string | undefined;
  #cleanups: (() => void)[] = [];
  #toastTimer: ReturnType<typeof setTimeout> | undefined;
  #awayTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.launcher = this.open = false;
    this.strings = {};
    this.emoji = EMOJI;
    this.inbox = EMPTY;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#translation.connect();
    clearTimeout(this.#awayTimer);
    if (this.hasUpdated && this.#widget === undefined) this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#translation.disconnect();
    clearTimeout(this.#awayTimer);
    this.#awayTimer = setTimeout(() => this.#stop(), AWAY_MS);
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    // Frameworks set a property that is left out to null, and a text that is not known yet to an empty one.
    for (const name of [...CONNECTING, "thread", "inviteUrl"] as const) if (!this[name]) this[name] = undefined;
    const outside = changed.has("thread") && this.thread !== this.#shown;
    if (outside) this.#wanted = this.#shown = this.thread;
    const connects = CONNECTING.some((name) => (changed.get(name) || undefined) !== this[name] && changed.has(name));
    if (connects || !this.hasUpdated) this.#start();
    else if (this.#widget && ["strings", "emoji", "enter", "inviteUrl", "pushWorker"].some((name) => changed.has(name)))
      this.#widget = this.#createWidget(this.#widget);
    if (outside && this.thread !== undefined && this.#widget?.mirror.ready) this.show(this.thread, this.target);
  }

  /** Shows a thread, at a message if one is given; without a thread, the list of conversations. */
  show(thread: string | undefined, message?: string): void {
    const before = this.thread;
    const again = before === thread && message !== undefined && message === this.target;
    [this.thread, this.target] = [thread, again ? undefined : message];
    // Asked for again, a message is scrolled to again.
    if (again) void this.updateComplete.then(() => (this.target = message));
    this.#shown = thread;
    if (thread !== undefined && this.#widget !== undefined) this.#load(thread, this.#widget.mirror);
    if (before === thread) return;
    followFocus(this.renderRoot, before, thread);
    this.dispatchEvent(new CustomEvent("nereid-open", { detail: { thread } }));
  }

  async #load(thread: string, mirror: Mirror): Promise<void> {
    if (thread === this.#prospect?.id) return;
    await this.#attempt(mirror.open(thread));
    if (this.thread === thread && mirror.ready && !mirror.inbox.conversations.has(thread)) this.#leave(mirror);
  }

  protected override render() {
    const widget = this.#widget;
    if (widget === undefined || !this.#translation.settled) return nothing;
    // All of it is made anew for another chat: nothing of one user is left for the next one.
    const content = html`${keyed(widget.chat, this.#content(widget))}`;
    return this.launcher ? this.#side.render(content, this.inbox, widget.strings) : content;
  }

  #content(widget: Widget) {
    return html`
        <div role="status">${this.#guest.form ? nothing : notice(widget, this.inbox.state, this.problem)}</div>
        ${this.#guest.form?.(widget) ?? this.#panes(widget)}
        <div role="alert">${this.toast === undefined || this.#dialogs.isOpen ? nothing : html`<p class="toast" part="toast">${this.toast}</p>`}</div>
        ${this.#dialogs.render(widget, this.inbox, this.toast)}
      `;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (this.launcher && changed.has("open") && changed.get("open") !== undefined)
      this.dispatchEvent(new CustomEvent("nereid-toggle", { detail: { open: this.open } }));
  }

  #panes(widget: Widget) {
    const { strings, single, mirror } = widget;
    return html`
      <div class="panes ${this.thread === undefined && !single ? "" : "talking"} ${single ? "single" : ""}" part="panes"
        @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
        <nereid-roster .widget=${widget} .inbox=${this.inbox} .selected=${this.thread}
          @nereid-start=${() => this.#dialogs.open({ name: "start" })}></nereid-roster>
        ${
          this.thread === undefined
            ? html`<div class="empty"><p>${mirror.ready && !single ? strings.pick : strings.connecting}</p></div>`
            : html`<nereid-conversation .widget=${widget} .inbox=${this.inbox} .thread=${this.thread} .target=${this.target}
                @nereid-details=${() => this.thread && this.#dialogs.open({ name: "details", thread: this.thread })}></nereid-conversation>`
        }
      </div>
    `;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented || isComposing(event)) return;
    if (this.#widget?.single || !isNarrow(this.renderRoot)) return;
    event.preventDefault();
    this.show(undefined);
  }

  #start(token: string | Credential | undefined = this.token): void {
    this.#stop();
    const chat = this.chat ?? open(this, token, () => this.#startAnew(chat));
    const mirror = new Mirror(chat);
    this.#widget = this.#createWidget({ chat, mirror });
    this.inbox = mirror.inbox;
    this.#cleanups = [
      mirror.subscribe(() => this.#onChange(mirror)),
      () => mirror.close(),
      chat.on("state", ({ problem }) => this.#onProblem(chat, problem)),
      // A message that its user took back is not shown as one that was refused.
      chat.on("message", ({ message: { thread, id }, refused }) => {
        if (refused?.code === "withdrawn" && thread !== undefined) this.#widget?.discard(thread, id);
      }),
    ];
    if (this.chat === undefined) this.#cleanups.push(() => void chat.close());
    mirror.started.then(() => this.#openInitial(chat, mirror));
  }

  #stop(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    clearTimeout(this.#toastTimer);
    this.#prospect?.close();
    this.#guest.leave();
    [this.#widget, this.#prospect, this.#drafts] = [undefined, undefined, undefined];
    this.#dialogs.close();
    [this.toast, this.problem, this.target] = [undefined, undefined, undefined];
  }

  /** The user has logged out, or another one has logged in: forgets all of the one before, and connects as whoever it is now. */
  #startAnew(chat: Chat): void {
    if (this.#widget?.chat !== chat || this.inbox.me === undefined) return;
    this.thread = this.#shown = this.#wanted;
    this.#start(undefined);
    this.requestUpdate();
  }

  #onProblem(chat: Chat, given: Problem | undefined): void {
    const problem = given && problemOf(this, given);
    this.problem = problem;
    if (problem === undefined) return;
    // Once it has connected, the page is set up right.
    if (this.inbox.me === undefined && !this.#guest.ask(chat, problem)) void explain(this, problem);
    const renews = this.tokenUrl !== undefined || this.token === undefined;
    if (this.chat === undefined && renews && isLoggedOut(problem)) this.#startAnew(chat);
  }

  #onChange({ inbox }: Mirror): void {
    const before = this.inbox;
    const found = this.#prospect && directThread(inbox, this.#prospect.entity);
    this.inbox = this.#prospect?.into(inbox) ?? inbox;
    if (found !== undefined && this.#prospect !== undefined) {
      this.#moveDraft(this.#prospect.id, found);
      this.#prospect.close();
      this.#prospect = undefined;
      this.inbox = inbox;
      this.show(found);
    }
    const { thread } = this;
    const gone =
      thread !== undefined && before.conversations.has(thread) && !this.inbox.conversations.has(thread) && this.#widget;
    if (gone) this.#leave(gone.mirror);
    this.requestUpdate();
  }

  /** The thread that is shown does not exist any more. */
  #leave(mirror: Mirror): void {
    if (this.to === undefined) this.show(undefined);
    else if (this.#widget !== undefined) this.#openTo(this.#widget.chat, mirror, this.to);
  }

  /** Opens what the page was loaded for: a user, a thread, or an invite. */
  #openInitial(chat: Chat, mirror: Mirror): void {
    if (this.#widget?.chat !== chat) return;
    const me = mirror.inbox.me?.id;
    if (this.#user !== undefined && this.#user !== me) this.thread = this.#shown = this.#wanted;
    this.#user = me;
    if (this.to !== undefined) this.#openTo(chat, mirror, this.to);
    else if (this.thread !== undefined) this.show(this.thread);
    this.#invites.take();
    this.#guest.arrive();
    void this.#dialogs.loadAhead();
  }

  /** Shows the conversation with a user: that which exists, else one that the first message creates. */
  #openTo(chat: Chat, mirror: Mirror, to: string): void {
    const found = directThread(mirror.inbox, to);
    this.#prospect?.close();
    this.#prospect = undefined;
    if (found !== undefined) {
      this.show(found);
      return;
    }
    this.#prospect = new Prospect(chat, to, () => this.#onChange(mirror));
    this.#onChange(mirror);
    this.show(this.#prospect.id);
    // The conversation may exist, and not be among those that are loaded.
    mirror.all().catch(() => {});
    chat.actors([to]).then(
      (actors) => mirror.edit((inbox) => addActors(inbox, actors)),
      // Without a description, the id is shown.
      () => {},
    );
  }

  #createWidget({ chat, mirror }: Pick<Widget, "chat" | "mirror">): Widget {
    const { enter } = this;
    // Frameworks set a property that is left out to undefined or null.
    const emoji = this.emoji ?? EMOJI;
    const user = () => chat.me?.id ?? mirror.inbox.me?.id;
    return {
      ...{ chat, mirror, emoji, language: this.#translation.language, strings: this.#texts },
      enter: enter === "send" || enter === "break" ? enter : isTouchScreen() ? "break" : "send",
      single: this.to !== undefined,
      pushWorker: this.pushWorker || undefined,
      store: () => userStore(baseOf(this), user()),
      drafts: () => this.#draftsOf(user()),
      address: (thread) => (this.#prospect?.id === thread ? { to: [this.#prospect.entity] } : { thread }),
      discard: (thread, id) => {
        this.#prospect?.discard(id);
        mirror.edit((inbox) => update(inbox, thread, (it) => discard(it, id)));
        this.#onChange(mirror);
      },
      inviteLink: (code) => linkTo(code, this.inviteUrl),
      show: (thread, message) => this.show(thread, message),
      open: (opened) => this.#dialogs.open(opened),
      attempt: (work) => this.#attempt(work),
    };
  }

  get #texts(): Strings {
    return { ...this.#translation.strings, ...this.strings };
  }

  #onTranslated(): void {
    if (this.#widget !== undefined) this.#widget = this.#createWidget(this.#widget);
    this.requestUpdate();
  }

  #draftsOf(user: string | undefined): Drafts {
    if (user === undefined) return new Drafts(noStore);
    this.#drafts ??= new Drafts(userStore(baseOf(this), user));
    return this.#drafts;
  }

  /** The draft of a conversation that did not exist is the draft of the thread that exists now. */
  #moveDraft(from: string, to: string): void {
    const drafts = this.#widget?.drafts();
    const text = drafts?.get(from);
    if (!text) return;
    drafts?.set(to, text);
    drafts?.set(from, "");
  }

  async #attempt<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      const code = codeOf(error) ?? "other";
      if (code !== "closed") this.#say(code, error instanceof Error ? error.message : "");
      return undefined;
    }
  }

  #say(code: string, detail?: string): void {
    this.toast = problemIn(this.#texts, code, detail);
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => (this.toast = undefined), TOAST_MS);
  }
}

hintAtElement(globalThis.document?.currentScript);
define("nereid-chat", NereidChat);

declare global {
  interface HTMLElementTagNameMap {
    "nereid-chat": NereidChat;
  }
}
