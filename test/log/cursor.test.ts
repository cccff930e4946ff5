import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCursor, parseCursor } from "../../lib/log/cursor.js";

describe("a cursor", () => {
  it("is parsed as it was formatted", () => {
    const epoch = fc.stringMatching(/^[A-Za-z0-9_-]{1,22}$/);
    fc.assert(
      fc.property(epoch, fc.integer({ min: 0, max: 10 ** 15 - 1 }), (epoch, n) => {
        expect(parseCursor(formatCursor({ epoch, n }))).toEqual({ epoch, n });
      }),
    );
  });

  it("says how far a resync has come", () => {
    for (const reason of ["epoch", "trimmed"] as const) {
      const cursor = { epoch: "e", n: 7, resync: { reason, after: 5 } };
      expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
    }
  });

  it.each([
    "",
    ".",
    "e",
    "e.",
    ".7",
    "e.-7",
    "e.7.7",
    "e.7.x7",
    "e.7.e",
    "e.7.e7.e7",
    "e.1e3",
    "e.0x7",
    " e.7",
    "e.7 ",
    "é.7",
    "e.1234567890123456",
  ])("is not %j", (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });
});
