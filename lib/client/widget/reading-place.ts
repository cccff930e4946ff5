type Place = { row: Element; top: number; scrolledTo: number };

/**
 * Keeps the topmost visible message of a log in its place while others are added. Browsers with scroll anchoring keep what a reader sees
 * themselves; Safari, and pages that turn it off, need this.
 */
export class ReadingPlace {
  /** What is being kept: until its rows have their final sizes, the next update must not measure them anew, or the errors add up. */
  #place: Place | undefined;
  #turn = 0;

  /**
   * Notes the place before an update; the returned function scrolls back to it afterwards. No browser anchors at the end, so that `always` is
   * for messages that come after it.
   */
  note(log: HTMLElement | null, always = false): (() => void) | undefined {
    if (log === null || (!always && getComputedStyle(log).overflowAnchor === "auto")) return undefined;
    if (this.#place?.row.isConnected !== true || this.#place.scrolledTo !== log.scrollTop) this.#place = measure(log);
    const place = this.#place;
    return place && (() => this.#keep(log, place));
  }

  #keep(log: HTMLElement, place: Place): void {
    const turn = ++this.#turn;
    restore(log, place);
    // Messages out of view are laid out with an estimated size a frame later. By then the reader may have scrolled.
    const again = () => {
      if (this.#place === place && log.scrollTop === place.scrolledTo) restore(log, place);
    };
    requestAnimationFrame(() => {
      again();
      requestAnimationFrame(() => {
        again();
        if (turn === this.#turn) this.#place = undefined;
      });
    });
  }
}

function measure(log: HTMLElement): Place | undefined {
  const { top } = log.getBoundingClientRect();
  const row = [...log.querySelectorAll("[data-id]")].find((it) => it.getBoundingClientRect().bottom > top);
  return row && { row, top: row.getBoundingClientRect().top, scrolledTo: log.scrollTop };
}

function restore(log: HTMLElement, place: Place): void {
  if (place.row.isConnected) log.scrollTop += place.row.getBoundingClientRect().top - place.top;
  place.scrolledTo = log.scrollTop;
}
