// How often an element that is in the viewport, but transparent, hidden or covered, is looked at again: no event reports that it appears.
const LOOK_MS = 1_000;

/** Observes whether an element is displayed: laid out, in the viewport, with a size, and neither hidden, transparent nor covered. */
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
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.height > 0 && isVisible(element, box)) return true;
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

// What is fainter cannot be read. An element that fades in passes this at once.
const OPACITY_MIN = 0.1;
// Where the middle of an element is covered, one of its quarters may not be: parts of its width and height.
const SAMPLES = [0.5, 0.25, 0.75];

/** Whether somebody can see an element: it is the topmost at one point at least, and neither it nor what it stands in is transparent. */
function isVisible(element: Element, { left, top, right, bottom }: DOMRect): boolean {
  const root = element.getRootNode();
  if (!(root instanceof ShadowRoot)) return false;
  const [x, y] = [Math.max(left, 0), Math.max(top, 0)];
  const [width, height] = [Math.min(right, innerWidth) - x, Math.min(bottom, innerHeight) - y];
  // What is hidden, inert, clipped away or behind something else is never the topmost.
  const isHit = (hit: Element | null) => root.contains(hit) || hit === root.host;
  const isOnTop = SAMPLES.some((h) => SAMPLES.some((v) => isHit(root.elementFromPoint(x + width * h, y + height * v))));
  return isOnTop && opacityOf(element) >= OPACITY_MIN;
}

/** Multiplies the opacities, of filters as well, of an element and all that it stands in, through slots and shadow roots. */
function opacityOf(element: Element): number {
  let opacity = 1;
  for (let it: Node | null = element; it !== null; it = parentOf(it)) {
    if (!(it instanceof Element)) continue;
    const style = getComputedStyle(it);
    const filters = [...style.filter.matchAll(/opacity\(([\d.]+)/g)];
    opacity *= filters.reduce((product, [, value]) => product * Number(value), Number(style.opacity));
  }
  return opacity;
}

function parentOf(node: Node): Node | null {
  if (node instanceof ShadowRoot) return node.host;
  return (node instanceof Element && node.assignedSlot) || node.parentNode;
}
