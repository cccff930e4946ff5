import type { Fault } from "../fault.js";
import { formatCursor } from "../log/cursor.js";
import type { Answer } from "../stream/answer.js";
import { describeProblem } from "./problem.js";

/** The media type of server-sent events (HTML, section 9.2). */
export const EVENT_STREAM = "text/event-stream; charset=utf-8";

/** Formats the reconnection time of a browser's EventSource. */
export function formatRetry(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/**
 * Formats an answer: one event per stanza, whose id is the cursor after it. Without stanzas, an id alone moves the browser's position.
 * Stanzas are JSON without raw line breaks, so a stanza cannot end its event.
 */
export function formatEvents({ prev, cursor, stanzas }: Answer, now: number): string {
  if (stanzas.length === 0) return `id: ${formatCursor(cursor)}\n\n`;
  const timestamp = new Date(now).toISOString();
  return stanzas
    .map(({ n, body }, i) => {
      const after = i === stanzas.length - 1 ? cursor : { epoch: n === prev.n ? prev.epoch : cursor.epoch, n };
      return `id: ${formatCursor(after)}\ndata: {"timestamp":"${timestamp}",${body.slice(1)}\n\n`;
    })
    .join("");
}

/** Formats a fault as an event named `problem`. */
export function formatProblem(fault: Fault): string {
  return `event: problem\ndata: ${JSON.stringify(describeProblem(fault))}\n\n`;
}
