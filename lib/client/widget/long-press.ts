// As long as phones wait.
const LONG_PRESS_MS = 500;
// A finger that lies still moves a little.
const STILL_PX = 10;

/** Recognises that a finger rests on a message. */
export class LongPress {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #from = { x: 0, y: 0 };

  /** A finger touches: calls `act` if it rests. */
  begin({ clientX, clientY }: PointerEvent, act: () => void): void {
    this.end();
    this.#from = { x: clientX, y: clientY };
    this.#timer = setTimeout(act, LONG_PRESS_MS);
  }

  move({ clientX, clientY }: PointerEvent): void {
    if (Math.hypot(clientX - this.#from.x, clientY - this.#from.y) > STILL_PX) this.end();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
