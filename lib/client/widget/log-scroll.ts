import type { Conversation } from "../view/conversation.js";
import { type Excerpt, newest } from "../view/excerpt.js";
import { comeBack } from "../view/excursion.js";
import { update } from "../view/inbox.js";
import type { LogRows } from "./log-rows.js";
import type { Part } from "./part.js";

/** The next messages are added when the user scrolls so close to an end of those that are shown. */
export const NEAR_PX = 800;
// A user so close to the end sees new messages.
const END_PX = 60;

/** What is known of the log to those who move in it. */
export type LogHost = Part & {
  conversation: Conversation;
  /** Which of the loaded messages are to be in the page, and which are. */
  excerpt: Excerpt;
  readonly rows: LogRows;
  readonly scrolledUp: boolean;
  /** The ids of long messages that are shown whole. */
  readonly unfolded: ReadonlySet<string>;
};

/** Where a log is scrolled to. */
export class LogScroll {
  readonly #host: LogHost;
  /** Whether the user is being led to a message: what is shown until then is not read. */
  isLeading = false;

  constructor(host: LogHost) {
    this.#host = host;
  }

  get log(): HTMLElement | null {
    return this.#host.querySelector(".log");
  }

  /** Whether the newest message is out of view, or not among those that are shown. */
  get isUp(): boolean {
    return !this.#hasNewest || -(this.log?.scrollTop ?? 0) > END_PX;
  }

  /** Whether the user is near the first of the messages in the page, and near the last of them. */
  near(log: HTMLElement): { first: boolean; last: boolean } {
    const above = log.scrollHeight - log.clientHeight + log.scrollTop;
    return { first: above < NEAR_PX, last: -log.scrollTop < NEAR_PX };
  }

  find(id: string): HTMLElement | null {
    return this.#host.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  /** Loads the next page where the user is near the first or the last of the messages that are loaded. */
  load(): void {
    const { log } = this;
    const { widget, conversation, rows } = this.#host;
    const { drawn } = rows;
    const { thread, apart } = conversation;
    // A log that is not displayed has no height.
    if (log === null || log.clientHeight === 0 || drawn === undefined || this.isLeading) return;
    const { first, last } = this.near(log);
    if (first && drawn.from === 0 && (apart ?? conversation).older) widget.attempt(widget.mirror.older(thread.id));
    if (last && drawn.to === drawn.entries.length && apart !== undefined)
      widget.attempt(widget.mirror.history.newer(thread.id));
  }

  /** Scrolls to the newest message. The end is at 0: the log is laid out from its end. */
  async toEnd(): Promise<void> {
    const { widget, conversation } = this.#host;
    if (!this.#hasNewest) {
      widget.mirror.edit((inbox) => update(inbox, conversation.thread.id, comeBack));
      this.#host.excerpt = newest(conversation.entries);
      await this.rendered();
    }
    this.log?.scrollTo({ top: 0 });
  }

  async rendered(): Promise<void> {
    // The widget renders before its parts do.
    await Promise.resolve();
    await new Promise(requestAnimationFrame);
    await this.#host.updateComplete;
  }

  get #hasNewest(): boolean {
    const { conversation, rows } = this.#host;
    const { drawn } = rows;
    return conversation.apart === undefined && drawn?.to === drawn?.entries.length;
  }
}
