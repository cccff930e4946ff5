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
  const isOnTop = SAMPLES.some((h) => SAMPLES.some((v) => isTopmost(root.host, x + width * h, y + height * v)));
  return isOnTop && opacityOf(element) >= OPACITY_MIN;
}

/**
 * Whether an element is the topmost at a point, in the pages of the frames around it as well. What is hidden, inert, clipped away or behind
 * something else never is. The trees outside are asked: Firefox finds what is in a shadow root at a point although it is covered from outside.
 */
function isTopmost(element: Element, x: number, y: number): boolean {
  const tree = element.getRootNode();
  if (!isTree(tree) || tree.elementFromPoint(x, y) !== element) return false;
  if ("host" in tree) return isTopmost(tree.host, x, y);
  const frame = frameOf(tree);
  if (frame === null) return true;
  const { left, top, width, height } = frame.getBoundingClientRect();
  const [horizontal, vertical] = [width / frame.offsetWidth, height / frame.offsetHeight];
  return isTopmost(frame, left + (x + frame.clientLeft) * horizontal, top + (y + frame.clientTop) * vertical);
}

/** Multiplies the opacities, of filters as well, of an element and all that it stands in, through slots, shadow roots and frames. */
function opacityOf(element: Element): number {
  let opacity = 1;
  for (let it: Node | null = element; it !== null; it = parentOf(it)) {
    if (!isElement(it)) continue;
    const style = getComputedStyle(it);
    const filters = [...style.filter.matchAll(/opacity\(([\d.]+)/g)];
    opacity *= filters.reduce((product, [, value]) => product * Number(value), Number(style.opacity));
    if (isMaskedOut(style)) return 0;
  }
  return opacity;
}

/** Whether a mask of gradients is transparent everywhere. */
function isMaskedOut({ maskImage }: CSSStyleDeclaration): boolean {
  const colours = /url\(/.test(maskImage) ? [] : (maskImage.match(/rgba?\([^)]*\)/g) ?? []);
  return colours.length > 0 && colours.every((it) => /^rgba\(.*, 0\)$/.test(it));
}

function parentOf(node: Node): Node | null {
  if (isTree(node)) return "host" in node ? node.host : frameOf(node);
  return (isElement(node) && node.assignedSlot) || node.parentNode;
}

/** The frame that shows a document, if this page may see it: one of another origin may not. */
function frameOf({ defaultView }: Document): HTMLElement | null {
  const frame = defaultView?.frameElement ?? null;
  return frame !== null && isHtml(frame) ? frame : null;
}

// The classes of another frame are others than those of this page.
function isHtml(element: Element): element is HTMLElement {
  return "offsetWidth" in element;
}

function isElement(node: Node): node is Element {
  return node.nodeType === Node.ELEMENT_NODE;
}

function isTree(node: Node): node is Document | ShadowRoot {
  return "elementFromPoint" in node;
}
