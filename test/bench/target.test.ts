import { describe, expect, it } from "vitest";
import { holds, TARGETS } from "../../bench/support/target.js";

describe("a target", () => {
  it("is a bound from above for what takes time, and from below for what is delivered", () => {
    const of = (measure: string) => TARGETS.filter((it) => it.measure === measure && it.against === "floor");
    expect(of("w1 p50").map((it) => [holds(it, 1.1), holds(it, 1.2)])).toEqual([[true, false]]);
    expect(of("w2 rate").map((it) => [holds(it, 1.5), holds(it, 1.4)])).toEqual([[true, false]]);
  });
});
