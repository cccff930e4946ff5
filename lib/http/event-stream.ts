import { hasPassed } from "../elapsed.js";
import type { Fault } from "../fault.js";
import { type Cursor, formatCursor } from "../log/cursor.js";
import type { Answer } from "../stream/answer.js";
import { withoutRetracted } from "../stream/collected.js";
import { describeProblem } from "./problem.js";

/** The media type of server-sent events (HTML, section 9.2). */
export const EVENT_STREAM = "text/event-stream; charset=utf-8";

/** Formats the reconnection time of a browser's EventSource. */
export function formatRetry(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/**
 * Formats an answer: one event per stanza, whose id is the cursor after it, whatever else the answer holds. How far was looked beyond the
 * last one follows as an id without data, which moves a browser's position and is no event. Stanzas are JSON without raw line breaks, so
 * a stanza cannot end its event.
 */
export function formatEvents(
  { prev, cursor, stanzas }: Pick<Answer, "prev" | "cursor" | "stanzas">,
  now: number,
): string {
  const timestamp = new Date(now).toISOString();
  const said = withoutRetracted(stanzas);
  const ids = said.map(({ n, after }) => formatCursor(after ?? { epoch: n === prev.n ? prev.epoch : cursor.epoch, n }));
  const events = said.map(({ body }, i) => formatEvent(ids[i] ?? "", body, timestamp));
  const end = formatCursor(cursor);
  return `${events.join("")}${ids.at(-1) === end ? "" : `id: ${end}\n\n`}`;
}

// Readers that are behind may come to the same event later, with a timestamp of their own.
const FRAME_MS = 1_000;

/** The last frame that was encoded, for the other readers of the same event: a room's members are written to one after the other. */
export class LastFrame {
  #cursor: Cursor = { epoch: "", n: 0 };
  #body = "";
  #at = 0;
  #frame = new Uint8Array();

  /** Encodes a stanza as an event whose id is a cursor. */
  encode(body: string, cursor: Cursor, now: number): Uint8Array {
    const { epoch, n } = this.#cursor;
    const isKnown =
      cursor.n === n && cursor.epoch === epoch && !hasPassed(FRAME_MS, this.#at, now) && body === this.#body;
    if (isKnown) return this.#frame;
    this.#cursor = cursor;
    this.#body = body;
    this.#at = now;
    this.#frame = Buffer.from(formatEvent(formatCursor(cursor), body, new Date(now).toISOString()));
    return this.#frame;
  }
}

function formatEvent(id: string, body: string, timestamp: string): string {
  return `id: ${id}\ndata: {"timestamp":"${timestamp}",${body.slice(1)}\n\n`;
}

/** Formats a fault as an event named `problem`. */
export function formatProblem(fault: Fault): string {
  return `event: problem\ndata: ${JSON.stringify(describeProblem(fault))}\n\n`;
}
