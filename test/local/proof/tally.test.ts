import { describe, expect, it } from "vitest";
import { LATE_MS, Tally } from "../../../local/proof/tally.js";

const NOW = 1_000_000;

/** A message to three, accepted, and seen by the first so many of them. */
function said(seen: number): Tally {
  const tally = new Tally();
  tally.said("a", 3);
  tally.accepted("a", NOW);
  for (let by = 0; by < seen; by++) tally.heard("a", by);
  return tally;
}

describe("Tally", () => {
  it("counts each member's screen once, whether the answer or the stream is faster", () => {
    const slow = new Tally();
    slow.said("a", 3);
    slow.heard("a", 0);
    expect(slow.sum(NOW)).toMatchObject({ accepted: 0, expected: 0, delivered: 0, waiting: 1 });
    slow.accepted("a", NOW);
    expect(slow.sum(NOW)).toMatchObject({ accepted: 1, expected: 3, delivered: 1, waiting: 0 });
    expect(said(3).sum(NOW)).toMatchObject({
      accepted: 1,
      expected: 3,
      delivered: 3,
      lost: 0,
      doubled: 0,
      oldestMs: 0,
    });
  });

  it("counts as lost what somebody has not seen long after it was accepted, until they have", () => {
    const tally = said(1);
    expect(tally.sum(NOW + LATE_MS)).toMatchObject({ lost: 0, oldestMs: LATE_MS });
    expect(tally.sum(NOW + LATE_MS + 1)).toMatchObject({ lost: 2 });
    tally.heard("a", 1);
    tally.heard("a", 2);
    expect(tally.sum(NOW + LATE_MS + 1)).toMatchObject({ lost: 0, delivered: 3 });
  });

  it("does not count as lost what was never accepted", () => {
    const tally = new Tally();
    tally.said("a", 3);
    tally.said("b", 3);
    tally.refused("b");
    expect(tally.sum(NOW + 10 * LATE_MS)).toMatchObject({ lost: 0, waiting: 1, refused: 1 });
  });

  it("counts what somebody sees again, before and after everybody has seen it", () => {
    const tally = said(2);
    tally.heard("a", 1);
    expect(tally.sum(NOW)).toMatchObject({ delivered: 2, doubled: 1 });
    tally.heard("a", 2);
    tally.heard("a", 0);
    expect(tally.sum(NOW)).toMatchObject({ delivered: 3, doubled: 2 });
  });
});
