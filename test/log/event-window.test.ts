import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../lib/log/event.js";
import { EventWindow } from "../../lib/log/event-window.js";

const at = (n: number, tag = `t${n}`, body = "{}"): Event => ({ n, tag, kind: "post", by: "ann", thread: "t", body });
const numbers = (window: EventWindow, n: number) => [...window.since(n)].map((event) => event.n);

/** A window that began at `from` and holds everything up to `to`. */
function heard(from: number, to: number): EventWindow {
  const window = new EventWindow({ epoch: "e", n: from, tag: `t${from}` });
  for (let n = from + 1; n <= to; n++) window.append(at(n));
  return window;
}

describe("order: a window", () => {
  it("returns the events after a cursor, oldest first", () => {
    expect(numbers(heard(10, 15), 12)).toEqual([13, 14, 15]);
  });

  it("covers what lies between its beginning and its end, and nothing else", () => {
    const window = heard(10, 15);
    expect([9, 10, 15, 16].map((n) => window.covers(n))).toEqual([false, true, true, false]);
  });

  it("is dense, whatever arrives in whatever order", () => {
    const lines = fc.array(fc.integer({ min: 90, max: 130 }), { maxLength: 200 });
    fc.assert(
      fc.property(lines, (all) => {
        const window = heard(100, 100);
        for (const n of all) {
          const { to } = window;
          expect(window.append(at(n))).toBe(n <= to ? "known" : n === to + 1 ? "new" : "hole");
          expect(window.to).toBe(n === to + 1 ? n : to);
        }
        expect(numbers(window, 100)).toEqual(Array.from({ length: window.to - 100 }, (_, i) => 101 + i));
      }),
    );
  });
});

describe("no loss: a window", () => {
  it("detects a hole at once and stays as it is", () => {
    const window = heard(10, 12);
    expect(window.append(at(14))).toBe("hole");
    expect(window.to).toBe(12);
  });

  it("detects another event with a number it knows", () => {
    const window = heard(10, 15);
    expect(window.append(at(12, "another"))).toBe("fork");
    expect(window.append(at(15, "another"))).toBe("fork");
  });

  it("detects that the event where it began was another one", () => {
    expect(heard(10, 10).append(at(10, "another"))).toBe("fork");
  });

  it("counts what it no longer remembers as known", () => {
    expect(heard(10, 12).append(at(9, "another"))).toBe("known");
  });
});

describe("bounded: a window", () => {
  it("keeps the newest few thousand events", () => {
    const window = heard(0, 50_000);
    expect(window.to - window.from).toBeGreaterThan(3_000);
    expect(window.to - window.from).toBeLessThanOrEqual(4_096);
    expect(numbers(window, window.from)).toHaveLength(window.to - window.from);
    expect(window.covers(window.from - 1)).toBe(false);
    expect(window.tagAt(window.from + 1)).toBe(`t${window.from + 1}`);
  });

  it("keeps 32 MiB of large events, and not only the last of them", () => {
    const body = "x".repeat(1024 * 1024);
    const window = new EventWindow({ epoch: "e", n: 0, tag: "t0" });
    for (let n = 1; n <= 100; n++) window.append(at(n, `t${n}`, body));
    expect(window.to - window.from).toBeLessThanOrEqual(32);
    expect(window.to - window.from).toBeGreaterThan(24);
    expect(numbers(window, 98)).toEqual([99, 100]);
  });
});
