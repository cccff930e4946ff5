import { isPassing } from "../protocol/problem.js";
import type { Conversation } from "../view/conversation.js";
import { DisplayObserver } from "./display.js";

// A receipt is a write: messages that arrive within this time are reported with one.
const DELAY_MS = 400;
// By then, an instance that was replaced or a full store is likely back.
const RETRY_MS = 5_000;

/** Reports the messages of a log as read once somebody sees them: in a displayed log of a visible page that has the focus. */
export class ReadReporter {
  readonly #shown: () => Conversation | undefined;
  readonly #read: (thread: string, seq: number) => Promise<void>;
  readonly #onVisibility = () => this.report();
  readonly #display = new DisplayObserver(this.#onVisibility);
  #reported = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `shown` returns the conversation whose end is in view; `read` sends the receipt. */
  constructor(shown: () => Conversation | undefined, read: (thread: string, seq: number) => Promise<void>) {
    this.#shown = shown;
    this.#read = read;
  }

  observe(log: Element | null): void {
    for (const type of ["visibilitychange", "focus"]) window.addEventListener(type, this.#onVisibility, true);
    this.#display.observe(log);
  }

  disconnect(): void {
    for (const type of ["visibilitychange", "focus"]) window.removeEventListener(type, this.#onVisibility, true);
    clearTimeout(this.#timer);
    this.#display.disconnect();
  }

  /** Another conversation is shown. */
  reset(): void {
    this.#reported = 0;
    clearTimeout(this.#timer);
  }

  report(): void {
    const { read = 0, thread } = this.#shown() ?? {};
    if (thread === undefined || thread.seq <= Math.max(read, this.#reported)) return;
    if (document.visibilityState !== "visible" || !document.hasFocus() || !this.#display.isDisplayed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // The user may have scrolled away, or have been led to another message.
      if (!this.#display.isDisplayed || this.#shown()?.thread.id !== thread.id) return;
      this.#reported = thread.seq;
      this.#read(thread.id, thread.seq).catch((error) => this.#onFailure(error));
    }, DELAY_MS);
  }

  #onFailure(error: unknown): void {
    this.#reported = 0;
    if (!isPassing(error)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.report(), RETRY_MS);
  }
}
