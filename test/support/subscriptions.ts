import { vi } from "vitest";
import type { Store } from "../../lib/store/redis.js";

/** A subscription as the store sees it: what it sends, and whether it is still wanted. Time is fake. */
export class Subscription {
  readonly signal: AbortSignal;
  readonly over: Promise<void>;
  readonly #wire: string;
  readonly #take: (piece: string) => void;
  #end: () => void = () => undefined;

  constructor(wire: string, take: (piece: string) => void, signal: AbortSignal) {
    this.#wire = wire;
    this.#take = take;
    this.signal = signal;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
      signal.addEventListener("abort", () => resolve());
    });
  }

  /** Sends a piece of the event stream. */
  async send(text: string): Promise<void> {
    this.#take(text);
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Confirms the subscription. */
  stand(): Promise<void> {
    return this.send(`data: subscribe,${this.#wire},1\n\n`);
  }

  /** Publishes a line. */
  publish(line: string): Promise<void> {
    return this.send(`data: message,${this.#wire},${line}\n\n`);
  }

  /** Publishes the event n of the epoch `e`. */
  say(n: number): Promise<void> {
    return this.publish(`1 e ${n} t${n} post ann t {}`);
  }

  async end(): Promise<void> {
    this.#end();
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** Takes over the subscriptions of a store. Returns how to get the n-th that was asked for, and how many there were. */
export function takeSubscriptions(store: Store) {
  const all: Subscription[] = [];
  vi.spyOn(store, "subscribe").mockImplementation((channel, take, signal) => {
    const subscription = new Subscription(channel, take, signal);
    all.push(subscription);
    return subscription.over;
  });
  return {
    count: () => all.length,
    nth(n: number): Subscription {
      const subscription = all[n - 1];
      if (subscription === undefined) throw new Error(`There are only ${all.length} subscriptions`);
      return subscription;
    },
  };
}
