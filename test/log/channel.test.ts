import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Wire } from "../../lib/log/channel.js";
import * as keys from "../../lib/store/keys.js";

const SECOND = 1_000;

// How a subscription is carried is tested with a store; here time is what matters.
vi.mock("../../lib/store/subscribe.js", () => ({
  subscribe(_: string, take: (piece: string) => void, signal: AbortSignal) {
    const subscription = new Subscription(take, signal);
    subscriptions.push(subscription);
    return subscription.over;
  },
}));

/** A subscription as the store sees it: what it sends, and whether it is still wanted. */
class Subscription {
  readonly signal: AbortSignal;
  readonly over: Promise<void>;
  readonly #take: (piece: string) => void;
  #end: () => void = () => undefined;

  constructor(take: (piece: string) => void, signal: AbortSignal) {
    this.#take = take;
    this.signal = signal;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
      signal.addEventListener("abort", () => resolve());
    });
  }

  async send(text: string): Promise<void> {
    this.#take(text);
    await pass(0);
  }

  stand(): Promise<void> {
    return this.send(`data: subscribe,${keys.wire},1\n\n`);
  }

  say(n: number): Promise<void> {
    return this.send(`data: message,${keys.wire},1 e ${n} tag post ann t {}\n\n`);
  }

  async end(): Promise<void> {
    this.#end();
    await pass(0);
  }
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND);

let subscriptions: Subscription[];
let heard: (number | string)[];
let wire: Wire;

beforeEach(() => {
  vi.useFakeTimers();
  // No jitter: the next subscription is asked for at 240 s, and after a loss at once.
  vi.spyOn(Math, "random").mockReturnValue(0);
  [subscriptions, heard] = [[], []];
  wire = new Wire({
    opened: () => void heard.push("opened"),
    heard: (line) => void heard.push(line?.event.n ?? "unknown"),
    lost: () => void heard.push("lost"),
  });
  wire.open();
});
afterEach(() => {
  wire.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The n-th subscription that was asked for. */
function nth(n: number): Subscription {
  const subscription = subscriptions[n - 1];
  if (subscription === undefined) throw new Error(`There are only ${subscriptions.length} subscriptions`);
  return subscription;
}

describe("a wire", () => {
  it("stands when the store says so, and hears from then on", async () => {
    await pass(0);
    await nth(1).say(1);
    expect([wire.live, heard]).toEqual([false, []]);
    await nth(1).stand();
    await nth(1).say(2);
    expect([wire.live, heard]).toEqual([true, ["opened", 2]]);
  });

  it("hears lines wherever they are cut, with either end of line, among heartbeats", async () => {
    await pass(0);
    await nth(1).stand();
    for (const character of `: beat\n\ndata: message,${keys.wire},1 e 7 tag post ann t {}\r\n\r\n`) {
      await nth(1).send(character);
    }
    await nth(1).send(`data: message,${keys.wire},9 of another version\n\n`);
    expect(heard).toEqual(["opened", 7, "unknown"]);
  });

  it("tells that it was lost, and stands again within two seconds", async () => {
    await pass(0);
    await nth(1).stand();
    await nth(1).end();
    expect([wire.live, heard]).toEqual([false, ["opened", "lost"]]);
    await pass(2);
    await nth(2).stand();
    expect(heard).toEqual(["opened", "lost", "opened"]);
  });

  it("gives up a subscription that does not stand within 5 s, and asks for another", async () => {
    await pass(4.9);
    expect(subscriptions).toHaveLength(1);
    await pass(2.2);
    expect([nth(1).signal.aborted, subscriptions.length]).toEqual([true, 2]);
  });

  it("no loss: is renewed before 300 s by the next subscription, which overlaps with the old one", async () => {
    await pass(0);
    await nth(1).stand();
    await pass(240);
    await nth(2).stand();
    expect(nth(1).signal.aborted).toBe(false);
    // On its way down the old one when the new one stood.
    await nth(1).say(1);
    await nth(2).say(2);
    await pass(1);
    expect(nth(1).signal.aborted).toBe(true);
    await nth(2).say(3);
    expect([wire.live, heard]).toEqual([true, ["opened", 1, 2, 3]]);
    await pass(239);
    expect(subscriptions).toHaveLength(3);
  });

  it("keeps the old subscription when the next one cannot be had", async () => {
    await pass(0);
    await nth(1).stand();
    await pass(240);
    await nth(2).end();
    await nth(1).say(1);
    expect([wire.live, heard]).toEqual([true, ["opened", 1]]);
  });

  it("is lost at once when it is dropped, and does not hear what still comes", async () => {
    await pass(0);
    await nth(1).stand();
    wire.renew();
    expect([wire.live, heard]).toEqual([false, ["opened", "lost"]]);
    await nth(1)
      .say(1)
      .catch(() => undefined);
    await pass(2);
    await nth(2).stand();
    expect(heard).toEqual(["opened", "lost", "opened"]);
  });

  it("is not asked for again once it is closed", async () => {
    await pass(0);
    await nth(1).stand();
    wire.close();
    await pass(600);
    expect([subscriptions.length, wire.live]).toEqual([1, false]);
  });
});
