import { beforeEach, describe, expect, it } from "vitest";
import { createMember, type Member } from "../../lib/log/membership-cache.js";
import { answerDelay, countAnswer, PACE_MS } from "../../lib/stream/pacing.js";

let ann: Member;
beforeEach(() => {
  ann = createMember("ann", new Map(), new Map(), 0);
});

describe("answerDelay()", () => {
  it("is zero for events that come one by one, twenty a second", () => {
    for (let now = 1_000; now < 60_000; now += 50) {
      expect(answerDelay(ann, now)).toBe(0);
      countAnswer(ann, now);
    }
  });

  it("allows five answers at once, and then twenty-five a second", () => {
    const given: number[] = [];
    for (let now = 1_000; now < 3_000; now++) {
      if (answerDelay(ann, now) > 0) continue;
      countAnswer(ann, now);
      given.push(now);
    }
    expect(given.slice(0, 7)).toEqual([1_000, 1_001, 1_002, 1_003, 1_004, 1_040, 1_080]);
    expect(given.length).toBe(5 + 49);
  });

  it("is never longer than the pace, however many tabs are answered at once", () => {
    for (let tab = 0; tab < 100; tab++) countAnswer(ann, 1_000);
    expect(answerDelay(ann, 1_000)).toBe(PACE_MS);
    expect(answerDelay(ann, 1_000 + PACE_MS)).toBe(0);
  });
});
