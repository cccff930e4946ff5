import { describe, expect, it } from "vitest";
import { type Entry, find, merge } from "../../../lib/client/view/entry.js";

const entry = (seq: number, id = `m${seq}`): Entry => ({ id, thread: "t", seq, timestamp: "2026-02-10T10:00:00Z" });
const pending: Entry = { ...entry(Number.POSITIVE_INFINITY, "p"), pending: true };
const ids = (entries: readonly Entry[]) => entries.map(({ id }) => id);

describe("merge()", () => {
  it("adds a page before, after, or amid the entries, and before what waits", () => {
    const page = [entry(3), entry(4)];
    expect(ids(merge([entry(5), pending], page))).toEqual(["m3", "m4", "m5", "p"]);
    expect(ids(merge([entry(1), entry(2), pending], page))).toEqual(["m1", "m2", "m3", "m4", "p"]);
    expect(ids(merge([entry(2), entry(5)], page))).toEqual(["m2", "m3", "m4", "m5"]);
    expect(ids(merge([], page))).toEqual(["m3", "m4"]);
  });

  it("replaces what has the same position, or the same id in either case, and what waited for its delivery", () => {
    const page = [entry(3, "A"), entry(4, "P")];
    expect(merge([entry(3, "old"), entry(5, "a"), pending], page)).toEqual(page);
  });

  it("changes nothing for an empty page", () => {
    const entries = [entry(1)];
    expect(merge(entries, [])).toBe(entries);
  });

  it("adds a page to 10,000 entries within a few milliseconds", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => entry(51 + i));
    const page = Array.from({ length: 50 }, (_, i) => entry(1 + i));
    const before = performance.now();
    expect(merge(many, page)).toHaveLength(10_050);
    expect(performance.now() - before).toBeLessThan(100);
  });
});

describe("find()", () => {
  it("finds an entry by its id in either case, and by what the entries are now", () => {
    const entries = [entry(1, "a"), entry(2, "B")];
    expect(find(entries, "A")?.seq).toBe(1);
    expect(find(entries, "b")?.seq).toBe(2);
    expect(find(entries, "c")).toBeUndefined();
    expect(find([...entries, entry(3, "c")], "c")?.seq).toBe(3);
  });
});
