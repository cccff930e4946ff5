import { html, type PropertyDeclarations } from "lit";
import { codeOf } from "../protocol/problem.js";
import type { Entry } from "../view/entry.js";
import { Dialog } from "./dialog.js";
import { define } from "./part.js";
import { REPORTING } from "./report-strings.js";
import { problemIn } from "./strings.js";
import { working } from "./working.js";

// What the deployment takes is counted in bytes: so many characters of any script fit, with the choice before them.
const REASON_MAX = 250;

/** The dialog that reports a message to the moderators: it asks for a reason, and says what happens then. */
class Reporter extends Dialog {
  static override properties: PropertyDeclarations = { entry: { attribute: false }, reported: { state: true } };
  declare entry: Entry;
  declare reported: boolean;

  protected override get heading(): string {
    return this.#texts.ask;
  }

  protected override content() {
    const { strings } = this.widget;
    if (this.reported)
      return html`<p role="status">${this.#texts.reported}</p>
        <div class="acts"><button class="button first" @click=${() => this.done()}>${strings.close}</button></div>`;
    const { reasons, text, what } = this.#texts;
    return html`<form @submit=${working(() => this.#report())}>
      <div role="radiogroup" aria-labelledby="dialog-title">${Object.entries(reasons).map(
        ([reason, name], i) =>
          html`<label class="pick"><input type="radio" name="reason" value=${reason} ?checked=${i === 0} ?autofocus=${i === 0} /><span>${name}</span></label>`,
      )}</div>
      <label for="report-text"><span>${text}</span></label>
      <textarea class="field" id="report-text" rows="3" maxlength=${REASON_MAX} dir="auto"></textarea>
      <p class="quiet">${what}</p>
      <div class="acts">
        <button class="button first">${strings.report}</button>
        <button type="button" class="button" @click=${() => this.done()}>${strings.cancel}</button>
      </div>
    </form>`;
  }

  get #texts() {
    return this.widget.strings.reporting ?? REPORTING;
  }

  async #report(): Promise<void> {
    const reason = this.querySelector<HTMLInputElement>("[name=reason]:checked")?.value;
    const text = this.querySelector("textarea")?.value.trim();
    const { chat, strings } = this.widget;
    const { thread, id } = this.entry;
    this.problem = undefined;
    try {
      // The choice goes as one word, the same in every language, for those who read the report.
      await chat.reportMessage(thread, id, [reason, text].filter(Boolean).join(": "));
    } catch (error) {
      this.problem = problemIn(strings, codeOf(error) ?? "other");
      return;
    }
    this.reported = true;
    await this.updateComplete;
    this.querySelector<HTMLElement>(".acts .button")?.focus();
  }
}

define("nereid-reporter", Reporter);
