import { describe, expect, it } from "vitest";
import { weigh } from "../../lib/chat/send.js";

describe("weigh()", () => {
  it("counts one for each stanza, whatever it is", () => {
    expect(weigh([{ type: "message", message: {} }, { type: "nonsense" }, null])).toBe(3);
  });

  it("counts one more for each entity that a thread change names", () => {
    const changed = { id: "t", add: ["a", "b"], ban: ["c"], remove: [], unban: ["d"] };
    expect(weigh([{ type: "thread", thread: changed }])).toBe(5);
    expect(weigh([{ type: "thread", thread: { add: "all" } }])).toBe(1);
  });
});
