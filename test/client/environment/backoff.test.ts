import { describe, expect, it } from "vitest";
import { backoff, clock } from "../../../lib/client/environment/backoff.js";

describe("backoff()", () => {
  it("doubles its bound with each failure, up to half a minute, and never gives up", () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 1_000, 1_000_000].map((failures) => backoff(failures, 1));
    expect(bounds).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it("chooses the delay at random below the bound", () => {
    expect(backoff(3, 0)).toBe(0);
    expect(backoff(3, 0.25)).toBe(500);
  });
});

describe("clock.wait()", () => {
  it("ends when its signal aborts, or was aborted before", async () => {
    const over = new AbortController();
    const waited = clock.wait(60_000, over.signal);
    over.abort();
    await waited;
    await clock.wait(60_000, over.signal);
  });
});
