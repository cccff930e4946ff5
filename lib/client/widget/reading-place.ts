/**
 * Notes the topmost visible message of a log; the returned function scrolls it back to its place. Browsers with scroll anchoring keep
 * what a reader sees themselves; Safari, and pages that turn it off, need this.
 */
export function readingPlace(log: HTMLElement | null): (() => void) | undefined {
  if (log === null || getComputedStyle(log).overflowAnchor === "auto") return undefined;
  const { top } = log.getBoundingClientRect();
  const row = [...log.querySelectorAll("[data-id]")].find((it) => it.getBoundingClientRect().bottom > top);
  const before = row?.getBoundingClientRect().top;
  const restore = () => {
    if (row?.isConnected && before !== undefined) log.scrollTop += row.getBoundingClientRect().top - before;
    return log.scrollTop;
  };
  return () => {
    let at = restore();
    // Messages out of view are laid out with an estimated size a frame later. By then the reader may have scrolled.
    const again = () => {
      if (log.scrollTop === at) at = restore();
    };
    requestAnimationFrame(() => {
      again();
      requestAnimationFrame(again);
    });
  };
}
