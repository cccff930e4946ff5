import { html, nothing } from "lit";
import type { Content } from "../protocol/stanza.js";
import type { Entry } from "../view/entry.js";
import type { formatByKey } from "./format-keys.js";
import * as icons from "./icons.js";
import type { LinkOffer } from "./link-offer.js";
import type { MentionPicker } from "./mention-picker.js";
import type { Widget } from "./part.js";

type Area = () => HTMLTextAreaElement | null;

/** Completes names, offers previews of links, and formats. All of it is loaded when somebody begins to write; without it, text is text. */
export class WritingAids {
  picker: MentionPicker | undefined;
  links: LinkOffer | undefined;
  /** Marks what is selected, if a key asks for that. */
  format: typeof formatByKey | undefined;
  /** Whether the panel with emoji and formats is open. */
  isOpen = false;
  #toHtml: ((text: string) => string | undefined) | undefined;
  readonly #changed: () => void;
  #loading: Promise<void> | undefined;

  /** Calls `changed` when there is another choice or offer. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Loads them, once, and then calls `loaded`. After a failure, the next call tries again. */
  load(loaded: () => void): void {
    this.#loading ??= this.#load().then(loaded, () => {
      this.#loading = undefined;
    });
  }

  /** Forgets what the text was, since another one begins. */
  reset(): void {
    this.picker?.reset();
    this.links?.reset();
  }

  /** Returns what a new message has of a text: itself, whom it mentions, and the preview that goes along. */
  contents(text: string): Content {
    const mentions = this.picker?.mentions(text) ?? [];
    const attachments = this.links?.attachments(text) ?? [];
    return {
      ...this.#formatted(text),
      ...(mentions.length > 0 && { mentions }),
      ...(attachments.length > 0 && { attachments }),
    };
  }

  /** Returns what a message has of its new text; also whom it mentions, if they are others, and that it is not HTML any more. */
  edited(text: string, { type, mentions: before = [] }: Entry): Content {
    const mentions = this.picker?.mentions(text) ?? [];
    return {
      ...(type === "html" && { type: "plain" as const }),
      ...this.#formatted(text),
      ...(mentions.join() !== before.join() && { mentions }),
    };
  }

  #formatted(text: string): Pick<Content, "type" | "text"> {
    const html = this.#toHtml?.(text);
    return html === undefined ? { text } : { type: "html", text: html };
  }

  /** Renders the button of the panel. */
  button(widget: Widget, area: Area) {
    const name = widget.strings.insert;
    return html`<button type="button" class="tool" part="insert" aria-expanded=${this.isOpen} aria-label=${name} title=${name}
      @click=${() => this.toggle(widget, area())}>${icons.smile}</button>`;
  }

  panel(widget: Widget, area: Area) {
    if (!this.isOpen) return nothing;
    return html`<nereid-emoji-picker .widget=${widget} .area=${area} @nereid-close=${() => this.toggle(widget, area())}></nereid-emoji-picker>`;
  }

  /** Opens the panel, or closes it: then the input has the focus. */
  toggle(widget: Widget, area: HTMLTextAreaElement | null): void {
    this.isOpen = !this.isOpen;
    if (this.isOpen) void widget.attempt(import("./emoji-picker.js"));
    else area?.focus();
    this.#changed();
  }

  async #load(): Promise<void> {
    const [{ MentionPicker }, { LinkOffer }, { formatByKey, toHtml }] = await Promise.all([
      import("./mention-picker.js"),
      import("./link-offer.js"),
      import("./format-keys.js"),
    ]);
    [this.format, this.#toHtml] = [formatByKey, toHtml];
    this.picker = new MentionPicker(this.#changed);
    this.links = new LinkOffer(this.#changed);
  }
}
