import type { ChatEvent, Listener } from "./chat.js";

/** Tells events to whoever listens. */
export class Hearing {
  #listeners = new Map<string, Set<(event: never) => void>>();
  #iterations = new Set<{ take(event: ChatEvent): void; end(): void }>();

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
    for (const iteration of this.#iterations) iteration.take(event);
  }

  end(): void {
    for (const iteration of this.#iterations) iteration.end();
  }

  /** Iterates over the events from now on; those that nobody took yet are kept. */
  iterate(): AsyncIterator<ChatEvent> {
    const events: ChatEvent[] = [];
    let over = false;
    let wake = () => {};
    const iteration = {
      take: (event: ChatEvent) => {
        events.push(event);
        wake();
      },
      end: () => {
        over = true;
        this.#iterations.delete(iteration);
        wake();
      },
    };
    this.#iterations.add(iteration);
    return {
      next: async () => {
        while (events.length === 0 && !over) await new Promise<void>((resolve) => (wake = resolve));
        const value = events.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: async () => {
        iteration.end();
        return { done: true, value: undefined };
      },
    };
  }
}
