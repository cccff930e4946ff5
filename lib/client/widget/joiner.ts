import { html, type PropertyDeclarations } from "lit";
import { Dialog } from "./dialog.js";
import { define } from "./part.js";
import { working } from "./working.js";

/** Asks whether to join the conversation of an invite link: whoever made the link may have sent it to anybody. */
class Joiner extends Dialog {
  static override properties: PropertyDeclarations = { code: { attribute: false } };
  declare code: string;

  protected override get heading(): string {
    return this.widget.strings.joinAsk;
  }

  protected override content() {
    const { strings } = this.widget;
    return html`
      <p>${strings.joinWarning}</p>
      <div class="acts">
        <button class="button first" autofocus @click=${working(() => this.#join())}>${strings.join}</button>
        <button class="button" @click=${() => this.done()}>${strings.cancel}</button>
      </div>
    `;
  }

  async #join(): Promise<void> {
    const thread = await this.widget.attempt(this.widget.chat.join(this.code));
    this.done();
    if (thread === undefined) return;
    this.widget.mirror.enter(thread);
    this.widget.show(thread.id);
  }
}

define("nereid-joiner", Joiner);
