import { html, nothing, type PropertyDeclarations } from "lit";
import { uuid } from "../environment/uuid.js";
import type { Entry } from "../view/entry.js";
import { FILES } from "./file-strings.js";
import { define, Part } from "./part.js";
import { problemIn } from "./strings.js";
import { waitingFiles } from "./waiting-files.js";
import { working } from "./working.js";

/** Says why a message with files waits or was refused, and what can be done about it. */
class Unsent extends Part {
  static override properties: PropertyDeclarations = { entry: { attribute: false }, problem: { state: true } };
  declare entry: Entry;
  /** The code of why an upload waits. */
  declare problem: string | undefined;
  #cleanups: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#begin();
  }

  protected override firstUpdated(): void {
    this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }

  /** Not when it is connected: an element that was in the page before it was defined has its properties with its first update. */
  #begin(): void {
    const { chat } = this.widget;
    this.#cleanups = [
      chat.on("upload", ({ id, problem }) => {
        if (id === this.entry.id) this.problem = problem?.code;
      }),
      chat.on("state", () => this.requestUpdate()),
    ];
  }

  protected override render() {
    const { refused } = this.entry;
    return refused === undefined ? this.#waiting() : this.#refused(refused.code, refused.detail);
  }

  #waiting() {
    const { chat } = this.widget;
    const code = chat.state === "online" ? this.problem : "unreachable";
    const cancel = async () => {
      if (await this.widget.attempt(chat.withdraw(this.entry.id))) this.#return();
    };
    return html`<p class="refusal"><span role="status">${code === undefined ? nothing : this.#text(code)}</span>
      <button type="button" @click=${working(cancel)}>${this.#texts.cancel}</button></p>`;
  }

  #refused(code: string, detail?: string) {
    const { strings, discard } = this.widget;
    const { thread, id } = this.entry;
    return html`<p class="refusal"><span role="status">${strings.refused}: ${this.#text(code, detail)}</span>
      <button type="button" @click=${() => this.#retry()}>${this.#texts.again}</button>
      <button type="button" @click=${() => this.#return()}>${strings.edit}</button>
      <button type="button" @click=${() => discard(thread, id)}>${strings.discard}</button></p>`;
  }

  /** Sends the same anew, under another id: the deployment has refused this one for good. */
  #retry(): void {
    const { entry, widget } = this;
    const { subject, text, type, replyTo, mentions, attachments } = entry;
    const content = {
      ...(subject && { subject }),
      ...(type && { type }),
      ...(text && { text }),
      ...(replyTo && { replyTo }),
    };
    const parts = { ...content, ...(mentions && { mentions }), ...(attachments && { attachments }) };
    const draft = { ...parts, ...widget.address(entry.thread), id: uuid(), files: waitingFiles(entry) };
    widget.discard(entry.thread, entry.id);
    // Another refusal is shown at the message itself.
    widget.chat.send(draft).catch(() => {});
  }

  /** Returns text and files to the input. */
  #return(): void {
    this.dispatchEvent(new CustomEvent("nereid-return"));
  }

  #text(code: string, detail?: string): string {
    return this.#texts.problems[code] ?? problemIn(this.widget.strings, code, detail);
  }

  get #texts() {
    return this.widget.strings.files ?? FILES;
  }
}

define("nereid-unsent", Unsent);
