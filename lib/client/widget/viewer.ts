import { html, nothing, type PropertyDeclarations } from "lit";
import type { Attachment } from "../protocol/file.js";
import { linksOf } from "../view/file-links.js";
import * as fileIcons from "./file-icons.js";
import { kindOf } from "./file-kind.js";
import { FILES } from "./file-strings.js";
import * as icons from "./icons.js";
import { shown } from "./names.js";
import { define, Part, type Widget } from "./part.js";
import { adopt } from "./style/adopt.js";
import { viewer } from "./style/viewer.js";

type Shown = { all: readonly Attachment[]; at: number };

/** Opens a picture or a film of a thread as large as the window. Once that is closed, the focus returns to where it was opened from. */
export function openViewer(from: HTMLElement, widget: Widget, thread: string, file: string): Element | undefined {
  const all = viewable(widget, thread);
  const at = all.findIndex((it) => it.file === file);
  const root = from.getRootNode();
  if (at < 0 || !(root instanceof ShadowRoot)) return undefined;
  const opened = Object.assign(new Viewer(), { widget, from, shown: { all, at } });
  // The widget renders before this: what it renders anew, it leaves in its place.
  root.append(opened);
  return opened;
}

/** Lists the pictures and films of the messages of a thread that are shown. */
function viewable({ mirror }: Widget, thread: string): Attachment[] {
  const it = mirror.inbox.conversations.get(thread);
  const entries = (it?.apart ?? it)?.entries ?? [];
  const attachments = entries.filter(({ blocked }) => !blocked).flatMap(({ attachments = [] }) => attachments);
  return attachments.filter((it) => typeof it.file === "string" && /picture|film/.test(kindOf(it)));
}

class Viewer extends Part {
  static override properties: PropertyDeclarations = {
    shown: { attribute: false },
    source: { state: true },
    gone: { state: true },
  };
  declare shown: Shown;
  declare from: HTMLElement;
  declare source: string | undefined;
  declare gone: boolean;
  #retried: unknown;

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, viewer);
  }

  protected override firstUpdated(): void {
    this.querySelector("dialog")?.showModal();
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("shown")) void this.#load();
  }

  protected override render() {
    const { strings } = this.widget;
    const texts = this.#texts;
    const { all, at } = this.shown;
    const name = this.#name;
    return html`<dialog class="viewer" part="dialog" aria-label=${name}
      @close=${this.#closed} @keydown=${this.#onKey} @click=${this.#onClick}>
      <div class="stage">${this.gone ? html`<p role="status">${texts.gone}</p>` : this.#content(name)}</div>
      <p class="unseen" role="status">${name}, ${at + 1} / ${all.length}</p>
      <div class="top">
        <span class="cut" dir="auto">${name}</span>
        <a class="tool" href=${this.source ?? nothing} download=${this.#attachment?.name ?? ""} target="_blank" rel="noopener noreferrer"
          aria-label=${texts.download(name)} title=${texts.download(name)}>${fileIcons.download}</a>
        <button type="button" class="tool" autofocus aria-label=${strings.close} title=${strings.close} @click=${() => this.#close()}>${icons.close}</button>
      </div>
      ${at > 0 ? this.#step("previous", fileIcons.previous, -1) : nothing}
      ${at < all.length - 1 ? this.#step("next", fileIcons.next, 1) : nothing}
    </dialog>`;
  }

  #content(name: string) {
    if (this.source === undefined) return nothing;
    return this.#attachment && kindOf(this.#attachment) === "film"
      ? html`<video controls playsinline autoplay aria-label=${name} src=${this.source} @error=${this.#failed}></video>`
      : html`<img alt=${name} src=${this.source} @error=${this.#failed} />`;
  }

  #step(name: "previous" | "next", icon: unknown, by: number) {
    const text = this.#texts[name];
    return html`<button type="button" class="tool ${name}" aria-label=${text} title=${text} @click=${() => this.#go(by)}>${icon}</button>`;
  }

  #go(by: number): void {
    const { all, at } = this.shown;
    const next = Math.min(all.length - 1, Math.max(0, at + by));
    if (next === at) return;
    this.shown = { all, at: next };
    // The button goes away at the end.
    void this.updateComplete.then(() => {
      if (this.querySelector(":focus") === null) this.querySelector<HTMLElement>("[autofocus]")?.focus();
    });
  }

  async #load(anew = false): Promise<void> {
    const file = this.#attachment?.file;
    [this.source, this.gone] = [undefined, false];
    const found = await linksOf(this.widget.chat)
      .get(`${file}`, anew)
      .catch(() => null);
    if (this.#attachment?.file !== file || found === null) return;
    this.gone = found === undefined;
    if (found !== undefined && /^https?:/.test(found.url)) this.source = found.url;
  }

  readonly #failed = () => {
    const file = this.#attachment?.file;
    if (this.#retried === file) return;
    this.#retried = file;
    void this.#load(true);
  };

  readonly #onKey = (event: KeyboardEvent) => {
    // Nothing behind the dialog acts on its keys; in a film, the arrows move in that.
    event.stopPropagation();
    if (event.target instanceof HTMLMediaElement) return;
    const turned = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const by = { ArrowRight: turned, ArrowLeft: -turned, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.#go(by);
  };

  readonly #onClick = ({ target }: Event) => {
    if (target instanceof HTMLDialogElement || (target instanceof Element && target.matches(".stage"))) this.#close();
  };

  readonly #closed = () => {
    this.remove();
    this.from.querySelector<HTMLElement>("button")?.focus();
  };

  #close(): void {
    this.querySelector("dialog")?.close();
  }

  get #attachment(): Attachment | undefined {
    return this.shown.all[this.shown.at];
  }

  get #texts() {
    return this.widget.strings.files ?? FILES;
  }

  get #name(): string {
    const alt = this.#attachment?.alt;
    return shown((typeof alt === "string" && alt.trim()) || this.#attachment?.name || this.widget.strings.attachment);
  }
}

define("nereid-viewer", Viewer);
