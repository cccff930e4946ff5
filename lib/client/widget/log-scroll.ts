import type { Conversation } from "../view/conversation.js";
import { comeBack } from "../view/excursion.js";
import { update } from "../view/inbox.js";
import type { Part } from "./part.js";

// The next page is loaded when the user scrolls so close to an end of what is loaded.
const NEAR_PX = 800;
// A user so close to the end sees new messages.
const END_PX = 60;

type Host = Part & { conversation: Conversation };

/** Moves in a log: to its end, to a message wherever it is in the history, and to the first unread one. */
export class LogScroll {
  readonly #host: Host;
  /** Whether the user is being led to a message: what is shown until then is not read. */
  isLeading = false;

  constructor(host: Host) {
    this.#host = host;
  }

  get log(): HTMLElement | null {
    return this.#host.querySelector(".log");
  }

  /** Whether the newest message is out of view, or not among those that are shown. */
  get isUp(): boolean {
    return this.#host.conversation.apart !== undefined || -(this.log?.scrollTop ?? 0) > END_PX;
  }

  find(id: string): HTMLElement | null {
    return this.#host.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  /** Loads the next page where the user is near the first or the last of the messages that are shown. */
  load(): void {
    const { log } = this;
    const { widget, conversation } = this.#host;
    const { thread, apart } = conversation;
    if (log === null || this.isLeading) return;
    const above = log.scrollHeight - log.clientHeight + log.scrollTop;
    if (above < NEAR_PX && (apart ?? conversation).older) widget.attempt(widget.mirror.older(thread.id));
    if (apart !== undefined && -log.scrollTop < NEAR_PX) widget.attempt(widget.mirror.history.newer(thread.id));
  }

  /** Scrolls to the newest message. The end is at 0: the log is laid out from its end. */
  async toEnd(): Promise<void> {
    const { widget, conversation } = this.#host;
    if (conversation.apart !== undefined) {
      widget.mirror.edit((inbox) => update(inbox, conversation.thread.id, comeBack));
      await this.#rendered();
    }
    this.log?.scrollTo({ top: 0 });
  }

  /** Scrolls to a message and focuses it; loads the history around it if it is not shown. */
  async goTo(id: string): Promise<void> {
    if (this.find(id) === null) await this.#lead(id);
    const found = this.find(id);
    found?.scrollIntoView({ block: "center" });
    found?.focus({ preventScroll: true });
    this.isLeading = false;
  }

  /** Scrolls to the first message after the `seq` up to which the user had read. */
  async toUnread(read: number): Promise<void> {
    await this.#lead(read + 1);
    const since = this.#host.querySelector(".since");
    since?.scrollIntoView({ block: "start" });
    const next = since?.nextElementSibling;
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    this.isLeading = false;
  }

  /** Has the history around a message shown; nothing is loaded at the ends of it before the user is there. */
  async #lead(message: string | number): Promise<void> {
    const { widget, conversation } = this.#host;
    const { id } = conversation.thread;
    const { mirror } = widget;
    this.isLeading = true;
    await widget.attempt(mirror.open(id).then(() => mirror.history.around(id, message)));
    await this.#rendered();
  }

  /** Whether the line above what comes after `read` is in view, or was scrolled past. */
  hasPassed(read: number): boolean {
    const { entries, older } = this.#host.conversation.apart ?? this.#host.conversation;
    // Until it is loaded, the line stands above the first message that is.
    if (older !== false && (older === undefined || (entries[0]?.seq ?? 0) > read + 1)) return false;
    const since = this.#host.querySelector(".since")?.getBoundingClientRect();
    return since !== undefined && since.bottom > (this.log?.getBoundingClientRect().top ?? 0);
  }

  async #rendered(): Promise<void> {
    // The widget renders before its parts do.
    await Promise.resolve();
    await new Promise(requestAnimationFrame);
    await this.#host.updateComplete;
  }
}
