import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Freshness, type Subject } from "../../lib/log/freshness.js";
import { RENEW_MS } from "../../lib/presence/lease-renewal.js";

const SECOND = 1_000;
let looks: number[];
let waiting: boolean;
let stirred: number;
let due: boolean | (() => boolean);
let answer: () => Promise<void>;
let freshness: Freshness;
let began: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  [looks, waiting, stirred, due, answer] = [[], true, 0, false, async () => undefined];
  began = Date.now();
  const subject: Subject = {
    look: () => {
      looks.push((Date.now() - began) / SECOND);
      return answer();
    },
    waiting: () => waiting,
    stirred: () => stirred,
    due: () => (typeof due === "function" ? due() : due),
    tick: () => undefined,
  };
  freshness = new Freshness(subject);
  freshness.start();
  freshness.trust(Date.now());
});
afterEach(() => {
  freshness.stop();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND);
/** Lets time pass while the process does not run. */
const freeze = (seconds: number) => vi.setSystemTime(Date.now() + seconds * SECOND);
const later = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe("while polls are held, the log is checked", () => {
  it("every 30 s when nothing happens", async () => {
    await pass(95);
    expect(looks).toEqual([30, 60, 90]);
    expect(freshness.awake()).toBe(true);
  });

  it("once more when the wire falls silent after something happened", async () => {
    await pass(3);
    stirred = Date.now();
    await pass(92);
    expect(looks).toEqual([13, 43, 73]);
  });

  it("for that reason at most once a minute", async () => {
    for (let i = 0; i < 8; i++) {
      stirred = Date.now();
      await pass(15);
    }
    expect(looks).toEqual([10, 40, 70, 100]);
  });

  it("every 30 s while events arrive", async () => {
    for (let i = 0; i < 95; i++) {
      stirred = Date.now();
      await pass(1);
    }
    expect(looks).toEqual([30, 60, 90]);
  });

  it("at once when something that goes along is due", async () => {
    await pass(5);
    due = true;
    await pass(1);
    expect(looks).toEqual([6]);
  });

  it("at most twice a minute in ten quiet minutes, the renewal of leases included", async () => {
    let renewed = Date.now();
    due = () => Date.now() - renewed >= RENEW_MS;
    answer = async () => {
      // A little later than the look that it goes along with.
      renewed = Date.now() + 5;
    };
    await pass(600);
    expect(looks).toEqual(Array.from({ length: 20 }, (_, i) => 30 * (i + 1)));
  });

  it("and not at all while no poll is held", async () => {
    waiting = false;
    await pass(300);
    expect(looks).toEqual([]);
  });

  it("again after a check that failed, and nothing is trusted until then", async () => {
    answer = () => Promise.reject(new Error("away"));
    await pass(31);
    expect(freshness.awake()).toBe(false);
    answer = async () => undefined;
    await pass(1);
    expect(freshness.awake()).toBe(true);
  });
});

describe("what is known is not trusted", () => {
  it("35 s after the last check, so that a revoked token is refused within 40 s", async () => {
    waiting = false;
    await pass(34);
    expect(freshness.awake()).toBe(true);
    await pass(2);
    expect(freshness.awake()).toBe(false);
    await freshness.confirm();
    expect(freshness.awake()).toBe(true);
  });

  it("after a freeze, which the timers reveal", async () => {
    freeze(5);
    expect(freshness.awake()).toBe(false);
    await freshness.confirm();
    expect(freshness.awake()).toBe(true);
  });

  it("after a freeze that only the tick has noticed", async () => {
    waiting = false;
    await pass(1.5);
    freeze(5);
    await pass(1);
    expect(freshness.awake()).toBe(false);
  });

  it("after the clock was set back, and the log is checked at once and then as ever", async () => {
    await pass(10);
    freeze(-600);
    const at = Date.now();
    expect(freshness.awake()).toBe(false);
    await pass(95);
    expect(looks.map((it) => it - (at - began) / SECOND)).toEqual([1, 31, 61, 91]);
    expect(freshness.awake()).toBe(true);
  });

  it("because of a check that began before the freeze, whenever it ends", async () => {
    let come = () => undefined as undefined | undefined;
    answer = () =>
      new Promise((resolve) => {
        come = () => void resolve();
      });
    const look = freshness.confirm();
    freeze(5);
    come();
    await look;
    expect(freshness.awake()).toBe(false);
  });

  it("after doubt(), until the next check", async () => {
    freshness.doubt();
    expect(freshness.awake()).toBe(false);
    await pass(1);
    expect([looks, freshness.awake()]).toEqual([[1], true]);
  });
});

describe("confirm()", () => {
  it("begins its check after the call, and shares it", async () => {
    answer = later(100);
    const first = freshness.confirm();
    await pass(0.05);
    const others = [freshness.confirm(), freshness.confirm(), freshness.confirm()];
    await pass(1);
    await Promise.all([first, ...others]);
    expect(looks).toEqual([0, 0.1]);
  });

  it("fails for all callers when the check under way fails, so that each fails in time", async () => {
    answer = () => new Promise((_, reject) => setTimeout(() => reject(new Error("away")), 2_660));
    const failures = [freshness.confirm(), freshness.confirm(), freshness.confirm()].map((look) =>
      look.catch(() => (Date.now() - began) / SECOND),
    );
    await pass(6);
    expect(await Promise.all(failures)).toEqual([2.66, 2.66, 2.66]);
    answer = async () => undefined;
    await freshness.confirm();
    expect(freshness.awake()).toBe(true);
  });
});
