import { describe, expect, it } from "vitest";
import { weigh } from "../../lib/chat/send.js";

describe("weigh()", () => {
  it("counts one for each stanza, whatever it is", () => {
    expect(weigh([{ type: "message", message: {} }, { type: "nonsense" }, null], 9)).toBe(3);
  });

  it("counts one more for a thread change, and for each entity that it names", () => {
    const changed = { id: "t", add: ["a", "b"], ban: ["c"], remove: [], unban: ["d"] };
    expect(weigh([{ type: "thread", thread: changed }], 9)).toBe(6);
    expect(weigh([{ type: "thread", thread: { add: "all" } }], 9)).toBe(1);
  });
});
