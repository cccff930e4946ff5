import { html, type PropertyDeclarations } from "lit";
import { type Conversation, type Entry, isEditable, others } from "../view/conversation.js";
import { titleOf } from "../view/inbox.js";
import { avatar, said, standing } from "./avatar.js";
import * as icons from "./icons.js";
import { define, Part } from "./part.js";
import "./composer.js";
import "./log.js";

/** One conversation: who it is with, what was said, and where to say something. */
class ConversationPart extends Part {
  static override properties: PropertyDeclarations = {
    thread: { attribute: false },
    sought: { attribute: false },
    answering: { state: true },
    editing: { state: true },
  };
  declare thread: string;
  /** A message to go to. */
  declare sought: string | undefined;
  declare answering: Entry | undefined;
  declare editing: Entry | undefined;

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("thread")) [this.answering, this.editing] = [undefined, undefined];
  }

  protected override render() {
    const it = this.inbox.conversations.get(this.thread);
    if (it === undefined) return html`<div class="empty">${this.desk.strings.connecting}</div>`;
    const { desk, inbox } = this;
    return html`
      ${this.#header(it)}
      <nereid-log .desk=${desk} .inbox=${inbox} .conversation=${it} .sought=${this.sought}
        @nereid-reply=${({ detail }: CustomEvent<Entry>) => this.#answer(detail)}
        @nereid-edit=${({ detail }: CustomEvent<Entry>) => this.#edit(detail)}></nereid-log>
      <nereid-composer .desk=${desk} .inbox=${inbox} .conversation=${it} .answering=${this.answering} .editing=${this.editing}
        @nereid-cancel=${() => this.#rest()}
        @nereid-edit-last=${() => this.#editLast(it)}></nereid-composer>
    `;
  }

  #header(it: Conversation) {
    const { desk, inbox } = this;
    const { strings } = desk;
    const title = titleOf(inbox, it) ?? strings.untitled;
    const other = it.thread.kind === "direct" ? others(it, inbox.me?.id)[0]?.entity : undefined;
    const at = other === undefined ? undefined : standing(inbox.presence.get(other));
    const who = {
      id: other ?? it.thread.id,
      name: title,
      actor: other === undefined ? undefined : inbox.actors.get(other),
    };
    return html`<div class="bar head" part="conversation-header">
      <button class="tool return" aria-label=${strings.back} title=${strings.back} @click=${() => desk.show(undefined)}>${icons.back}</button>
      ${avatar({ ...who, room: other === undefined }, at)}
      <div class="names">
        <h2 class="cut" dir="auto">${title}</h2>
        <p class="quiet cut" dir="auto">${this.#standing(it, other)}</p>
      </div>
      <button class="tool" part="details" aria-haspopup="dialog" aria-label=${strings.details} title=${strings.details}
        @click=${() => this.dispatchEvent(new CustomEvent("nereid-details", { bubbles: true }))}>${icons.dots}</button>
    </div>`;
  }

  #standing(it: Conversation, other: string | undefined) {
    const { inbox, desk } = this;
    if (other !== undefined) {
      const presence = inbox.presence.get(other);
      return [said(standing(presence), desk.strings), presence?.status].filter(Boolean).join(" · ");
    }
    const here = it.thread.members.filter(
      ({ entity }) => entity === inbox.me?.id || inbox.presence.get(entity)?.available,
    );
    return desk.strings.members(it.thread.memberCount, here.length);
  }

  #answer(entry: Entry): void {
    [this.answering, this.editing] = [entry, undefined];
  }

  #edit(entry: Entry): void {
    [this.answering, this.editing] = [undefined, entry];
  }

  #rest(): void {
    [this.answering, this.editing] = [undefined, undefined];
  }

  #editLast(it: Conversation): void {
    const last = it.entries.findLast((entry) => isEditable(entry, this.inbox.me?.id));
    if (last !== undefined) this.#edit(last);
  }
}

define("nereid-conversation", ConversationPart);
