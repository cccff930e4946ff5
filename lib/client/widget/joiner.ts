import { html, nothing, type PropertyDeclarations } from "lit";
import type { InvitePreview } from "../protocol/stanza.js";
import { Dialog } from "./dialog.js";
import { actorName, shown } from "./names.js";
import { define } from "./part.js";
import { working } from "./working.js";

/** Asks whether to join the conversation of an invite link: whoever made the link may have sent it to anybody. */
class Joiner extends Dialog {
  static override properties: PropertyDeclarations = { code: { attribute: false }, preview: { state: true } };
  declare code: string;
  /** What the invite leads to, once that is known. */
  declare preview: InvitePreview | undefined;

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("code")) return;
    // What is asked is what is joined, also after another link while the question stands.
    this.preview = undefined;
    void this.#read(this.code);
  }

  protected override get heading(): string {
    const { strings } = this.widget;
    const { subject } = this.preview ?? {};
    return subject ? strings.joinRoom(shown(subject)) : strings.joinAsk;
  }

  protected override content() {
    const { strings } = this.widget;
    const { preview } = this;
    return html`
      ${preview === undefined ? nothing : html`<p>${strings.invitedBy(actorName(preview.by, strings), preview.memberCount)}</p>`}
      <p>${strings.joinWarning}</p>
      <div class="acts">
        <button class="button first" autofocus @click=${working(() => this.#join())}>${strings.join}</button>
        <button class="button" @click=${() => this.done()}>${strings.cancel}</button>
      </div>
    `;
  }

  /** Without an answer, the question names neither the room nor the inviter, and the dialog says why. */
  async #read(code: string): Promise<void> {
    const preview = await this.widget.attempt(this.widget.chat.readInvite(code));
    if (this.code !== code) return;
    this.preview = preview;
    if (!this.preview?.member) return;
    this.done();
    this.widget.show(this.preview.thread);
  }

  async #join(): Promise<void> {
    // What failed can be tried again here: the page's address does not have the code any more.
    const thread = await this.widget.attempt(this.widget.chat.join(this.code));
    if (thread === undefined) return;
    this.done();
    this.widget.mirror.enter(thread);
    this.widget.show(thread.id);
  }
}

define("nereid-joiner", Joiner);
