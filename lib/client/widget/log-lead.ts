import { isSameId } from "../view/entry.js";
import { toExcerpt } from "../view/excerpt.js";
import type { LogHost, LogScroll } from "./log-scroll.js";

// So many messages before and after the one that was looked for are in the page.
const AROUND = 60;

/** Leads the reader to a message wherever it is in the history, and to the first unread one. */
export class LogLead {
  readonly #host: LogHost;
  readonly #scroll: LogScroll;

  constructor(host: LogHost, scroll: LogScroll) {
    this.#host = host;
    this.#scroll = scroll;
  }

  /** Scrolls to a message and focuses it; loads the history around it if it is not shown. */
  async goTo(id: string): Promise<void> {
    const found = this.#scroll.find(id) ?? (await this.#lead(id));
    found?.scrollIntoView({ block: "center" });
    found?.focus({ preventScroll: true });
    this.#scroll.isLeading = false;
  }

  /** Scrolls to the first message after the `seq` up to which the user had read. */
  async toUnread(read: number): Promise<void> {
    await this.#lead(read + 1);
    const since = this.#host.querySelector(".since");
    since?.scrollIntoView({ block: "start" });
    const next = since?.nextElementSibling;
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    this.#scroll.isLeading = false;
  }

  /** Leads to the first or the last of the loaded messages; returns false where it is in the page. */
  toEdge(first: boolean): boolean {
    const { entries } = this.#host.conversation.apart ?? this.#host.conversation;
    const id = entries.at(first ? 0 : -1)?.id;
    if (id === undefined || this.#scroll.find(id) !== null) return false;
    void this.goTo(id);
    return true;
  }

  /** Whether the line above what comes after `read` is in view, or was scrolled past. */
  hasPassed(read: number): boolean {
    const { conversation, rows } = this.#host;
    const { entries, older } = conversation.apart ?? conversation;
    // Until it is loaded, the line stands above the first message that is.
    if (older !== false && (older === undefined || (entries[0]?.seq ?? 0) > read + 1)) return false;
    const since = this.#host.querySelector(".since")?.getBoundingClientRect();
    const { drawn } = rows;
    // Out of the page, it is below all that is in it, or above.
    if (since === undefined) return (drawn?.entries[drawn.to - 1]?.seq ?? Number.POSITIVE_INFINITY) <= read;
    return since.bottom > (this.#scroll.log?.getBoundingClientRect().top ?? 0);
  }

  /** Returns a message once it is in the page, with those around it; nothing is added at the ends of them before the user is there. */
  async #lead(message: string | number): Promise<HTMLElement | null> {
    const { widget, conversation } = this.#host;
    const { id } = conversation.thread;
    const { mirror } = widget;
    this.#scroll.isLeading = true;
    await widget.attempt(mirror.open(id).then(() => mirror.history.around(id, message)));
    await this.#scroll.rendered();
    const { entries } = this.#host.conversation.apart ?? this.#host.conversation;
    const at = entries.findIndex(({ id, seq }) =>
      typeof message === "number" ? seq === message : isSameId(id, message),
    );
    const { drawn } = this.#host.rows;
    const isDrawn = drawn?.entries === entries && at >= drawn.from && at < drawn.to;
    if (at >= 0 && !isDrawn) {
      const [from, to] = [Math.max(0, at - AROUND), Math.min(entries.length, at + AROUND)];
      this.#host.excerpt = toExcerpt({ entries, from, to });
      await this.#host.updateComplete;
    }
    return this.#scroll.find(entries[at]?.id ?? "");
  }
}
