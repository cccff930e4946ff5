import { describe, expect, it } from "vitest";
import { exponent } from "../../bench/growth/curve.js";

const curve = (value: (at: number) => number) => ({
  what: "a test",
  unit: "ms",
  points: [1, 10, 100, 1_000].map((at) => ({ at, value: value(at) })),
});

describe("exponent()", () => {
  it("is 0 for what is flat, 1 for what is linear, 2 for what is square", () => {
    expect(exponent(curve(() => 3))).toBeCloseTo(0);
    expect(exponent(curve((at) => 3 * at))).toBeCloseTo(1);
    expect(exponent(curve((at) => at ** 2))).toBeCloseTo(2);
  });
});
