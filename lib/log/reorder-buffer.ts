import type { WireEvent } from "./wire.js";

// Two subscriptions overlap for a second, in which fewer events than this arrive.
const MAX = 1_024;

/**
 * Events that one of two subscriptions has delivered before the other has delivered their predecessors. While both are open, a hole in the
 * numbers may still be filled.
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

  /** Removes and returns every event, lowest number first. */
  take(): WireEvent[] {
    const events = this.#events.sort((a, b) => a.event.n - b.event.n);
    this.#events = [];
    return events;
  }
}
