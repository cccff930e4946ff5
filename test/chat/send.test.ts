import { describe, expect, it } from "vitest";
import { weigh } from "../../lib/chat/send.js";

describe("weigh()", () => {
  it("counts one a stanza, whatever it is", () => {
    expect(weigh([{ type: "message", message: {} }, { type: "nonsense" }, null])).toBe(3);
  });

  it("counts one more for everybody whom a change of a thread names", () => {
    const changed = { id: "t", add: ["a", "b"], ban: ["c"], remove: [], unban: ["d"] };
    expect(weigh([{ type: "thread", thread: changed }])).toBe(5);
    expect(weigh([{ type: "thread", thread: { add: "all" } }])).toBe(1);
  });
});
