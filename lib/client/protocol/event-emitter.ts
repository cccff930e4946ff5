import type { ChatEvent, Listener } from "./chat.js";

/** Tells events to whoever listens. */
export class Hearing {
  #listeners = new Map<string, Set<(event: never) => void>>();
  #iterations = new Set<(event?: ChatEvent) => void>();

  on<T extends ChatEvent["type"]>(type: T, listener: Listener<T>): () => void {
    const all = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, all.add(listener));
    return () => void all.delete(listener);
  }

  /** A listener's mistake is the page's: it is reported as such, and the others hear all the same. */
  tell(event: ChatEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) {
      try {
        Reflect.apply(listener, undefined, [event]);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    for (const take of this.#iterations) take(event);
  }

  end(): void {
    for (const take of this.#iterations) take();
  }

  /** Iterates over the events from now on; those that nobody took yet are kept. */
  iterate(): AsyncIterator<ChatEvent> {
    const events: (ChatEvent | undefined)[] = [];
    let wake = () => {};
    const take = (event?: ChatEvent) => {
      events.push(event);
      wake();
    };
    this.#iterations.add(take);
    return this.#iterate(take, async () => {
      while (events.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return events.shift();
    });
  }

  async *#iterate(take: (event?: ChatEvent) => void, next: () => Promise<ChatEvent | undefined>) {
    try {
      for (let event = await next(); event !== undefined; event = await next()) yield event;
    } finally {
      this.#iterations.delete(take);
    }
  }
}
