import { type Inbox, unreadTotal } from "../view/inbox.js";

const ICON_PX = 32;

/** How much is unread, in the title and on the icon of the page: `(2) A shop`, and a dot. */
export class PageBadge {
  readonly #observer = new MutationObserver(() => this.#onTitle());
  #count = 0;
  /** The title as the page set it, while it has a count before it; and as it is with the count. */
  #title: { own: string; shown: string } | undefined;
  #icon: HTMLLinkElement | undefined;

  /** Shows the count in these places, of `title` and `favicon`; in other places, what the page has is back. */
  update(places: string, inbox: Inbox): void {
    this.#count = unreadTotal(inbox);
    const shown = (place: string) => places.split(/\s+/).includes(place);
    if (shown("title")) this.#showTitle();
    else this.#restoreTitle();
    if (shown("favicon") && this.#count > 0) this.#showDot();
    else this.#removeDot();
  }

  #showTitle(): void {
    const own = this.#title?.own ?? document.title;
    const shown = this.#count > 0 ? `(${this.#count}) ${own}` : own;
    this.#title = { own, shown };
    if (document.title !== shown) document.title = shown;
    // A page of many views changes its title.
    this.#observer.observe(document.head, { childList: true, characterData: true, subtree: true });
  }

  #onTitle(): void {
    // Another chat of the page may have put its count before this one: to answer would make the title longer for ever.
    if (this.#title === undefined || document.title.endsWith(this.#title.shown)) return;
    this.#title = { own: document.title, shown: document.title };
    this.#showTitle();
  }

  #restoreTitle(): void {
    this.#observer.disconnect();
    if (this.#title !== undefined && document.title === this.#title.shown) document.title = this.#title.own;
    this.#title = undefined;
  }

  /** The last icon of a page is the one that is shown. */
  #showDot(): void {
    if (this.#icon !== undefined) return;
    const icon = document.createElement("link");
    icon.rel = "icon";
    this.#icon = icon;
    const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel~="icon"]')];
    draw(links.at(-1)?.href ?? new URL("/favicon.ico", location.href).href).then(
      (url) => {
        icon.href = url;
        if (this.#icon === icon) document.head.append(icon);
      },
      // The browser draws on no canvas here, or gives away nothing of it.
      () => {},
    );
  }

  #removeDot(): void {
    this.#icon?.remove();
    this.#icon = undefined;
  }
}

/** Draws the icon with a dot in its corner; one that cannot be loaded, or is of another origin, as the dot alone. */
async function draw(url: string): Promise<string> {
  const image = new Image();
  image.crossOrigin = "anonymous";
  image.src = url;
  const loaded = await image.decode().then(
    () => true,
    () => false,
  );
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [ICON_PX, ICON_PX];
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("Cannot draw an icon");
  if (loaded) context.drawImage(image, 0, 0, ICON_PX, ICON_PX);
  const [middle, radius] = loaded ? [ICON_PX * 0.72, ICON_PX * 0.28] : [ICON_PX / 2, ICON_PX * 0.4];
  context.beginPath();
  context.arc(middle, middle, radius, 0, 2 * Math.PI);
  context.fillStyle = "#c81e1e";
  context.fill();
  return canvas.toDataURL();
}
