import { describe, expect, it } from "vitest";
import { Retractions } from "../../../lib/client/send/retractions.js";

const retract = (id: string) => ({ type: "retract", retract: { thread: "t", id } });
const unknown = (repeated = false) => ({ id: "x", problem: { code: "message_not_found", status: 404 }, repeated });

describe("Retractions", () => {
  it("succeeds when an earlier attempt did it whose response was lost", () => {
    expect(new Retractions().settle(retract("m"), unknown(true))).toEqual({ id: "x" });
  });

  it("succeeds when this client has done it before, whatever the case of the id", () => {
    const retractions = new Retractions();
    retractions.settle(retract("m"), { id: "w" });
    expect(retractions.settle(retract("M"), unknown())).toEqual({ id: "x" });
  });

  it("reports an unknown message, another problem, and a problem of another stanza", () => {
    const retractions = new Retractions();
    const forbidden = { id: "x", problem: { code: "forbidden", status: 403 } };
    expect(retractions.settle(retract("m"), unknown())).toHaveProperty("problem.code", "message_not_found");
    expect(retractions.settle(retract("m"), { ...forbidden, repeated: true })).toEqual(forbidden);
    expect(retractions.settle({ type: "edit", edit: {} }, unknown(true))).toHaveProperty("problem");
  });
});
