import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Horizon } from "../../lib/log/log.js";
import { Tail } from "../../lib/log/tail.js";
import { chat } from "../support/chat.js";
import { takeSubscriptions } from "../support/subscriptions.js";

const SECOND = 1_000;

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND);

// The store is faked: its clock is what `clock` says, and the test sends what its subscriptions deliver.
let clock: { epoch: string; n: number; tag: string };
let subscriptions: ReturnType<typeof takeSubscriptions>;
let tail: Tail;
let logged: { event: string; cause: unknown }[];

const nth = (n: number) => subscriptions.nth(n);
const resets = () => logged.filter((it) => it.event === "tail_reset").map((it) => it.cause);

beforeEach(async () => {
  vi.useFakeTimers();
  // No jitter: the next subscription is asked for at 240 s, and after a loss at once.
  vi.spyOn(Math, "random").mockReturnValue(0);
  [clock, logged] = [{ epoch: "e", n: 10, tag: "t10" }, []];
  subscriptions = takeSubscriptions(chat.store);
  vi.spyOn(chat.store, "runScript").mockImplementation(async () => clock);
  const logger = {
    error: (event: string, fields = {}) => void logged.push({ event, cause: Object(fields).cause }),
    info: () => undefined,
  };
  const hooks = { revoked: () => undefined, readClock: async () => clock, isDue: () => false };
  tail = new Tail({ ...chat, logger, horizon: new Horizon() }, hooks);
  tail.open();
  await pass(0);
  await nth(1).stand();
});
afterEach(() => {
  tail.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Returns the n of the newest event in memory, when the tail has been checked against the clock of the store. */
async function newest(): Promise<number | undefined> {
  await tail.confirm();
  return tail.memory?.to;
}

/** The store has written the event n. */
function write(n: number): void {
  clock = { epoch: "e", n, tag: `t${n}` };
}

describe("a tail", () => {
  it("keeps what its subscription delivers", async () => {
    write(11);
    await nth(1).say(11);
    expect([await newest(), resets()]).toEqual([11, []]);
  });

  it("no loss: is reset at once when an event is missing", async () => {
    await nth(1).say(12);
    expect([tail.memory, resets()]).toEqual([undefined, ["hole"]]);
    await pass(2);
    write(12);
    await nth(2).stand();
    expect([await newest(), resets()]).toEqual([12, ["hole"]]);
  });

  it("is not reset by an event of an unknown kind or a newer version, which it counts", async () => {
    await nth(1).publish("1 e 11 t11 poll-vote ann t {}");
    await nth(1).publish("2 e 12 t12 a format of its own");
    await nth(1).say(13);
    write(13);
    expect([await newest(), resets()]).toEqual([13, []]);
  });

  it("is reset by a line that cannot be read: an event may be missing", async () => {
    await nth(1).publish("this is no line");
    expect(resets()).toEqual(["unreadable event"]);
  });
});

describe("a tail whose subscriptions overlap during a rotation", () => {
  beforeEach(async () => {
    await pass(240);
    await nth(2).stand();
  });

  it("waits for the other subscription when an event is missing, and is not reset", async () => {
    await nth(2).say(12);
    await nth(2).say(13);
    expect(resets()).toEqual([]);
    await nth(1).say(11);
    await nth(1).say(12);
    write(13);
    expect([await newest(), resets()]).toEqual([13, []]);
    await pass(1);
    expect([nth(1).signal.aborted, subscriptions.count(), resets()]).toEqual([true, 2, []]);
    await nth(2).say(14);
    write(14);
    expect([await newest(), resets()]).toEqual([14, []]);
  });

  it("applies events in the order of their numbers, in whatever order the subscriptions deliver them", async () => {
    for (const n of [14, 12, 13]) await nth(2).say(n);
    await nth(1).say(11);
    write(14);
    await tail.confirm();
    const member = tail.memory?.learn(
      "ann",
      { clock: { epoch: "e", n: 10, tag: "t10" }, memberships: new Map([["t", 1]]), blocked: new Map() },
      Date.now(),
    );
    const heard = member && tail.memory?.since(member, { epoch: "e", n: 10 }, 100, false);
    expect([heard?.events.map((it) => it.n), resets()]).toEqual([[11, 12, 13, 14], []]);
  });

  it("no loss: is reset when the overlap ends and the event is still missing", async () => {
    await nth(2).say(12);
    await pass(0.9);
    expect(resets()).toEqual([]);
    await pass(0.1);
    expect([resets(), nth(2).signal.aborted]).toEqual([["hole"], true]);
    write(12);
    await pass(2);
    await nth(3).stand();
    expect([await newest(), resets()]).toEqual([12, ["hole"]]);
  });

  it("is not reset when this instance itself has written the missing event", async () => {
    await nth(2).say(12);
    tail.applyOwn({
      epoch: "e",
      event: { n: 11, tag: "t11", kind: "post", by: "ann", thread: "t", body: "{}" },
    });
    await nth(2).say(11);
    await pass(1);
    write(12);
    expect([await newest(), resets()]).toEqual([12, []]);
  });

  it("bounded: is reset when more events are waiting than can arrive in that time", async () => {
    for (let n = 12; n < 12 + 1_024; n++) await nth(2).say(n);
    expect(resets()).toEqual([]);
    await nth(2).say(12 + 1_024);
    expect(resets()).toEqual(["hole"]);
  });
});
