import { html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Attachment, OutgoingFile } from "../protocol/file.js";
import type { Conversation } from "../view/conversation.js";
import type { Entry } from "../view/entry.js";
import { linksOf } from "../view/file-links.js";
import { sorted } from "../view/inbox.js";
import { partner } from "../view/partner.js";
import { contains } from "../view/search.js";
import { avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";
import { draftOf } from "./draft.js";
import { conversationTitle } from "./names.js";
import { define } from "./part.js";
import { moveFocus } from "./roving.js";
import { working } from "./working.js";

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
    const other = partner(it, this.inbox.me?.id);
    const name = this.#titleOf(it);
    const actor = other === undefined ? undefined : this.inbox.actors.get(other);
    return html`<button class="pick to" @click=${working(() => this.#send(it))}>
      ${avatar({ id: other ?? it.thread.id, name, actor, room: other === undefined })}
      <span class="cut" dir="auto">${name}</span></button>`;
  }

  async #send({ thread: { id: thread } }: Conversation): Promise<void> {
    const { subject, text, type, language, attachments = [] } = this.entry;
    const links = attachments.filter((it) => !isFile(it));
    const files = await this.widget.attempt(this.#copies(attachments.filter(isFile)));
    if (files === undefined) return;
    const content = Object.fromEntries(Object.entries({ subject, text, type, language }).filter(([, it]) => it));
    const draft = draftOf({ thread, ...content, attachments: links, files });
    // A refusal is shown at the message itself.
    this.widget.chat.send(draft).catch(() => {});
    this.done();
    this.widget.show(thread);
  }

  /** Loads files to upload them again: a file belongs to the message that it was sent with, and lasts as long. */
  #copies(attachments: readonly Attachment[]): Promise<OutgoingFile[]> {
    const links = linksOf(this.widget.chat);
    const copy = async ({ file, name, alt }: Attachment): Promise<OutgoingFile[]> => {
      const found = await links.get(`${file}`);
      if (found === undefined) return [];
      const response = await fetch(found.url);
      if (!response.ok) throw new TypeError("Cannot load the file");
      const content = new Blob([await response.arrayBuffer()], { type: found.type });
      return [{ content, name: name ?? found.name, ...(typeof alt === "string" && { alt }) }];
    };
    return Promise.all(attachments.map(copy)).then((all) => all.flat());
  }

  /** A visitor reads a room, and does not write there. */
  #mayWrite({ thread }: Conversation): boolean {
    return !thread.members.some(({ entity, role }) => entity === this.inbox.me?.id && role === "visitor");
  }

  #titleOf(it: Conversation): string {
    return conversationTitle(this.inbox, it, this.widget.strings);
  }
}

function isFile({ file }: Attachment): boolean {
  return typeof file === "string";
}

define("nereid-forward", Forward);
