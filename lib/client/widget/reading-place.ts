// What a log could not be scrolled by, since browsers scroll by whole pixels of the screen.
const owed = new WeakMap<HTMLElement, number>();

/**
 * Notes where the topmost visible message of a log is, before others are added or taken out; the returned function scrolls it back there
 * afterwards. No browser's scroll anchoring does that: a log is laid out from its end, and what comes after the reader moves all before it.
 */
export function keepPlace(log: HTMLElement): () => void {
  const { top } = log.getBoundingClientRect();
  const row = [...log.querySelectorAll("[data-id]")].find((it) => it.getBoundingClientRect().bottom > top);
  // A message that is the first of those in the page has a name above it, which goes when others come before it.
  const place = () => row?.getBoundingClientRect().bottom ?? 0;
  const before = place() - (owed.get(log) ?? 0);
  return () => {
    const by = row?.isConnected ? place() - before : 0;
    // It would end a scroll that the browser animates.
    if (Math.abs(by) < 1) return;
    log.scrollTop += by;
    owed.set(log, place() - before);
  };
}

/** Notes where a message begins that is about to grow, and would push up its own beginning; the returned function scrolls it back there. */
export function keepTop(log: HTMLElement, row: HTMLElement): () => void {
  const top = () => row.getBoundingClientRect().top;
  const before = top();
  return () => {
    log.scrollTop += top() - before;
  };
}
