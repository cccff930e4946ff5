import { describe, expect, it } from "vitest";
import type { Event, Kind } from "../../lib/log/event.js";
import { Memory } from "../../lib/log/tail-memory.js";

const epoch = "e";
const clock = { epoch, n: 10, tag: "" };

/** A memory from 10 on of what happened in ann's and ben's direct thread, known to both. */
function memory(...events: [kind: Kind, by: string, body?: string][]) {
  const it = new Memory(clock);
  const [ann, ben] = ["ann", "ben"].map((entity) => {
    return it.learn(entity, { clock, memberships: new Map([["t", 5]]), blocked: new Map() }, 0);
  });
  if (ann === undefined || ben === undefined) throw new Error("Cannot learn who is there");
  const take = (kind: Kind, by: string, body = "{}") => {
    const event: Event = { n: it.to + 1, tag: "", kind, by, thread: "t", body };
    it.take({ epoch, event });
  };
  for (const event of events) take(...event);
  return { it, ann, ben, take };
}

const numbers = (events: Iterable<Event>) => [...events].map(({ n }) => n);

describe("an event", () => {
  it("rings its author last, who knows it", () => {
    const { it } = memory();
    const event: Event = { n: 11, tag: "", kind: "direct", by: "ann", thread: "t", body: "{}" };
    expect([...it.concerned(event)]).toEqual([
      { entity: "ben", own: false },
      { entity: "ann", own: true },
    ]);
  });
});

describe("anticipate()", () => {
  const written = (n: number, of = epoch) => {
    const event: Event = { n, tag: `tag-${n}`, kind: "direct", by: "ann", thread: "t", body: "{}" };
    return { epoch: of, event };
  };

  it("takes what comes next, which is then known when the wire brings it", () => {
    const { it, ben } = memory();
    expect(it.anticipate(written(11))).toBe(true);
    expect(it.to).toBe(11);
    expect(it.take(written(11))).toBe("known");
    expect(numbers(it.since(ben, { epoch, n: 10 }, 9, false)?.events ?? [])).toEqual([11]);
  });

  it("leaves to the wire what comes after something else, what is here, and what is of another epoch", () => {
    const { it } = memory(["direct", "ben"]);
    expect([written(13), written(11), written(12, "f")].map((each) => it.anticipate(each))).toEqual([
      false,
      false,
      false,
    ]);
    expect(it.to).toBe(11);
    expect(it.take(written(12))).toBe("new");
  });

  it("is no sign that the wire speaks: what it has not brought was not heard", async () => {
    const { it } = memory();
    it.anticipate(written(11));
    expect(await it.reach(11)).toBe(true);
    expect(await it.hear(11)).toBe(false);
    const heard = it.hear(11);
    it.take(written(11));
    expect(await heard).toBe(true);
    it.anticipate(written(12));
    it.settle();
    expect(await it.hear(12)).toBe(true);
  });

  it("stirs nothing that the wire has not said", () => {
    const { it } = memory();
    it.anticipate(written(11));
    expect(it.stirred).toBe(0);
    it.take(written(11));
    expect(it.stirred).toBeGreaterThan(0);
  });
});

describe("hasNews()", () => {
  it("is what others did, and what is not remembered", () => {
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
  it("names the messages of others in direct threads up to a cursor, each once", () => {
    const { it, ben, take } = memory(["direct", "ann"], ["direct", "ben"], ["post", "ann"], ["direct", "ann"]);
    expect(numbers(it.received(ben, { epoch, n: 12 }))).toEqual([11]);
    expect(numbers(it.received(ben, { epoch, n: 14 }))).toEqual([14]);
    expect(numbers(it.received(ben, { epoch, n: 14 }))).toEqual([]);
    take("direct", "ann");
    expect(numbers(it.received(ben, { epoch, n: 12 }))).toEqual([]);
    expect(numbers(it.received(ben, { epoch, n: 15 }))).toEqual([15]);
  });

  it("names nothing where the memory does not reach, of another epoch, and to one who has left", () => {
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

describe("what others have received", () => {
  const told = (seq: number) => JSON.stringify({ type: "delivered", delivered: { thread: "t", seq } });

  it("is known by the highest that was told", () => {
    const { it, take } = memory(["delivered", "ben", told(3)]);
    take("delivered", "ben", told(2));
    expect([it.deliveredTo("ben", "t"), it.deliveredTo("ann", "t")]).toEqual([3, 0]);
  });

  it("is answered to the others, who ask for it", () => {
    const { it, ann, ben } = memory(["delivered", "ben", told(3)]);
    const heard = (who: typeof ann, delivered: boolean) => it.since(who, { epoch, n: 10 }, 9, delivered)?.events.length;
    expect([heard(ann, true), heard(ann, false), heard(ben, true)]).toEqual([1, 0, 0]);
    const blocked = new Map([["ben", "2026-01-01T00:00:00.000Z"]]);
    expect(heard({ ...ann, blocked }, true)).toBe(0);
  });
});
