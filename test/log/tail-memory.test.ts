import { describe, expect, it } from "vitest";
import type { Event, Kind } from "../../lib/log/event.js";
import { Horizon } from "../../lib/log/log.js";
import { TailMemory } from "../../lib/log/tail-memory.js";

const epoch = "e";
const clock = { epoch, n: 10, tag: "" };

/** The memory of a tail from 10 on; ann and ben, who share the direct thread t, are cached. */
function memory(...events: [kind: Kind, by: string, body?: string][]) {
  const it = new TailMemory(clock, new Horizon());
  const [ann, ben] = ["ann", "ben"].map((entity) => {
    return it.learn(entity, { clock, memberships: new Map([["t", 5]]), blocked: new Map() }, 0);
  });
  if (ann === undefined || ben === undefined) throw new Error("Cannot learn who is there");
  const take = (kind: Kind, by: string, body = "{}") => {
    const event: Event = { n: it.to + 1, tag: "", kind, by, thread: "t", body };
    it.apply({ epoch, event });
  };
  for (const event of events) take(...event);
  return { it, ann, ben, take };
}

const numbers = (events: Iterable<Event>) => [...events].map(({ n }) => n);

describe("an event", () => {
  it("rings its author last, marked as such", () => {
    const { it } = memory();
    const event: Event = { n: 11, tag: "", kind: "direct", by: "ann", thread: "t", body: "{}" };
    expect([...it.concerned(event)]).toEqual([
      { entity: "ben", own: false },
      { entity: "ann", own: true },
    ]);
  });
});

describe("applyOwn()", () => {
  const written = (n: number, of = epoch) => {
    const event: Event = { n, tag: `tag-${n}`, kind: "direct", by: "ann", thread: "t", body: "{}" };
    return { epoch: of, event };
  };

  it("applies the next event, which is known when the wire brings it", () => {
    const { it, ben } = memory();
    expect(it.applyOwn(written(11))).toBe(true);
    expect(it.to).toBe(11);
    expect(it.apply(written(11))).toBe("known");
    expect(numbers(it.since(ben, { epoch, n: 10 }, 9, false)?.events ?? [])).toEqual([11]);
  });

  it("leaves to the wire what is not the next event, what is here, and what is of another epoch", () => {
    const { it } = memory(["direct", "ben"]);
    expect([written(13), written(11), written(12, "f")].map((each) => it.applyOwn(each))).toEqual([
      false,
      false,
      false,
    ]);
    expect(it.to).toBe(11);
    expect(it.apply(written(12))).toBe("new");
  });

  it("is no sign that the wire works: what the wire has not brought was not heard", async () => {
    const { it } = memory();
    it.applyOwn(written(11));
    expect(await it.reach(11)).toBe(true);
    expect(await it.hear(11)).toBe(false);
    const heard = it.hear(11);
    it.apply(written(11));
    expect(await heard).toBe(true);
    it.applyOwn(written(12));
    it.settle();
    expect(await it.hear(12)).toBe(true);
  });

  it("does not count as activity of the wire", () => {
    const { it } = memory();
    it.applyOwn(written(11));
    expect(it.stirred).toBe(0);
    it.apply(written(11));
    expect(it.stirred).toBeGreaterThan(0);
  });
});

describe("hasNews()", () => {
  it("is true for what others did, and for what is not remembered", () => {
    const { it, ann, ben } = memory(["direct", "ann"], ["post", "ann"], ["presence", "ben"]);
    expect(it.hasNews(ann, { epoch, n: 10 })).toBe(true);
    expect(it.hasNews(ben, { epoch, n: 10 })).toBe(true);
    expect(it.hasNews(ben, { epoch, n: 12 })).toBe(false);
    expect(it.hasNews(ann, { epoch, n: 13 })).toBe(false);
    expect([9, 14].map((n) => it.hasNews(ben, { epoch, n }))).toEqual([true, true]);
    expect(it.hasNews(ben, { epoch: "f", n: 12 })).toBe(true);
  });
});

describe("received()", () => {
  it("yields the messages of others in direct threads up to a cursor, each once", () => {
    const { it, ben, take } = memory(["direct", "ann"], ["direct", "ben"], ["post", "ann"], ["direct", "ann"]);
    expect(numbers(it.received(ben, { epoch, n: 12 }))).toEqual([11]);
    expect(numbers(it.received(ben, { epoch, n: 14 }))).toEqual([14]);
    expect(numbers(it.received(ben, { epoch, n: 14 }))).toEqual([]);
    take("direct", "ann");
    expect(numbers(it.received(ben, { epoch, n: 12 }))).toEqual([]);
    expect(numbers(it.received(ben, { epoch, n: 15 }))).toEqual([15]);
  });

  it("yields nothing beyond the memory, of another epoch, or for a former member", () => {
    const { it, ben } = memory(["direct", "ann"]);
    for (const cursor of [
      { epoch, n: 9 },
      { epoch, n: 12 },
      { epoch: "f", n: 11 },
    ]) {
      expect(numbers(it.received(ben, cursor))).toEqual([]);
    }
    const gone = { ...ben, memberships: new Map([["t", -7]]) };
    expect(numbers(it.received(gone, { epoch, n: 11 }))).toEqual([]);
  });
});

describe("delivery receipts", () => {
  const told = (seq: number) => JSON.stringify({ type: "delivered", delivered: { thread: "t", seq } });

  it("are remembered by the highest seq", () => {
    const { it, take } = memory(["delivered", "ben", told(3)]);
    take("delivered", "ben", told(2));
    expect([it.deliveredTo("ben", "t"), it.deliveredTo("ann", "t")]).toEqual([3, 0]);
  });

  it("are delivered to the other members, if they ask for them", () => {
    const { it, ann, ben } = memory(["delivered", "ben", told(3)]);
    const heard = (who: typeof ann, delivered: boolean) => it.since(who, { epoch, n: 10 }, 9, delivered)?.events.length;
    expect([heard(ann, true), heard(ann, false), heard(ben, true)]).toEqual([1, 0, 0]);
    const blocked = new Map([["ben", "2026-01-01T00:00:00.000Z"]]);
    expect(heard({ ...ann, blocked }, true)).toBe(0);
  });
});
