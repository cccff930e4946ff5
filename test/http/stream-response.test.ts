import { describe, expect, it } from "vitest";
import { patience } from "../../lib/http/stream-response.js";

describe("patience()", () => {
  it("is 25 s unless told, and 55 s at most", () => {
    expect([undefined, 0, 1, 55, 56, 9_999].map(patience)).toEqual([25, 0, 1, 55, 55, 55]);
  });
});
