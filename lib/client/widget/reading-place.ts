/**
 * Notes where the topmost visible message of a log is, before others are added or taken out; the returned function scrolls it back there
 * afterwards. Browsers with scroll anchoring keep what a reader sees themselves, but at the end of the log: `always` is for changes after it.
 * Safari, and pages that turn anchoring off, need this for every change.
 */
export function keepPlace(log: HTMLElement, always: boolean): () => void {
  if (!always && getComputedStyle(log).overflowAnchor === "auto") return () => {};
  const { top } = log.getBoundingClientRect();
  const row = [...log.querySelectorAll("[data-id]")].find((it) => it.getBoundingClientRect().bottom > top);
  const before = row?.getBoundingClientRect().bottom ?? 0;
  return () => {
    // A message that is the first of those in the page has a name above it, which goes when others come before it.
    const by = row?.isConnected ? row.getBoundingClientRect().bottom - before : 0;
    // It would end a scroll that the browser animates.
    if (by !== 0) log.scrollTop += by;
  };
}
