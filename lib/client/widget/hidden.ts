import { html, type PropertyDeclarations } from "lit";
import { latestFirst } from "../view/inbox.js";
import { define, Part } from "./part.js";
import { tabStop, threadItem } from "./thread-item.js";

/** The conversations that the user has hidden. */
class Hidden extends Part {
  static override properties: PropertyDeclarations = { focused: { attribute: false }, loading: { state: true } };
  /** The item that last had the focus. */
  declare focused: string | undefined;
  declare loading: boolean;

  constructor() {
    super();
    this.loading = true;
  }

  protected override firstUpdated(): void {
    void this.#load();
  }

  protected override render() {
    const { strings } = this.widget;
    const all = latestFirst(this.inbox).filter(({ thread }) => thread.hidden);
    const tab = tabStop(
      all.map(({ thread }) => thread.id),
      this.focused,
    );
    const context = { widget: this.widget, inbox: this.inbox, tab };
    if (all.length > 0) return html`<ul>${all.map((it) => html`<li>${threadItem(context, it)}</li>`)}</ul>`;
    return html`<p class="none quiet" role="status">${this.loading ? strings.olderConversations : strings.nothingHidden}</p>`;
  }

  async #load(): Promise<void> {
    await this.widget.attempt(this.widget.mirror.hidden());
    this.loading = false;
  }
}

define("nereid-hidden", Hidden);
