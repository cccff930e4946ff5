import { html, nothing, type PropertyDeclarations } from "lit";
import type { Attachment, OutgoingFile } from "../protocol/file.js";
import type { Entry } from "../view/entry.js";
import { sizeText } from "./file-kind.js";
import * as icons from "./icons.js";
import { card } from "./link-card.js";
import { shown } from "./names.js";
import { define, Part } from "./part.js";
import { adopt } from "./style/adopt.js";
import { files } from "./style/files.js";
import { waitingFiles } from "./waiting-files.js";
import "./file-view.js";

/** The attachments of a message: files, previews of links, and links to files that are elsewhere. */
class Attachments extends Part {
  static override properties: PropertyDeclarations = { entry: { attribute: false } };
  declare entry: Entry;
  /** The files with which a message waited here: once it is sent, they are shown without being loaded. */
  #own: { id: string; files: readonly OutgoingFile[] } | undefined;

  protected override createRenderRoot(): HTMLElement {
    // Before the places that the message keeps here: to draw those anew, the message clears what comes after them.
    this.renderOptions.renderBefore = this.firstChild;
    return super.createRenderRoot();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, files);
  }

  protected override willUpdate(): void {
    const { id, attachments = [] } = this.entry;
    const waiting = waitingFiles(this.entry);
    if (waiting.length > 0) this.#own = { id, files: waiting };
    else if (this.#own?.id !== id || attachments.length < this.#own.files.length) this.#own = undefined;
  }

  protected override render() {
    const { id, attachments = [] } = this.entry;
    const own = this.#own?.files ?? [];
    const waits = waitingFiles(this.entry).length > 0;
    const others = waits ? attachments : attachments.slice(0, attachments.length - own.length);
    return html`${others.map((it) => this.#one(it))}${own.map((file, at) => {
      const it = waits ? undefined : attachments[others.length + at];
      return this.#file(it ?? described(file), file.content, it === undefined ? { id, file: at } : undefined);
    })}`;
  }

  #one(attachment: Attachment) {
    if (typeof attachment.file === "string") return this.#file(attachment);
    const { url, preview } = attachment;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return nothing;
    const { strings, language } = this.widget;
    const name = shown(attachment.name || strings.attachment);
    const size = sizeText(attachment.size, language);
    // Line breaks would be a part of the name that screen readers read.
    return html`<a class="file" part="attachment" href=${url} target="_blank" rel="noopener noreferrer nofollow">${
      isObject(preview)
        ? card(url, name, descriptionIn(preview))
        : html`${icons.file}<span class="cut" dir="auto">${name}</span>`
    }${size === undefined ? nothing : html` <small>${size}</small>`}</a>`;
  }

  #file(attachment: Attachment, content?: Blob, waiting?: { id: string; file: number }) {
    return html`<nereid-file .widget=${this.widget} .attachment=${attachment} .content=${content} .waiting=${waiting}
      .thread=${this.entry.thread}></nereid-file>`;
  }
}

/** Describes a file that waits as the attachment that it becomes. */
function described({ content, name, alt }: OutgoingFile): Attachment {
  const given = name ?? ("name" in content ? `${content.name}` : "");
  return { url: "", name: given, contentType: content.type, size: content.size, ...(alt && { alt }) };
}

/** Returns what the sender's client attached of a page's description. */
function descriptionIn(preview: object): string | undefined {
  const text = "description" in preview && typeof preview.description === "string" ? preview.description : "";
  return text === "" ? undefined : shown(text);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

define("nereid-attachments", Attachments);
