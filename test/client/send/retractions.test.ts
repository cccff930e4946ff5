import { describe, expect, it } from "vitest";
import { Retractions } from "../../../lib/client/send/retractions.js";

const retract = (id: string) => ({ type: "retract", retract: { thread: "t", id } });
const unknown = (repeated = false) => ({ id: "x", problem: { code: "message_not_found", status: 404 }, repeated });

describe("Retractions", () => {
  it("takes it for done when an earlier attempt did it, whose answer was lost", () => {
    expect(new Retractions().settle(retract("m"), unknown(true))).toEqual({ id: "x" });
  });

  it("takes it for done when this client has done it before, whatever the case of the id", () => {
    const retractions = new Retractions();
    retractions.settle(retract("m"), { id: "w" });
    expect(retractions.settle(retract("M"), unknown())).toEqual({ id: "x" });
  });

  it("tells what was never there, what was refused for another reason, and what is no retraction", () => {
    const retractions = new Retractions();
    const forbidden = { id: "x", problem: { code: "forbidden", status: 403 } };
    expect(retractions.settle(retract("m"), unknown())).toHaveProperty("problem.code", "message_not_found");
    expect(retractions.settle(retract("m"), { ...forbidden, repeated: true })).toEqual(forbidden);
    expect(retractions.settle({ type: "edit", edit: {} }, unknown(true))).toHaveProperty("problem");
  });
});
