import { describe, expect, it } from "vitest";
import { type Reading, ReceiptBatches } from "../../lib/chat/receipt-batch.js";

const NOW = 1_000_000;

/** Writes as the store would, and notes what was written together. */
function notes() {
  const written: (readonly Reading[])[] = [];
  const write = async (readings: readonly Reading[]) => {
    written.push(readings);
    return readings.map(({ seq }) => seq);
  };
  return { written, write };
}

const reading = (entity: string, seq: number, thread = "room") => ({ thread, entity, seq });

describe("the read receipts of an instance", () => {
  it("are written at once when they come alone, and together when others came within the second before", async () => {
    const batches = new ReceiptBatches();
    const { written, write } = notes();
    await batches.add(reading("ann", 1), NOW, true, write);
    const began = performance.now();
    const rest = ["ben", "cid", "dan"].map((who) => batches.add(reading(who, 1), NOW + 800, true, write));
    await Promise.all(rest);
    expect(performance.now() - began).toBeGreaterThan(150);
    expect(written.map((all) => all.map(({ entity }) => entity))).toEqual([["ann"], ["ben", "cid", "dan"]]);
    await batches.add(reading("eve", 1), NOW + 2_000, true, write);
    expect(written).toHaveLength(3);
  });

  it("count once for a user and a thread, with the furthest position", async () => {
    const batches = new ReceiptBatches();
    const { written, write } = notes();
    const all = [batches.add(reading("ann", 3), NOW, true, write), batches.add(reading("ann", 2), NOW, true, write)];
    expect(await Promise.all(all)).toEqual([
      { seq: 3, at: NOW },
      { seq: 3, at: NOW },
    ]);
    expect(written).toEqual([[reading("ann", 3)]]);
  });

  it("do not wait where something waits for them, nor when the chat closes", async () => {
    const batches = new ReceiptBatches();
    const { written, write } = notes();
    await batches.add(reading("ann", 1), NOW, true, write);
    const began = performance.now();
    const waiting = batches.add(reading("ben", 1), NOW, true, write);
    await batches.add(reading("cid", 1), NOW, false, write);
    await waiting;
    const closing = batches.add(reading("dan", 1), NOW, true, write);
    batches.flush();
    await closing;
    expect(performance.now() - began).toBeLessThan(500);
    expect(written.map((all) => all.length)).toEqual([1, 2, 1]);
  });

  it("all fail with the write that they share", async () => {
    const batches = new ReceiptBatches();
    const fails = async () => Promise.reject(new Error("unavailable"));
    const all = ["ann", "ben"].map((who) => batches.add(reading(who, 1), NOW, true, fails));
    for (const it of all) await expect(it).rejects.toThrow("unavailable");
  });
});
