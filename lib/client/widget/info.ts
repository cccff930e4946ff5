import { html, nothing, type PropertyDeclarations } from "lit";
import type { Entry } from "../view/entry.js";
import { changed } from "../view/entry.js";
import { readers } from "../view/progress.js";
import { avatar } from "./avatar.js";
import { when } from "./date.js";
import { Dialog } from "./dialog.js";
import { personName } from "./names.js";
import { define } from "./part.js";

/** Who has read a message, and who has reacted to it. */
class Info extends Dialog {
  static override properties: PropertyDeclarations = { entry: { attribute: false } };
  declare entry: Entry;

  protected override get heading(): string {
    return this.widget.strings.seenBy;
  }

  protected override content() {
    const { strings, language } = this.widget;
    const it = this.inbox.conversations.get(this.entry.thread);
    if (it === undefined) return html``;
    const entry = this.#current();
    // The sender has read it, of course.
    const seen = readers(it, entry.seq, entry.sender?.id ?? "");
    const reactions = Object.entries(entry.reactions ?? {});
    return html`
      <p class="quiet">${when(entry.timestamp, language)}</p>
      ${reactions.map(
        ([emoji, by]) =>
          html`<div><h3>${emoji}</h3><ul class="crowd">${by.map((entity) => this.#person(entity))}</ul></div>`,
      )}
      <div>
        <h3>${strings.read}</h3>
        ${seen.length === 0 ? html`<p class="quiet">${strings.notRead}</p>` : html`<ul class="crowd">${seen.map((entity) => this.#person(entity))}</ul>`}
      </div>
    `;
  }

  /** Returns the message as it is now: it may be read, or reacted to, while the dialog is open. */
  #current(): Entry {
    const it = this.inbox.conversations.get(this.entry.thread);
    let current = this.entry;
    const note = (entry: Entry) => (current = entry);
    for (const entries of [it?.apart?.entries, it?.entries]) changed(entries ?? [], this.entry.id, note);
    return current;
  }

  #person(entity: string) {
    const { strings } = this.widget;
    const name = personName(this.inbox, entity, strings);
    const me = entity === this.inbox.me?.id;
    return html`<li class="person">
      ${avatar({ id: entity, name, actor: this.inbox.actors.get(entity) })}
      <span class="cut" dir="auto"><bdi>${name}</bdi>${me ? ` (${strings.you})` : nothing}</span>
    </li>`;
  }
}

define("nereid-info", Info);
