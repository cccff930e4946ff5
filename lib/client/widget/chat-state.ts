import type { Widget } from "./part.js";

// `composing` expires after 10 s at the receivers, so it is repeated twice as often.
const COMPOSING_MS = 5_000;
// A short message that is sent at once needs no `composing`.
const DELAY_MS = 600;

/** Tells the other members of a thread that the user is typing. */
export class ChatStateSender {
  readonly #widget: () => Widget;
  #thread: string | undefined;
  /** When `composing` was last sent; 0 when the user is not typing. */
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #messages = 0;

  constructor(widget: () => Widget) {
    this.#widget = widget;
  }

  /** The text has changed. */
  onText(thread: string, text: string): void {
    if (text === "") this.pause();
    else this.compose(thread);
  }

  /** The user has typed. */
  compose(thread: string): void {
    if (this.#thread !== thread) this.pause();
    // Nobody is told before the first message.
    if ("to" in this.#widget().address(thread) || Math.abs(Date.now() - this.#last) < COMPOSING_MS) return;
    [this.#thread, this.#last] = [thread, Date.now()];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#compose(thread), DELAY_MS);
  }

  /** The user has stopped typing. */
  pause(): void {
    const thread = this.#end();
    if (thread !== undefined) this.#send(thread, "paused");
  }

  /** The message that the user was typing is sent, which ends `composing` at the receivers. */
  overtake(): void {
    this.#messages++;
    this.#end();
  }

  async #compose(thread: string): Promise<void> {
    const messages = this.#messages;
    await this.#send(thread, "composing");
    // The request was slower than the message: the receivers believe that the user types again.
    if (messages !== this.#messages) await this.#send(thread, "active");
  }

  #end(): string | undefined {
    const thread = this.#last === 0 ? undefined : this.#thread;
    this.#last = 0;
    clearTimeout(this.#timer);
    return thread;
  }

  #send(thread: string, state: "composing" | "paused" | "active"): Promise<void> {
    return this.#widget()
      .chat.typing(thread, state)
      .catch(() => {});
  }
}
