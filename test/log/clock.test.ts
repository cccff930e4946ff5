import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { ClockFields } from "../../lib/log/clock.js";

describe("a clock", () => {
  it("is not believed beyond the numbers a log can reach: an epoch that began there could never be written to", () => {
    expect(v.safeParse(ClockFields, ["e", "99999999999999", "tag"]).success).toBe(true);
    expect(v.safeParse(ClockFields, ["e", "100000000000000", "tag"]).success).toBe(false);
    expect(v.safeParse(ClockFields, ["e", "999999999999999", "tag"]).success).toBe(false);
  });
});
