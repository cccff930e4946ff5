import type { WireEvent } from "./wire.js";

// Two subscriptions overlap for a second; more events than this do not come in that time.
const MAX = 1_024;

/**
 * Events that one of two subscriptions has brought before the other brought what comes before them. While both stand, a hole in the
 * numbers may yet be filled.
 */
export class ReorderBuffer {
  #events: WireEvent[] = [];

  get size(): number {
    return this.#events.length;
  }

  /** Keeps an event for later; returns whether there was room. */
  keep(event: WireEvent): boolean {
    return this.#events.length < MAX && this.#events.push(event) > 0;
  }

  /** Takes out every event, lowest number first. */
  take(): WireEvent[] {
    const events = this.#events.sort((a, b) => a.event.n - b.event.n);
    this.#events = [];
    return events;
  }
}
