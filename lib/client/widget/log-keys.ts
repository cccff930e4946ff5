import { stepOf } from "./roving.js";

/**
 * Moves the focus from message to message; from the log itself, to those in view. `leap` moves it to the first or the last message, if that is
 * not in the page.
 */
export function moveToMessage(
  event: KeyboardEvent,
  log: HTMLElement | null,
  rows: readonly HTMLElement[],
  leap: (first: boolean) => boolean,
): void {
  const step = stepOf(event);
  const at = rows.findIndex((it) => it.matches(":focus"));
  if (step === undefined || log === null || (at < 0 && event.target !== log)) return;
  event.preventDefault();
  if (!Number.isFinite(step) && leap(step < 0)) return;
  const { bottom } = log.getBoundingClientRect();
  const from = at < 0 ? rows.findLastIndex((it) => it.getBoundingClientRect().top < bottom) + 1 : at;
  rows[Math.min(Math.max(from + step, 0), rows.length - 1)]?.focus();
}

/** Moves the focus from the tools to their message, or from a message to the log; returns false where it is on the log itself. */
export function leaveMessage(event: KeyboardEvent, log: HTMLElement | null, rows: readonly HTMLElement[]): boolean {
  const target = event.target instanceof HTMLElement ? event.target : undefined;
  if (target === log) return false;
  event.stopPropagation();
  const onMessage = rows.some((it) => it.matches(":focus"));
  (onMessage ? log : target?.closest<HTMLElement>("[data-id]"))?.focus();
  return true;
}
