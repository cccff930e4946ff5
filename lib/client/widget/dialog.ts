import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import * as icons from "./icons.js";
import { Part } from "./part.js";
import { adopt } from "./style/adopt.js";
import { dialog } from "./style/dialog.js";

/** A part that is shown as a modal dialog until it is closed. */
export abstract class Dialog extends Part {
  static override properties: PropertyDeclarations = { problem: { attribute: false } };
  /** What went wrong. All that is outside of a modal dialog is behind it, for the eye and for screen readers. */
  declare problem: string | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    // A dialog that was moved in the page is still open, but no longer modal.
    this.querySelector("dialog")?.removeAttribute("open");
    this.querySelector("dialog")?.showModal();
  }

  protected override firstUpdated(): void {
    adopt(this, dialog);
    this.querySelector("dialog")?.showModal();
  }

  /** Renders the content of the dialog. */
  protected abstract content(): TemplateResult;
  protected abstract get heading(): string;

  protected override render() {
    const { close } = this.widget.strings;
    return html`<dialog class="dialog" part="dialog" aria-labelledby="dialog-title"
      @close=${() => this.dispatchEvent(new CustomEvent("nereid-close"))}
      @click=${({ target, currentTarget }: Event) => target === currentTarget && this.done()}>
      <div class="sheet">
        <div class="top">
          <h2 id="dialog-title" class="cut" dir="auto">${this.heading}</h2>
          <button class="tool" aria-label=${close} title=${close} @click=${() => this.done()}>${icons.close}</button>
        </div>
        <div role="alert">${this.problem === undefined ? nothing : html`<p class="refusal">${this.problem}</p>`}</div>
        ${this.content()}
      </div>
    </dialog>`;
  }

  protected done(): void {
    this.querySelector("dialog")?.close();
  }
}
