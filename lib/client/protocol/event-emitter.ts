import type { ChatEvent, Listener } from "./chat.js";

// More events than any burst. An iterator that is so far behind is not read any more.
const WAITING_MAX = 10_000;

/** Emits chat events to listeners and to async iterators. */
export class EventEmitter {
  #listeners = new Map<string, Set<(event: never) => void>>();
  #iterations = new Set<(event?: ChatEvent) => void>();

  on<T extends ChatEvent["type"]>(type: T, listener: Listener<T>): () => void {
    const all = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, all.add(listener));
    return () => void all.delete(listener);
  }

  /** Calls the listeners. An error that one throws is reported as the page's own, and the others are still called. */
  emit(event: ChatEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) {
      try {
        Reflect.apply(listener, undefined, [event]);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    for (const push of this.#iterations) push(event);
  }

  end(): void {
    for (const push of this.#iterations) push();
  }

  /**
   * Iterates over all events from now on; events that are not consumed yet are queued. Throws a `RangeError` once more than 10,000 were
   * left waiting: those are lost.
   */
  iterate(): AsyncIterator<ChatEvent> {
    let events: (ChatEvent | undefined)[] = [];
    let wake = () => {};
    let full = false;
    const push = (event?: ChatEvent) => {
      events.push(event);
      full = events.length > WAITING_MAX;
      if (full) {
        events = [];
        this.#iterations.delete(push);
      }
      wake();
    };
    this.#iterations.add(push);
    return this.#iterate(push, async () => {
      while (events.length === 0) {
        if (full) throw new RangeError("Cannot iterate: too many events are waiting");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return events.shift();
    });
  }

  async *#iterate(push: (event?: ChatEvent) => void, next: () => Promise<ChatEvent | undefined>) {
    try {
      for (let event = await next(); event !== undefined; event = await next()) yield event;
    } finally {
      this.#iterations.delete(push);
    }
  }
}
