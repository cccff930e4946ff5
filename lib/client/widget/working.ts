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

/**
 * Whether a click is the second one of a double click: it was made before anybody could read what the first one asked. Nobody taps twice
 * out of habit, and two taps that are meant can be as fast.
 */
export function isRepeated(event: MouseEvent): boolean {
  const byTouch = "pointerType" in event && event.pointerType === "touch";
  return event.detail > 1 && !byTouch;
}
