import { beforeEach, describe, expect, it } from "vitest";
import { type Member, meet } from "../../lib/log/membership-cache.js";
import { count, PACE_MS, pause } from "../../lib/stream/pacing.js";

let ann: Member;
beforeEach(() => {
  ann = meet("ann", new Map(), new Map(), 0);
});

describe("pause()", () => {
  it("is none for what comes one by one, twenty a second", () => {
    for (let now = 1_000; now < 60_000; now += 50) {
      expect(pause(ann, now)).toBe(0);
      count(ann, now);
    }
  });

  it("lets five answers go at once, and then twenty-five a second", () => {
    const given: number[] = [];
    for (let now = 1_000; now < 3_000; now++) {
      if (pause(ann, now) > 0) continue;
      count(ann, now);
      given.push(now);
    }
    expect(given.slice(0, 7)).toEqual([1_000, 1_001, 1_002, 1_003, 1_004, 1_040, 1_080]);
    expect(given.length).toBe(5 + 49);
  });

  it("is never longer than the pace, however many tabs are answered at once", () => {
    for (let tab = 0; tab < 100; tab++) count(ann, 1_000);
    expect(pause(ann, 1_000)).toBe(PACE_MS);
    expect(pause(ann, 1_000 + PACE_MS)).toBe(0);
  });
});
