import { html, nothing, type PropertyDeclarations } from "lit";
import type { Conversation } from "../view/conversation.js";
import { addActors } from "../view/inbox.js";
import { MemberPages } from "../view/member-pages.js";
import { partner } from "../view/partner.js";
import { contains } from "../view/search.js";
import { availabilityOf, availabilityText, avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";
import { leave } from "./leave.js";
import { conversationTitle, personName } from "./names.js";
import { define } from "./part.js";
import { isRepeated, working } from "./working.js";

// More members than this do not fit beside each other, and get a search.
const SEARCH_FROM = 8;

/** The details of a conversation: its members, and the actions rename, invite, mute, leave and block. */
class Details extends Dialog {
  static override properties: PropertyDeclarations = {
    thread: { attribute: false },
    link: { state: true },
    copied: { state: true },
    asking: { state: true },
    query: { state: true },
    people: { state: true },
  };
  declare thread: string;
  declare link: string | undefined;
  declare copied: boolean;
  /** The action that a second click confirms. */
  declare asking: string | undefined;
  declare query: string;
  /** The members that were loaded, of a thread that names only some of them. */
  declare people: Conversation["thread"]["members"];
  #pages: MemberPages | undefined;

  constructor() {
    super();
    this.query = "";
    this.people = [];
  }

  protected override firstUpdated(): void {
    super.firstUpdated();
    const { thread } = this.#conversation ?? {};
    if (thread === undefined || thread.memberCount <= thread.members.length) return;
    const { chat, mirror, attempt } = this.widget;
    this.#pages = new MemberPages(chat, this.thread, (members) => {
      this.people = [...this.people, ...members];
      const actors = members.map(({ actor }) => actor);
      mirror.edit((inbox) => addActors(inbox, actors));
    });
    void attempt(this.#pages.next());
  }

  protected override updated(): void {
    // The user is no member any more, and is to be led to the list, which nothing modal may cover.
    if (this.#conversation === undefined) this.done();
  }

  protected override get heading(): string {
    const it = this.#conversation;
    const { strings } = this.widget;
    return it === undefined ? strings.untitled : conversationTitle(this.inbox, it, strings);
  }

  protected override content() {
    const it = this.#conversation;
    if (it === undefined) return html``;
    const { strings } = this.widget;
    const me = this.inbox.me?.id;
    const role = it.thread.members.find(({ entity }) => entity === me)?.role;
    const room = it.thread.kind === "room";
    return html`
      ${room && role === "owner" ? this.#naming(it) : nothing}
      ${room && role !== "visitor" ? this.#inviting() : nothing}
      <div>
        <h3>${strings.people}</h3>
        ${this.#members(it)}
      </div>
      <div class="acts">
        ${this.#act(it.thread.muted ? strings.unmute : strings.mute, () => this.widget.chat.setting(this.thread, { muted: !it.thread.muted }))}
        ${room ? this.#act(strings.leave, () => this.#leave(), true) : this.#blocking(it)}
        ${this.asking === undefined ? nothing : html`<button class="button" @click=${() => (this.asking = undefined)}>${strings.cancel}</button>`}
      </div>
    `;
  }

  #naming(it: Conversation) {
    const { strings, chat, attempt } = this.widget;
    const rename = () => {
      const subject = this.querySelector<HTMLInputElement>("#details-name")?.value.trim() ?? "";
      return subject === it.thread.subject ? undefined : attempt(chat.change(this.thread, { subject }));
    };
    return html`<form @submit=${working(rename)}>
      <label for="details-name"><span>${strings.roomName}</span></label>
      <div class="pair"><input class="field" id="details-name" maxlength="120" autocomplete="off" .value=${it.thread.subject ?? ""} />
      <button class="button">${strings.rename}</button></div>
    </form>`;
  }

  #inviting() {
    const { strings } = this.widget;
    if (this.link === undefined)
      return html`<button class="button first" @click=${working(() => this.#invite())}>${strings.invite}</button>`;
    return html`<div>
      <input class="field link" readonly aria-label=${strings.invite} .value=${this.link} @focus=${({ target }: Event) => target instanceof HTMLInputElement && target.select()} />
      <p class="quiet" role="status">${this.copied ? strings.copied : nothing}</p>
    </div>`;
  }

  async #invite(): Promise<void> {
    const invite = await this.widget.attempt(this.widget.chat.invite(this.thread));
    if (invite === undefined) return;
    this.link = this.widget.inviteLink(invite.code);
    // The link stands where the button had the focus.
    await this.updateComplete;
    this.querySelector<HTMLInputElement>(".link")?.focus();
    // Without https or permission, the user copies the link from the field.
    this.copied = await (navigator.clipboard?.writeText(this.link) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
  }

  #members({ thread }: Conversation) {
    const { strings, attempt } = this.widget;
    const pages = this.#pages;
    const members = this.people.length === 0 ? thread.members : this.people;
    const found = members.filter(({ entity }) => contains(personName(this.inbox, entity, strings), this.query));
    const search = ({ target }: InputEvent) => {
      if (!(target instanceof HTMLInputElement)) return;
      this.query = target.value;
      // Members who are not loaded are to be found, too.
      const wanted = () => this.isConnected && this.query !== "";
      if (wanted() && this.#pages !== undefined) void attempt(this.#pages.all(wanted));
    };
    return html`
      ${
        members.length < SEARCH_FROM
          ? nothing
          : html`<input class="field" type="search" aria-label=${strings.searchPeople} placeholder=${strings.searchPeople} autocomplete="off" @input=${search} />`
      }
      ${found.length === 0 ? html`<p class="quiet" role="status">${strings.nobodyFound}</p>` : nothing}
      <ul class="crowd">${found.map((member) => this.#person(member))}</ul>
      ${pages?.more ? html`<button class="button" @click=${working(() => attempt(pages.next()))}>${strings.morePeople}</button>` : nothing}
    `;
  }

  #person({ entity, role }: { entity: string; role: "owner" | "member" | "visitor" }) {
    const { strings } = this.widget;
    const me = entity === this.inbox.me?.id;
    // Nobody sees the user while they have no connection.
    const own = this.inbox.state === "online" ? "available" : "unavailable";
    const availability = me ? own : availabilityOf(this.inbox.presence.get(entity));
    const name = personName(this.inbox, entity, strings);
    return html`<li class="person">
      ${avatar({ id: entity, name, actor: this.inbox.actors.get(entity) }, availability)}
      <span class="cut" dir="auto"><bdi>${name}</bdi>${me ? ` (${strings.you})` : nothing}</span>
      <small class="quiet">${strings.roles[role] || (me ? nothing : availabilityText(availability, strings))}</small>
    </li>`;
  }

  #blocking(it: Conversation) {
    const other = partner(it, this.inbox.me?.id);
    // The page has chosen whom to talk to.
    if (this.widget.single || other === undefined) return nothing;
    const remove = this.inbox.blocked.has(other);
    const { strings, chat } = this.widget;
    return this.#act(remove ? strings.unblock : strings.block, () => chat.block(other, { remove }), !remove);
  }

  /** Renders an action; one that cannot be undone takes a second click. */
  #act(name: string, act: () => Promise<unknown>, danger = false) {
    const asked = this.asking === name;
    const run = async (event: MouseEvent) => {
      if (danger && !asked) this.asking = name;
      else if (!danger || !isRepeated(event)) {
        this.asking = undefined;
        await this.widget.attempt(act());
      }
    };
    const kind = danger ? (asked ? "sure" : "danger") : "";
    return html`<button class="button ${kind}" @click=${working(run)}>${asked ? this.widget.strings.sure(name) : name}</button>`;
  }

  async #leave(): Promise<void> {
    await leave(this.widget, this.thread);
    this.done();
  }

  get #conversation(): Conversation | undefined {
    return this.inbox.conversations.get(this.thread);
  }
}

define("nereid-details", Details);
