import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Channel } from "../../lib/log/channel.js";
import { chat } from "../support/chat.js";
import { takeSubscriptions } from "../support/subscriptions.js";

const SECOND = 1_000;

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND);

// How a subscription is carried is tested with a store; here time is what matters.
let subscriptions: ReturnType<typeof takeSubscriptions>;
let heard: (number | string)[];
let channel: Channel;

const nth = (n: number) => subscriptions.nth(n);

beforeEach(() => {
  vi.useFakeTimers();
  // No jitter: the next subscription is asked for at 240 s, and after a loss at once.
  vi.spyOn(Math, "random").mockReturnValue(0);
  heard = [];
  subscriptions = takeSubscriptions(chat.store);
  channel = new Channel(chat, {
    opened: () => void heard.push("opened"),
    heard: (line) => void heard.push(line?.event.n ?? "unreadable"),
    settled: () => void heard.push("settled"),
    lost: () => void heard.push("lost"),
  });
  channel.open();
});
afterEach(() => {
  channel.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a channel", () => {
  it("is live when the store confirms the subscription, and hears events from then on", async () => {
    await pass(0);
    await nth(1).say(1);
    expect([channel.live, heard]).toEqual([false, []]);
    await nth(1).stand();
    await nth(1).say(2);
    expect([channel.live, heard]).toEqual([true, ["opened", 2]]);
  });

  it("hears lines wherever they are cut, with either end of line, among heartbeats", async () => {
    await pass(0);
    await nth(1).stand();
    for (const character of `: beat\n\ndata: message,${chat.keys.wire},1 e 7 tag post ann t {}\r\n\r\n`) {
      await nth(1).send(character);
    }
    await nth(1).publish("this is no line");
    expect(heard).toEqual(["opened", 7, "unreadable"]);
  });

  it("hears the events of one write one by one", async () => {
    await pass(0);
    await nth(1).stand();
    await nth(1).publish("1 e 7 tag join ann t {}\t1 e 8 tag post ann t {}");
    expect(heard).toEqual(["opened", 7, 8]);
  });

  it("reports that it is lost, and is live again within two seconds", async () => {
    await pass(0);
    await nth(1).stand();
    await nth(1).end();
    expect([channel.live, heard]).toEqual([false, ["opened", "lost"]]);
    await pass(2);
    await nth(2).stand();
    expect(heard).toEqual(["opened", "lost", "opened"]);
  });

  it("gives up a subscription that is not confirmed within 5 s, and asks for another", async () => {
    await pass(4.9);
    expect(subscriptions.count()).toBe(1);
    await pass(2.2);
    expect([nth(1).signal.aborted, subscriptions.count()]).toEqual([true, 2]);
  });

  it("no loss: is renewed before 300 s by the next subscription, which overlaps with the old one", async () => {
    await pass(0);
    await nth(1).stand();
    await pass(240);
    expect(channel.overlapping).toBe(false);
    await nth(2).stand();
    expect([nth(1).signal.aborted, channel.overlapping]).toEqual([false, true]);
    // It was on its way down the old subscription when the new one was confirmed.
    await nth(1).say(1);
    await nth(2).say(2);
    await pass(1);
    expect([nth(1).signal.aborted, channel.overlapping]).toEqual([true, false]);
    await nth(2).say(3);
    expect([channel.live, heard]).toEqual([true, ["opened", 1, 2, "settled", 3]]);
    await pass(239);
    expect(subscriptions.count()).toBe(3);
  });

  it("keeps the old subscription when the next one cannot be had", async () => {
    await pass(0);
    await nth(1).stand();
    await pass(240);
    await nth(2).end();
    await nth(1).say(1);
    expect([channel.live, heard]).toEqual([true, ["opened", 1]]);
  });

  it("is lost at once when it is dropped, and does not hear what still comes", async () => {
    await pass(0);
    await nth(1).stand();
    channel.renew();
    expect([channel.live, heard]).toEqual([false, ["opened", "lost"]]);
    await nth(1)
      .say(1)
      .catch(() => undefined);
    await pass(2);
    await nth(2).stand();
    expect(heard).toEqual(["opened", "lost", "opened"]);
  });

  it("asks for no other subscription once it is closed", async () => {
    await pass(0);
    await nth(1).stand();
    channel.close();
    await pass(600);
    expect([subscriptions.count(), channel.live]).toEqual([1, false]);
  });
});
