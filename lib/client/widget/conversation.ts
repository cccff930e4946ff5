import { html, nothing, type PropertyDeclarations } from "lit";
import type { Conversation } from "../view/conversation.js";
import { type Entry, isEditable, marked } from "../view/entry.js";
import { partner } from "../view/partner.js";
import { availabilityOf, availabilityText, avatar } from "./avatar.js";
import type { Regarding } from "./drafts.js";
import * as icons from "./icons.js";
import { conversationTitle, shown } from "./names.js";
import { define, Part } from "./part.js";
import "./composer.js";
import "./log.js";

/** One conversation: header, messages and input. */
class ConversationPart extends Part {
  static override properties: PropertyDeclarations = {
    thread: { attribute: false },
    target: { attribute: false },
    returned: { state: true },
    reporting: { state: true },
  };
  declare thread: string;
  /** The id of a message to scroll to. */
  declare target: string | undefined;
  declare returned: Entry | undefined;
  /** The message that the user is about to report. */
  declare reporting: Entry | undefined;
  /** The thread that was opened last. */
  #opened: string | undefined;

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("thread")) this.returned = this.reporting = undefined;
    const it = this.inbox.conversations.get(this.thread);
    if (it === undefined || this.#opened === this.thread) return;
    this.#opened = this.thread;
    // The user who opens it has seen the mark. One that is not ended shows again, and is ended the next time.
    if (it.thread.markedUnread) this.widget.chat.setting(this.thread, { markedUnread: false }).catch(() => {});
  }

  protected override render() {
    const it = this.inbox.conversations.get(this.thread);
    if (it === undefined) return html`<div class="empty">${this.widget.strings.connecting}</div>`;
    const { widget, inbox } = this;
    const regarding = widget.drafts().regarding.get(this.thread);
    return html`
      ${this.#header(it)}
      <nereid-log .widget=${widget} .inbox=${inbox} .conversation=${it} .target=${this.target}
        @nereid-reply=${({ detail }: CustomEvent<Entry>) => this.#reply(detail)}
        @nereid-edit=${({ detail }: CustomEvent<Entry>) => this.#edit(detail)}
        @nereid-report=${({ detail }: CustomEvent<Entry>) => this.widget.attempt(this.#report(detail))}
        @nereid-return=${({ detail }: CustomEvent<Entry>) => this.#return(detail)}></nereid-log>
      <nereid-composer .widget=${widget} .inbox=${inbox} .conversation=${it} .regarding=${regarding}
        .returned=${this.returned}
        @nereid-cancel=${() => this.#regard(undefined)}
        @nereid-edit-last=${() => this.#editLast(it)}></nereid-composer>
      ${this.reporting === undefined ? nothing : html`<nereid-reporter .widget=${widget} .entry=${this.reporting} @nereid-close=${() => (this.reporting = undefined)}></nereid-reporter>`}
    `;
  }

  #header(it: Conversation) {
    const { widget, inbox } = this;
    const { strings } = widget;
    const title = conversationTitle(inbox, it, strings);
    const other = partner(it, inbox.me?.id);
    const availability = other === undefined ? undefined : availabilityOf(inbox.presence.get(other));
    const subject = {
      id: other ?? it.thread.id,
      name: title,
      actor: other === undefined ? undefined : inbox.actors.get(other),
    };
    const details = "thread" in widget.address(it.thread.id);
    return html`<div class="bar head" part="conversation-header">
      <button class="tool return" aria-label=${strings.back} title=${strings.back} @click=${() => widget.show(undefined)}>${icons.back}</button>
      ${avatar({ ...subject, room: other === undefined }, availability)}
      <div class="names">
        <h2 class="cut" dir="auto">${title}</h2>
        <p class="quiet cut" dir="auto">${this.#subtitle(it, other)}</p>
      </div>
      ${
        details
          ? html`<button class="tool" part="details" aria-haspopup="dialog" aria-label=${strings.details} title=${strings.details}
        @click=${() => this.dispatchEvent(new CustomEvent("nereid-details", { bubbles: true }))}>${icons.dots}</button>`
          : nothing
      }
    </div>`;
  }

  #subtitle(it: Conversation, other: string | undefined) {
    const { inbox, widget } = this;
    if (other !== undefined) {
      if (inbox.blocked.has(other)) return widget.strings.blocked;
      const presence = inbox.presence.get(other);
      const status = presence?.status && shown(presence.status);
      return [availabilityText(availabilityOf(presence), widget.strings), status].filter(Boolean).join(" · ");
    }
    const online = inbox.state === "online";
    const here = it.thread.members.filter(({ entity }) =>
      entity === inbox.me?.id ? online : inbox.presence.get(entity)?.available,
    );
    return widget.strings.members(it.thread.memberCount, here.length);
  }

  #reply(entry: Entry): void {
    this.#regard({ replyingTo: entry });
  }

  #edit(entry: Entry): void {
    this.#regard({ editing: entry, text: marked(entry) });
  }

  async #report(entry: Entry): Promise<void> {
    await import("./reporter.js");
    this.reporting = entry;
  }

  /** Returns the text of a refused message to the input. */
  #return(entry: Entry): void {
    this.widget.drafts().add(entry.thread, marked(entry));
    // Another conversation may be shown by now.
    if (entry.thread === this.thread) this.#regard(undefined);
    this.returned = entry;
    this.widget.discard(entry.thread, entry.id);
  }

  #regard(regarding: Regarding | undefined): void {
    const all = this.widget.drafts().regarding;
    if (regarding === undefined) all.delete(this.thread);
    else all.set(this.thread, regarding);
    this.requestUpdate();
  }

  #editLast(it: Conversation): void {
    const last = it.entries.findLast((entry) => isEditable(entry, this.inbox.me?.id));
    if (last !== undefined) this.#edit(last);
  }
}

define("nereid-conversation", ConversationPart);
