import { describe, expect, it } from "vitest";
import { ContinuityTracker } from "../../../lib/client/follow/continuity.js";

const message = (seq: number, thread = "t") => ({ thread, seq });
const answer = (prev: string) => ({ timestamp: "", prev, cursor: "c", stanzas: [] });

describe("ContinuityTracker", () => {
  it("counts a break when an answer does not continue from the cursor that was asked for", () => {
    const tracker = new ContinuityTracker();
    tracker.onResponse(undefined, answer("a"));
    tracker.onResponse("a", answer("a"));
    expect(tracker.counts).toMatchObject({ answers: 2, breaks: 0 });
    tracker.onResponse("a", answer("b"));
    expect(tracker.counts).toMatchObject({ answers: 3, breaks: 1 });
  });

  it("accepts any message as the first of a thread, and then expects the next seq", () => {
    const tracker = new ContinuityTracker();
    expect([7, 8, 9].map((seq) => tracker.onMessage(message(seq)))).toEqual(["next", "next", "next"]);
    expect(tracker.onMessage(message(1, "another"))).toBe("next");
    expect(tracker.counts).toMatchObject({ messages: 4, holes: 0, repeats: 0 });
  });

  it("counts holes and repeats", () => {
    const tracker = new ContinuityTracker();
    expect([1, 3, 3, 2].map((seq) => tracker.onMessage(message(seq)))).toEqual(["next", "hole", "repeat", "repeat"]);
    expect(tracker.counts).toMatchObject({ holes: 1, repeats: 2 });
  });

  it("counts nothing twice that came with a page of history, and continues after it", () => {
    const tracker = new ContinuityTracker();
    tracker.onMessage(message(1));
    tracker.onHistory("t", [message(1), message(2), message(3)], 2);
    expect([2, 3, 4].map((seq) => tracker.onMessage(message(seq)))).toEqual(["repeat", "repeat", "next"]);
    expect(tracker.counts).toMatchObject({ holes: 0, repeats: 0 });
  });

  it("does not count a page as held that leaves a gap, such as one around a message that was looked up", () => {
    const tracker = new ContinuityTracker();
    tracker.onMessage(message(20));
    tracker.onPage("t", [message(5), message(6)]);
    expect(tracker.oldest("t")).toBe(20);
  });

  it("knows how far back a thread is known, by the stream and by the history that was read", () => {
    const tracker = new ContinuityTracker();
    tracker.onMessage(message(20));
    expect(tracker.oldest("t")).toBe(20);
    tracker.onPage("t", [message(18), message(19)]);
    expect(tracker.oldest("t")).toBe(18);
    expect(tracker.onMessage(message(21))).toBe("next");
    expect(tracker.oldest("another")).toBeUndefined();
  });

  it("expects no particular seq in a thread that its user rejoins", () => {
    const tracker = new ContinuityTracker();
    tracker.onMessage(message(1));
    const news = { id: "t", action: "added", by: "ben", entity: "ben", timestamp: "" } as const;
    tracker.onThread({ ...news, entities: ["cid"] }, "ann");
    expect(tracker.onMessage(message(3))).toBe("hole");
    tracker.onThread({ ...news, entities: ["ann"] }, "ann");
    expect(tracker.onMessage(message(9))).toBe("next");
  });
});
