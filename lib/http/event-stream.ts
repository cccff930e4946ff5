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
 * Formats an answer: one event per stanza, whose id is the cursor after it, whatever else the answer holds. How far was looked beyond the
 * last one follows as an id without data, which moves a browser's position and is no event. Stanzas are JSON without raw line breaks, so
 * a stanza cannot end its event.
 */
export function formatEvents({ prev, cursor, stanzas }: Answer, now: number): string {
  const timestamp = new Date(now).toISOString();
  const ids = stanzas.map(({ n, after }) =>
    formatCursor(after ?? { epoch: n === prev.n ? prev.epoch : cursor.epoch, n }),
  );
  const events = stanzas.map(({ body }, i) => `id: ${ids[i]}\ndata: {"timestamp":"${timestamp}",${body.slice(1)}\n\n`);
  const end = formatCursor(cursor);
  return `${events.join("")}${ids.at(-1) === end ? "" : `id: ${end}\n\n`}`;
}

/** Formats a fault as an event named `problem`. */
export function formatProblem(fault: Fault): string {
  return `event: problem\ndata: ${JSON.stringify(describeProblem(fault))}\n\n`;
}
