// How often an element that is in the viewport, but transparent or hidden, is looked at again: no event reports that it appears.
const LOOK_MS = 1_000;

/** Observes whether an element is displayed: laid out, in the viewport, with a size, and neither hidden nor transparent. */
export class DisplayObserver {
  readonly #changed: () => void;
  readonly #observer: IntersectionObserver;
  #element: Element | undefined;
  #intersects = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls `changed` when the element may have appeared. */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#observer = new IntersectionObserver((entries) => {
      const last = entries.at(-1);
      this.#intersects = last !== undefined && last.intersectionRect.width > 0 && last.intersectionRect.height > 0;
      if (this.#intersects) this.#changed();
      else if (last?.isIntersecting) this.#lookLater(() => this.#observeAgain(last.target));
    });
  }

  observe(element: Element | null): void {
    if (element === null || element === this.#element) return;
    this.disconnect();
    this.#element = element;
    this.#observer.observe(element);
  }

  disconnect(): void {
    this.#observer.disconnect();
    clearTimeout(this.#timer);
    [this.#element, this.#intersects] = [undefined, false];
  }

  get isDisplayed(): boolean {
    const element = this.#element;
    if (element === undefined || !this.#intersects) return false;
    const { width, height } = element.getBoundingClientRect();
    if (width > 0 && height > 0 && isVisible(element)) return true;
    this.#lookLater(this.#changed);
    return false;
  }

  #lookLater(look: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(look, LOOK_MS);
  }

  /** An element that is scaled to nothing intersects already, so that nothing is reported when it grows. */
  #observeAgain(element: Element): void {
    this.#observer.unobserve(element);
    this.#observer.observe(element);
  }
}

// Safari has `checkVisibility` since 17.4; the names of its options have changed.
function isVisible(element: Element): boolean {
  const options = { visibilityProperty: true, opacityProperty: true, checkVisibilityCSS: true, checkOpacity: true };
  return typeof element.checkVisibility === "function" ? element.checkVisibility(options) : true;
}
