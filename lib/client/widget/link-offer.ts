import { html, nothing } from "lit";
import type { Chat } from "../protocol/chat.js";
import type { Attachment } from "../protocol/file.js";
import type { LinkPreview } from "../protocol/stanza.js";
import { autolink } from "../view/autolink.js";
import * as icons from "./icons.js";
import { card } from "./link-card.js";
import type { Strings } from "./strings.js";

// An address that is still being typed is none.
const PAUSE_MS = 700;

/** Offers to send along what the page says of itself to which a text links first. */
export class LinkOffer {
  readonly #changed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #url: string | undefined;
  /** By URL; undefined for a page without a preview, and for one whose preview the user does not want. */
  readonly #known = new Map<string, LinkPreview | undefined>();

  /** Calls `changed` when there is another offer. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Looks at the text that is being written. */
  look(text: string, chat: Chat): void {
    clearTimeout(this.#timer);
    this.#url = firstLink(text);
    this.#changed();
    const url = this.#url;
    if (url === undefined || this.#known.has(url)) return;
    this.#timer = setTimeout(() => this.#ask(url, chat), PAUSE_MS);
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#url = undefined;
    this.#known.clear();
  }

  /** Returns the attachments of a message with a text. */
  attachments(text: string): Attachment[] {
    const found = this.#found;
    if (found === undefined || firstLink(text) !== found.url) return [];
    const { url, title, ...preview } = found;
    return [{ url, name: title, contentType: "text/html", preview }];
  }

  render(strings: Strings) {
    const found = this.#found;
    if (found === undefined) return nothing;
    const dismiss = () => {
      this.#known.set(found.url, undefined);
      this.#changed();
    };
    return html`<div class="regarding">
      ${card(found.url, found.title, found.description)}
      <button type="button" class="tool" aria-label=${strings.noPreview} title=${strings.noPreview} @click=${dismiss}>${icons.close}</button>
    </div>`;
  }

  get #found(): LinkPreview | undefined {
    return this.#url === undefined ? undefined : this.#known.get(this.#url);
  }

  async #ask(url: string, chat: Chat): Promise<void> {
    this.#known.set(url, undefined);
    // Without a preview, the link is a link.
    const found = await chat.preview(url).catch(() => undefined);
    if (found !== undefined && this.#known.has(url)) this.#known.set(url, found);
    this.#changed();
  }
}

function firstLink(text: string): string | undefined {
  return autolink(text).find(({ href }) => href !== undefined)?.href;
}
