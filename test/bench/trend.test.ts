import { describe, expect, it } from "vitest";
import { grows, trend } from "../../bench/support/trend.js";

/** Values over an hour, one a minute, around a line. */
function line(slope: number, noise: (i: number) => number) {
  return Array.from({ length: 60 }, (_, i) => ({ at: i / 60, value: 100 + (slope * i) / 60 + noise(i) }));
}

const saw = (i: number) => (i * 7) % 5;

describe("trend()", () => {
  it("finds the slope of a line, with no doubt when there is no noise", () => {
    const { slope, margin } = trend(line(12, () => 0));
    expect(slope).toBeCloseTo(12);
    expect(margin).toBeCloseTo(0);
  });

  it("doubts a slope as much as its noise tells", () => {
    const { slope, margin } = trend(line(12, saw));
    expect(Math.abs(slope - 12)).toBeLessThan(margin);
  });
});

describe("grows()", () => {
  it("says so of what surely grows by more than is allowed, and of nothing else", () => {
    expect(grows(trend(line(12, saw)), 4)).toBe(true);
    expect(grows(trend(line(0, saw)), 4)).toBe(false);
    expect(grows(trend(line(-12, saw)), 4)).toBe(false);
    expect(grows(trend(line(3, saw)), 4)).toBe(false);
    // Steep, but no more than what comes and goes.
    expect(grows(trend(line(6, (i) => 40 * ((i * 31) % 3))), 4)).toBe(false);
  });
});
