import { describe, expect, it } from "vitest";
import { Ledger } from "../../../lib/client/follow/continuity.js";

const message = (seq: number, thread = "t") => ({ thread, seq });
const answer = (prev: string) => ({ timestamp: "", prev, cursor: "c", stanzas: [] });

describe("Ledger", () => {
  it("counts a break when an answer does not continue from the cursor that was asked for", () => {
    const ledger = new Ledger();
    ledger.answer(undefined, answer("a"));
    ledger.answer("a", answer("a"));
    expect(ledger.counts).toMatchObject({ answers: 2, breaks: 0 });
    ledger.answer("a", answer("b"));
    expect(ledger.counts).toMatchObject({ answers: 3, breaks: 1 });
  });

  it("takes any message for the first of a thread, and then each that follows", () => {
    const ledger = new Ledger();
    expect([7, 8, 9].map((seq) => ledger.message(message(seq)))).toEqual(["next", "next", "next"]);
    expect(ledger.message(message(1, "another"))).toBe("next");
    expect(ledger.counts).toMatchObject({ messages: 4, holes: 0, repeats: 0 });
  });

  it("sees a hole, and a repetition", () => {
    const ledger = new Ledger();
    expect([1, 3, 3, 2].map((seq) => ledger.message(message(seq)))).toEqual(["next", "hole", "repeat", "repeat"]);
    expect(ledger.counts).toMatchObject({ holes: 1, repeats: 2 });
  });

  it("counts nothing twice that came with a history, and goes on after it", () => {
    const ledger = new Ledger();
    ledger.message(message(1));
    ledger.read("t", [message(1), message(2), message(3)], 2);
    expect([2, 3, 4].map((seq) => ledger.message(message(seq)))).toEqual(["repeat", "repeat", "next"]);
    expect(ledger.counts).toMatchObject({ holes: 0, repeats: 0 });
  });

  it("knows how far back a thread is held, by the stream and by what the page read", () => {
    const ledger = new Ledger();
    ledger.message(message(20));
    expect(ledger.oldest("t")).toBe(20);
    ledger.hold("t", [message(5), message(6)]);
    expect(ledger.oldest("t")).toBe(5);
    expect(ledger.message(message(21))).toBe("next");
    expect(ledger.oldest("another")).toBeUndefined();
  });

  it("expects nothing of a thread that its user comes back to", () => {
    const ledger = new Ledger();
    ledger.message(message(1));
    const news = { id: "t", action: "added", by: "ben", entity: "ben", timestamp: "" } as const;
    ledger.news({ ...news, entities: ["cid"] }, "ann");
    expect(ledger.message(message(3))).toBe("hole");
    ledger.news({ ...news, entities: ["ann"] }, "ann");
    expect(ledger.message(message(9))).toBe("next");
  });
});
