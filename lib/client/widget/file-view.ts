import { html, nothing, type PropertyDeclarations } from "lit";
import type { Attachment } from "../protocol/file.js";
import { reserve } from "./file-frame.js";
import * as fileIcons from "./file-icons.js";
import { kindOf, sizeText, typeName } from "./file-kind.js";
import { FileSource } from "./file-source.js";
import { FILES } from "./file-strings.js";
import * as icons from "./icons.js";
import { shown } from "./names.js";
import { define, Part } from "./part.js";
import { drawPicture, sizeOf } from "./picture-canvas.js";
import { openViewer } from "./viewer.js";

/** One file of a message: a picture, a film or sound in place, else something to save; of one that waits, how far it is uploaded. */
class FileView extends Part {
  static override properties: PropertyDeclarations = {
    attachment: { attribute: false },
    content: { attribute: false },
    waiting: { attribute: false },
    thread: { attribute: false },
    progress: { state: true },
  };
  declare attachment: Attachment;
  /** What was sent from here: a picture is shown without being loaded. */
  declare content: Blob | undefined;
  /** Of a file that is not uploaded yet: its message, and its place in that. */
  declare waiting: { id: string; file: number } | undefined;
  declare thread: string;
  declare progress: { sent: number; size: number } | undefined;
  readonly #source = new FileSource(this, () => this.content === undefined || this.#kind !== "picture");
  #unsubscribe = () => {};
  #drawn: Blob | undefined;
  #viewer: Element | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#follow();
  }

  protected override firstUpdated(): void {
    this.#follow();
  }

  #follow(): void {
    this.#unsubscribe = this.widget.chat.on("upload", ({ id, file, sent, size, problem }) => {
      if (problem === undefined && id === this.waiting?.id && file === this.waiting.file)
        this.progress = { sent, size };
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
    // The message was retracted, or another user is shown.
    this.#viewer?.remove();
  }

  protected override updated(): void {
    const { content, attachment } = this;
    const frame = this.querySelector<HTMLElement>(".frame");
    if (frame !== null) reserve(frame, { ...(content && sizeOf(content)), ...attachment });
    const canvas = this.querySelector("canvas");
    if (canvas === null || content === undefined || content === this.#drawn) return;
    this.#drawn = content;
    void drawPicture(canvas, content).then((size) => {
      if (size === undefined) this.#source.broken = true;
      this.requestUpdate();
    });
  }

  protected override render() {
    if (this.#source.gone)
      return html`<p class="file lost" part="attachment">${icons.file}<span><bdi>${this.#name}</bdi>: ${this.#texts.gone}</span></p>`;
    return html`${this.#view()}${this.waiting === undefined ? nothing : this.#upload()}`;
  }

  #view() {
    const kind = this.#kind;
    if (kind === "picture") return this.#picture();
    if (kind === "other" || this.waiting !== undefined) return this.#link();
    return kind === "film" ? this.#film() : this.#sound();
  }

  #picture() {
    const { url, loaded, failed } = this.#source;
    const name = this.#title;
    return html`<button type="button" class="frame shot" part="attachment" aria-label=${this.#texts.enlarge(name)} title=${name}
      ?disabled=${this.waiting !== undefined} @click=${this.#enlarge}>${
        this.content === undefined
          ? html`<img alt="" src=${url ?? nothing} decoding="async" @load=${loaded} @error=${failed} />`
          : html`<canvas></canvas>`
      }</button>`;
  }

  #film() {
    const { url, loaded, failed } = this.#source;
    const enlarge = this.#texts.enlarge(this.#title);
    return html`<div class="frame film" part="attachment" @click=${keepOut} @pointerdown=${keepOut} @keydown=${keepKeys}>
      <video controls playsinline preload="metadata" aria-label=${this.#title} src=${url ?? nothing} @loadedmetadata=${loaded} @error=${failed}></video>
      <button type="button" class="tool" aria-label=${enlarge} title=${enlarge} @click=${this.#enlarge}>${fileIcons.enlarge}</button>
    </div>`;
  }

  #sound() {
    const { url, loaded, failed } = this.#source;
    return html`<div class="sound" part="attachment" @click=${keepOut} @pointerdown=${keepOut} @keydown=${keepKeys}>
      <small class="cut" dir="auto">${this.#name}</small>
      <audio controls preload="metadata" aria-label=${this.#title} src=${url ?? nothing} @loadedmetadata=${loaded} @error=${failed}></audio>
    </div>`;
  }

  #link() {
    const { attachment } = this;
    const about = [typeName(attachment), sizeText(attachment.size, this.widget.language)].filter(Boolean).join(" · ");
    const label = html`${icons.file}<span class="cut" dir="auto">${this.#name}</span> <small>${about}</small>`;
    if (this.waiting !== undefined) return html`<span class="file" part="attachment">${label}</span>`;
    return html`<a class="file" part="attachment" href=${this.#source.url ?? nothing} download=${attachment.name ?? ""} target="_blank"
      rel="noopener noreferrer" aria-label=${[this.#texts.download(this.#name), about].join(", ")}>${label}${fileIcons.download}</a>`;
  }

  #upload() {
    const { sent = 0, size = this.attachment.size ?? 1 } = this.progress ?? {};
    return html`<progress max=${size} .value=${sent} aria-label=${this.#texts.uploading(this.#name)}></progress>`;
  }

  readonly #enlarge = () => {
    this.#viewer = openViewer(this, this.widget, this.thread, `${this.attachment.file}`);
  };

  get #kind() {
    return this.#source.broken ? "other" : kindOf(this.attachment);
  }

  get #texts() {
    return this.widget.strings.files ?? FILES;
  }

  get #name(): string {
    return shown(this.attachment.name || this.widget.strings.attachment);
  }

  /** What a picture shows, in the words of its sender, else its name. */
  get #title(): string {
    const { alt } = this.attachment;
    return typeof alt === "string" && alt.trim() !== "" ? shown(alt) : this.#name;
  }
}

/** Keeps a player to itself: a tap on it opens no actions of the message. */
function keepOut(event: Event): void {
  event.stopPropagation();
}

/** The arrows move in a film, and not between messages. */
function keepKeys(event: KeyboardEvent): void {
  if (event.key !== "Escape") event.stopPropagation();
}

define("nereid-file", FileView);
