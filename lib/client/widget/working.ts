const busy = new WeakSet<EventTarget>();

/**
 * Returns an event listener that ignores further events of its element until `work` has ended, so that a double click acts once. The
 * element is `aria-busy` meanwhile; it is not disabled, since that would take the focus away.
 */
export function working<E extends Event>(work: (event: E) => unknown): (event: E) => Promise<void> {
  return async (event) => {
    event.preventDefault();
    const element = event.currentTarget;
    if (!(element instanceof Element) || busy.has(element)) return;
    busy.add(element);
    element.setAttribute("aria-busy", "true");
    try {
      await work(event);
    } finally {
      busy.delete(element);
      element.removeAttribute("aria-busy");
    }
  };
}
