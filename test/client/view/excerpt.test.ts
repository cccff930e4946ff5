import { describe, expect, it } from "vitest";
import type { Entry } from "../../../lib/client/view/entry.js";
import { ALL, cut, DRAWN_MAX, type Drawn, newest, toExcerpt } from "../../../lib/client/view/excerpt.js";

const entry = (seq: number): Entry => ({ id: `m${seq}`, thread: "t", seq, timestamp: "2026-02-10T10:00:00Z" });
const entries = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => entry(first + i));
const pending: Entry = { ...entry(Number.POSITIVE_INFINITY), id: "p", pending: true };
const seqs = ({ entries, from, to }: Drawn) => [entries[from]?.seq, entries[to - 1]?.seq];

describe("cut()", () => {
  it("takes all of a few messages, and what is added at either end of them", () => {
    expect(seqs(cut(entries(51, 100), ALL))).toEqual([51, 100]);
    expect(seqs(cut(entries(1, 101), ALL))).toEqual([1, 101]);
    expect(cut([], ALL)).toMatchObject({ from: 0, to: 0 });
  });

  it("keeps to the same messages while others are added outside of them", () => {
    const excerpt = toExcerpt({ entries: entries(1, 500), from: 100, to: 200 });
    expect(seqs(cut(entries(1, 500), excerpt))).toEqual([101, 200]);
    expect(seqs(cut([...entries(1, 600), pending], excerpt))).toEqual([101, 200]);
  });

  it("grows at the end to which it reaches", () => {
    const atEnd = toExcerpt({ entries: entries(1, 500), from: 400, to: 500 });
    expect(seqs(cut([...entries(1, 501), pending], atEnd))).toEqual([401, Number.POSITIVE_INFINITY]);
    const atBeginning = toExcerpt({ entries: entries(51, 500), from: 0, to: 100 });
    expect(seqs(cut(entries(1, 500), atBeginning))).toEqual([1, 150]);
  });

  it("ends with the newest message where the entries are others than it was made for", () => {
    expect(seqs(cut(entries(1, 300), { first: 400, last: 500 }))).toEqual([201, 300]);
    expect(seqs(cut(entries(1, 300), { first: 400, last: 500 }, cut(entries(900, 950), ALL)))).toEqual([201, 300]);
  });

  it("never takes more than a page bears: it stays with what was drawn before, else with the newest", () => {
    expect(seqs(cut(entries(1, DRAWN_MAX + 1), ALL))).toEqual([DRAWN_MAX - 98, DRAWN_MAX + 1]);
    const before = cut(entries(1, 150), ALL);
    expect(seqs(cut(entries(1, 10_000), ALL, before))).toEqual([1, 150]);
  });
});

describe("newest()", () => {
  it("reaches to the end, and over all that is loaded if that is little", () => {
    expect(newest(entries(1, 50))).toEqual(ALL);
    expect(newest(entries(1, 500))).toEqual({ first: 401, last: Number.POSITIVE_INFINITY });
  });
});
