import { html } from "lit";
import type { Entry } from "../view/entry.js";
import { cut, type Drawn, type Excerpt } from "../view/excerpt.js";
import { type Row, timeline } from "../view/timeline.js";
import { day } from "./date.js";
import { row } from "./message.js";
import type { MessageContext } from "./message-context.js";

/** The rows of a log: those of the loaded messages that are in the page. */
export class LogRows {
  #drawn: Drawn | undefined;
  #rows: readonly Row[] = [];

  /** What is in the page. */
  get drawn(): Drawn | undefined {
    return this.#drawn;
  }

  /** Another conversation is shown. */
  reset(): void {
    this.#drawn = undefined;
  }

  /** Lays out an excerpt of the entries; cached until they change. `read` is where the unread messages begin. */
  layOut(entries: readonly Entry[], excerpt: Excerpt, me: string | undefined, read: number): readonly Row[] {
    const before = this.#drawn;
    const now = cut(entries, excerpt, before);
    if (before?.entries === entries && before.from === now.from && before.to === now.to) return this.#rows;
    this.#drawn = now;
    this.#rows = timeline(entries, me, read, now);
    return this.#rows;
  }
}

/** Renders one row. */
export function drawRow(it: Row, context: MessageContext) {
  const { strings, language } = context.widget;
  if (it.kind === "day") return html`<p class="day quiet"><span>${day(it.date, language)}</span></p>`;
  if (it.kind === "unread") return html`<p class="since"><span>${strings.newMessages}</span></p>`;
  return row(it, context);
}
