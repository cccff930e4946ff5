import { html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Draft } from "../protocol/stanza.js";
import { type Conversation, others } from "../view/conversation.js";
import type { Entry } from "../view/entry.js";
import { sorted } from "../view/inbox.js";
import { contains } from "../view/search.js";
import { avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";
import { conversationTitle } from "./names.js";
import { define } from "./part.js";
import { moveFocus } from "./roving.js";

/** Sends a copy of a message to another conversation, as a message of the user's own. */
class Forward extends Dialog {
  static override properties: PropertyDeclarations = { entry: { attribute: false }, query: { state: true } };
  declare entry: Entry;
  declare query: string;

  constructor() {
    super();
    this.query = "";
  }

  protected override get heading(): string {
    return this.widget.strings.forwardTo;
  }

  protected override content() {
    const { strings } = this.widget;
    const found = sorted(this.inbox).filter((it) => this.#mayWrite(it) && contains(this.#titleOf(it), this.query));
    const search = ({ target }: InputEvent) => {
      if (!(target instanceof HTMLInputElement)) return;
      this.query = target.value;
      if (this.query !== "") this.widget.mirror.all().catch(() => {});
    };
    return html`
      <input class="field" type="search" autofocus aria-label=${strings.search} placeholder=${strings.search} autocomplete="off" @input=${search} />
      <div class="crowd" @keydown=${(event: KeyboardEvent) => moveFocus(event, this.querySelectorAll(".to"))}>
        ${found.length === 0 ? html`<p class="quiet" role="status">${strings.nothingFound}</p>` : nothing}
        ${repeat(
          found,
          ({ thread }) => thread.id,
          (it) => this.#choice(it),
        )}
      </div>
    `;
  }

  #choice(it: Conversation) {
    const other = it.thread.kind === "direct" ? others(it, this.inbox.me?.id)[0]?.entity : undefined;
    const name = this.#titleOf(it);
    const actor = other === undefined ? undefined : this.inbox.actors.get(other);
    return html`<button class="pick to" @click=${() => this.#send(it)}>
      ${avatar({ id: other ?? it.thread.id, name, actor, room: other === undefined })}
      <span class="cut" dir="auto">${name}</span></button>`;
  }

  #send({ thread: { id: thread } }: Conversation): void {
    const { subject, text, type, language, attachments } = this.entry;
    const copied = Object.entries({ subject, text, type, language, attachments }).filter(([, it]) => it !== undefined);
    const draft: Draft = { thread, ...Object.fromEntries(copied) };
    // A refusal is shown at the message itself.
    this.widget.chat.send(draft).catch(() => {});
    this.done();
    this.widget.show(thread);
  }

  /** A visitor reads a room, and does not write there. */
  #mayWrite({ thread }: Conversation): boolean {
    return !thread.members.some(({ entity, role }) => entity === this.inbox.me?.id && role === "visitor");
  }

  #titleOf(it: Conversation): string {
    return conversationTitle(this.inbox, it, this.widget.strings);
  }
}

define("nereid-forward", Forward);
