import { html, nothing, type PropertyDeclarations } from "lit";
import type { OutgoingFile } from "../protocol/file.js";
import type { Entry } from "../view/entry.js";
import { type FileLimits, linksOf } from "../view/file-links.js";
import { chip } from "./chip.js";
import { Dropping } from "./dropping.js";
import * as fileIcons from "./file-icons.js";
import { FILES } from "./file-strings.js";
import { isTouchScreen } from "./input-device.js";
import { define, Part } from "./part.js";
import { adopt } from "./style/adopt.js";
import { files } from "./style/files.js";
import { accepted, type Chosen, chosen, outgoing, traysOf } from "./tray.js";
import { waitingFiles } from "./waiting-files.js";

/** Takes files for the message that is being written, by buttons, dropped or pasted, and shows them above the text. Empty where no files are taken. */
export class Attach extends Part {
  static override properties: PropertyDeclarations = {
    thread: { attribute: false },
    returned: { attribute: false },
    limits: { state: true },
    refusals: { state: true },
    described: { state: true },
  };
  declare thread: string;
  /** A message that returns to the input, with its files. */
  declare returned: Entry | undefined;
  declare limits: FileLimits | undefined;
  declare refusals: readonly string[];
  /** The file whose description is being written. */
  declare described: Chosen | undefined;
  readonly #dropping = new Dropping(this, (given) => this.#add(chosen(given.map((content) => ({ content })))));
  #told = 0;
  #unsubscribe = () => {};

  constructor() {
    super();
    this.refusals = [];
  }

  /** How many files the message has. */
  get count(): number {
    return this.#files.length;
  }

  /** Gives away the files of the message, which is sent. */
  take(): OutgoingFile[] {
    const given = outgoing(this.#files);
    if (given.length > 0 || this.refusals.length > 0) this.#put([]);
    return given;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, files);
    if (this.hasUpdated) this.#begin();
  }

  protected override firstUpdated(): void {
    this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("thread")) [this.refusals, this.described] = [[], undefined];
    const { returned } = this;
    if (changed.has("returned") && returned?.thread === this.thread)
      traysOf(this.widget.chat).set(this.thread, [...chosen(waitingFiles(returned)), ...this.#files]);
    this.#dropping.hint = this.limits && this.#texts.drop;
  }

  protected override updated(): void {
    const { length } = this.#files;
    if (length === this.#told) return;
    this.#told = length;
    this.dispatchEvent(new CustomEvent("nereid-files"));
  }

  protected override render() {
    if (this.limits === undefined) return nothing;
    const names = this.#files.map(({ name }) => name).join(", ");
    const accept = this.limits.types.includes("*/*") ? nothing : this.limits.types.join();
    return html`
      ${this.#tray()}
      <p class="unseen" role="status">${names === "" ? nothing : `${this.#texts.attached}: ${names}`}</p>
      <p class="refusal" role="alert">${this.refusals.join(" ")}</p>
      <input type="file" class="files" hidden aria-label=${this.#texts.attach} multiple accept=${accept} @change=${this.#onChange} />
      ${this.#button(this.#texts.attach, fileIcons.clip, ".files")}
      ${
        isTouchScreen()
          ? html`<input type="file" class="camera" hidden aria-label=${this.#texts.photo} accept="image/*" capture="environment" @change=${this.#onChange} />
              ${this.#button(this.#texts.photo, fileIcons.camera, ".camera")}`
          : nothing
      }
    `;
  }

  #button(name: string, icon: unknown, input: string) {
    const choose = () => this.querySelector<HTMLInputElement>(input)?.click();
    return html`<button type="button" class="tool attach" part="attach" aria-label=${name} title=${name} @click=${choose}>${icon}</button>`;
  }

  #tray() {
    if (this.#files.length === 0) return nothing;
    return html`<ul class="tray" part="tray" aria-label=${this.#texts.attached}>${this.#files.map((it) => this.#chip(it))}</ul>`;
  }

  #chip(file: Chosen) {
    const open = this.described === file;
    return chip(file, this.widget, open, {
      describe: () => this.#describe(open ? undefined : file),
      remove: () => this.#remove(file),
    });
  }

  readonly #onChange = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement)) return;
    this.#add(chosen([...(target.files ?? [])].map((content) => ({ content }))));
    // The same file can be chosen again.
    target.value = "";
  };

  #add(given: Chosen[]): void {
    if (this.limits === undefined) return;
    const { taken, problems } = accepted(given, this.#files.length, this.limits, this.#texts, this.widget.language);
    this.#put([...this.#files, ...taken]);
    this.refusals = problems;
    // On a touch screen, the keyboard would cover what was chosen.
    if (!isTouchScreen()) this.#focusText();
  }

  #put(all: Chosen[]): void {
    traysOf(this.widget.chat).set(this.thread, all);
    [this.refusals, this.described] = [[], undefined];
    this.requestUpdate();
  }

  #remove(file: Chosen): void {
    this.#put(this.#files.filter((it) => it !== file));
    // The button goes away with its file.
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(".tray .tool, .attach")?.focus());
  }

  /** Opens the field for the description of a file, or closes it. */
  #describe(file: Chosen | undefined): void {
    const before = this.described;
    this.described = file;
    void this.updateComplete.then(() => {
      const chip = this.querySelectorAll(".chip")[this.#files.findIndex((it) => it === (file ?? before))];
      chip?.querySelector<HTMLElement>(file === undefined ? ".tool" : ".field")?.focus();
    });
  }

  #focusText(): void {
    this.closest("form")?.querySelector("textarea")?.focus();
  }

  /** Not when it is connected: an element that was in the page before it was defined has its properties with its first update. */
  #begin(): void {
    this.#unsubscribe = this.widget.chat.on("state", ({ state }) => state === "online" && void this.#ask());
    void this.#ask();
  }

  /** Asks what the deployment takes. What fails is asked for again once the chat is online. */
  async #ask(): Promise<void> {
    const limits = await linksOf(this.widget.chat)
      .limits()
      .catch(() => undefined);
    if (limits?.max === 0) this.#unsubscribe();
    else this.limits ??= limits;
  }

  get #files(): readonly Chosen[] {
    // The input asks before the first update of an element that was defined after it was in the page.
    if (this.widget === undefined) return [];
    return traysOf(this.widget.chat).get(this.thread) ?? [];
  }

  get #texts() {
    return this.widget.strings.files ?? FILES;
  }
}

define("nereid-attach", Attach);
