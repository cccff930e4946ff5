import { describe, expect, it } from "vitest";
import { type Breach, HooksChecker, type Told } from "./hooks-checker.js";

const told = (seq: number, at: number, more: Partial<Told> = {}): Told => ({
  ...{ id: `w${seq}`, thread: "t", seq, message: `m${seq}`, by: "ann", at, taken: at + 1 },
  ...more,
});

/** Holds what was told against three messages, of which one is another's. */
function judge(all: readonly Told[], more: (checker: HooksChecker) => void = () => {}): Breach["rule"][] {
  const checker = new HooksChecker();
  for (const seq of [1, 2, 3]) checker.accept({ id: `m${seq}`, thread: "t", seq, by: seq === 2 ? "ben" : "ann" });
  more(checker);
  for (const it of all) checker.tell(it);
  return checker.finish().map(({ rule }) => rule);
}

const ALL = [told(1, 10), told(2, 20, { by: "ben" }), told(3, 30)];

describe("the checker of webhooks", () => {
  it("finds nothing wrong where each is told in order, also twice, and tried in vain", () => {
    expect(judge(ALL)).toEqual([]);
    const again = [told(1, 5, { taken: undefined }), ...ALL, told(1, 40)];
    expect(judge(again)).toEqual([]);
  });

  it.each<[string, Breach["rule"], readonly Told[]]>([
    ["a message that was never told", "lost", ALL.slice(0, 2)],
    ["a message that was tried and never taken", "lost", [...ALL.slice(0, 2), told(3, 30, { taken: undefined })]],
    ["a message that overtakes another", "order", [told(1, 10), told(2, 40, { by: "ben" }), told(3, 30)]],
    [
      "a message that is tried while the one before it fails",
      "order",
      [told(1, 10, { taken: undefined }), told(2, 20, { by: "ben" }), told(1, 30), told(3, 40)],
    ],
    ["another webhook-id at the second try", "id", [told(1, 5, { id: "other", taken: undefined }), ...ALL]],
    ["two messages under one webhook-id", "id", [told(1, 10), told(2, 20, { by: "ben", id: "w1" }), told(3, 30)]],
    ["a message that nobody sent", "unknown", [...ALL, told(4, 40)]],
  ])("finds %s", (_, rule, all) => {
    expect(judge(all)).toContain(rule);
  });

  it("wants nothing of a user who was erased, and finds what is told afterwards", () => {
    const erased = (checker: HooksChecker) => checker.erase("ben", 100);
    expect(judge([told(1, 10), told(3, 30)], erased)).toEqual([]);
    expect(judge(ALL, erased)).toEqual([]);
    expect(judge([...ALL, told(2, 101, { by: "ben" })], erased)).toEqual(["erased"]);
  });

  it("finds what is told of an import", () => {
    const imported = (checker: HooksChecker) => checker.import("m9");
    expect(judge(ALL, imported)).toEqual([]);
    expect(judge([...ALL, told(9, 90, { message: "m9" })], imported)).toEqual(["imported"]);
  });

  it("counts what is still to come", () => {
    const checker = new HooksChecker();
    for (const seq of [1, 2]) checker.accept({ id: `m${seq}`, thread: "t", seq, by: "ann" });
    checker.tell(told(1, 10));
    expect(checker.missing).toBe(1);
  });
});
