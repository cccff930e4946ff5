import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Lookout, type Subject } from "../../lib/log/freshness.js";

const SECOND = 1_000;
let looks: number[];
let waiting: boolean;
let stirred: number;
let due: boolean;
let answer: () => Promise<void>;
let lookout: Lookout;
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
    due: () => due,
    tick: () => undefined,
  };
  lookout = new Lookout(subject);
  lookout.start();
  lookout.trust(Date.now());
});
afterEach(() => {
  lookout.stop();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND);
/** Lets time go by without the process running. */
const freeze = (seconds: number) => vi.setSystemTime(Date.now() + seconds * SECOND);
const later = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe("while polls are held, the log is looked at", () => {
  it("every 30 s when nothing happens", async () => {
    await pass(95);
    expect(looks).toEqual([30, 60, 90]);
    expect(lookout.awake()).toBe(true);
  });

  it("once more when the wire falls silent after something happened", async () => {
    await pass(3);
    stirred = Date.now();
    await pass(92);
    expect(looks).toEqual([13, 43, 73]);
  });

  it("for that at most once a minute", async () => {
    for (let i = 0; i < 8; i++) {
      stirred = Date.now();
      await pass(15);
    }
    expect(looks).toEqual([10, 40, 70, 100]);
  });

  it("every 30 s while the wire talks", async () => {
    for (let i = 0; i < 95; i++) {
      stirred = Date.now();
      await pass(1);
    }
    expect(looks).toEqual([30, 60, 90]);
  });

  it("when something that goes along cannot wait", async () => {
    await pass(5);
    due = true;
    await pass(1);
    expect(looks).toEqual([6]);
  });

  it("and not at all while nobody waits", async () => {
    waiting = false;
    await pass(300);
    expect(looks).toEqual([]);
  });

  it("again after a look that failed, and nothing is believed until then", async () => {
    answer = () => Promise.reject(new Error("away"));
    await pass(31);
    expect(lookout.awake()).toBe(false);
    answer = async () => undefined;
    await pass(1);
    expect(lookout.awake()).toBe(true);
  });
});

describe("what is known is not believed", () => {
  it("35 s after the last look, so that a revoked token is refused within 40", async () => {
    waiting = false;
    await pass(34);
    expect(lookout.awake()).toBe(true);
    await pass(2);
    expect(lookout.awake()).toBe(false);
    await lookout.confirm();
    expect(lookout.awake()).toBe(true);
  });

  it("after a thaw, which the timers tell", async () => {
    freeze(5);
    expect(lookout.awake()).toBe(false);
    await lookout.confirm();
    expect(lookout.awake()).toBe(true);
  });

  it("after a thaw that only the tick has noticed", async () => {
    waiting = false;
    await pass(1.5);
    freeze(5);
    await pass(1);
    expect(lookout.awake()).toBe(false);
  });

  it("by a look that began before the freeze, whenever its answer comes", async () => {
    let come = () => undefined as undefined | undefined;
    answer = () =>
      new Promise((resolve) => {
        come = () => void resolve();
      });
    const look = lookout.confirm();
    freeze(5);
    come();
    await look;
    expect(lookout.awake()).toBe(false);
  });

  it("after doubt, until the next look", async () => {
    lookout.doubt();
    expect(lookout.awake()).toBe(false);
    await pass(1);
    expect([looks, lookout.awake()]).toEqual([[1], true]);
  });
});

describe("confirm()", () => {
  it("begins its look after the call, and shares it", async () => {
    answer = later(100);
    const first = lookout.confirm();
    await pass(0.05);
    const others = [lookout.confirm(), lookout.confirm(), lookout.confirm()];
    await pass(1);
    await Promise.all([first, ...others]);
    expect(looks).toEqual([0, 0.1]);
  });

  it("fails for all who wait when the look under way fails, so that they are told in time", async () => {
    answer = () => new Promise((_, reject) => setTimeout(() => reject(new Error("away")), 2_660));
    const failures = [lookout.confirm(), lookout.confirm(), lookout.confirm()].map((look) =>
      look.catch(() => (Date.now() - began) / SECOND),
    );
    await pass(6);
    expect(await Promise.all(failures)).toEqual([2.66, 2.66, 2.66]);
    answer = async () => undefined;
    await lookout.confirm();
    expect(lookout.awake()).toBe(true);
  });
});
