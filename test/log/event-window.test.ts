import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../lib/log/event.js";
import { EventWindow } from "../../lib/log/event-window.js";

const at = (n: number, tag = `t${n}`, body = "{}"): Event => ({ n, tag, kind: "post", by: "ann", thread: "t", body });
const numbers = (window: EventWindow, n: number) => [...window.since(n)].map((event) => event.n);

const MIB = 1024 * 1024;

/** A window of so many events of a size. */
function filled(count: number, size: number): EventWindow {
  const window = new EventWindow({ epoch: "e", n: 0, tag: "t0" });
  for (let n = 1; n <= count; n++) window.append(at(n, `t${n}`, "x".repeat(size)));
  return window;
}

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

  it.each([
    [4_096, 0],
    [4_097, 513],
    [8_193, 4_104],
  ])("drops an eighth of its events at once, when there are more than 4,096: of %d the first %d", (to, from) => {
    expect(heard(0, to).from).toBe(from);
  });

  it("keeps 32 MiB exactly, and drops as many events as one character more takes", () => {
    const window = filled(64, 512 * 1024);
    expect(window.from).toBe(0);
    window.append(at(65, "t65", "x"));
    expect([window.from, window.to]).toEqual([9, 65]);
  });

  it("drops more than an eighth where the oldest are small, and none that it has room for", () => {
    const window = new EventWindow({ epoch: "e", n: 0, tag: "t0" });
    for (let n = 1; n <= 40; n++) window.append(at(n, `t${n}`, "x"));
    window.append(at(41, "t41", "x".repeat(20 * MIB)));
    window.append(at(42, "t42", "x".repeat(12 * MIB - 40)));
    expect(window.from).toBe(0);
    window.append(at(43, "t43", "x".repeat(12 * MIB)));
    expect([window.from, window.to]).toEqual([41, 43]);
  });

  it("counts by how much a correction makes an earlier message longer, and a retraction shorter", () => {
    const said = (n: number, body: object) => at(n, `t${n}`, JSON.stringify(body));
    const message = { seq: 1, id: "m", thread: "t", timestamp: "1" };
    const change = { thread: "t", id: "m", entity: "ann", timestamp: "2" };
    const window = filled(15, 2 * MIB);
    window.append(said(16, { type: "message", message: { ...message, text: "" } }));
    window.append(said(17, { type: "edit", edit: { ...change, text: "x".repeat(1.5 * MIB) } }));
    expect(window.from).toBeGreaterThan(0);
    const shorter = filled(10, 2 * MIB);
    shorter.append(said(11, { type: "message", message: { ...message, text: "x".repeat(8 * MIB) } }));
    shorter.append(said(12, { type: "retract", retract: change }));
    shorter.append(at(13, "t13", "x".repeat(8 * MIB)));
    expect(shorter.from).toBe(0);
  });

  it("keeps of each user's reading of a thread only the newest in force, and forgets that with the event", () => {
    const window = new EventWindow({ epoch: "e", n: 0, tag: "t0" });
    const read = (n: number, by: string, thread = "t", kind: Event["kind"] = "read"): Event => {
      return { n, tag: `t${n}`, kind, by, thread, body: "{}" };
    };
    const events = [
      read(1, "ann"),
      read(2, "ben"),
      read(3, "ann", "u"),
      read(4, "ann", "t", "ownread"),
      read(5, "ann"),
    ];
    for (const event of events) window.append(event);
    const posts = [at(6), at(7)];
    for (const event of posts) window.append(event);
    const superseded = (all: Event[]) => all.map(({ isSuperseded = false }) => isSuperseded);
    expect(superseded([...events, ...posts])).toEqual([true, false, false, false, false, false, false]);
  });
});
