import * as v from "valibot";
import { afterEach, describe, expect, it, vi } from "vitest";
import { faultOf } from "../../lib/http/problem.js";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("faultOf()", () => {
  it("says where, and nothing of what, in one line", () => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const { code } = faultOf(new TypeError('Cannot read "a secret text"\n    at least not here\n{"level":"info"}'));
    expect(code).toBe("internal");
    const text = written.mock.calls.flat().join("");
    expect(text).not.toContain("secret");
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(text)).toMatchObject({ level: "error", error: "TypeError" });
  });

  it("takes what a schema refuses for a damaged store, since clients are told of their mistakes by faults", () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(() => v.parse(v.string(), 7)).toThrow();
    try {
      v.parse(v.string(), 7);
    } catch (error) {
      expect(faultOf(error)).toMatchObject({ code: "unavailable", status: 503 });
    }
  });
});
