import { describe, expect, it } from "vitest";
import { kindOf, moved, revoked } from "../../lib/log/event.js";

const KINDS = ["post", "direct", "join", "leave", "own", "state", "presence", "delivered", "revoke", "epoch"] as const;
const event = { n: 7, tag: "x", kind: "post", by: "ann", thread: "t", body: "{}" } as const;

describe("an event", () => {
  it("names those who join or leave by it, and nobody by any other kind", () => {
    const body = JSON.stringify({ type: "thread", thread: { id: "t", entities: ["ann", "ben"] } });
    expect(moved({ ...event, kind: "join", body })).toEqual(["ann", "ben"]);
    expect(moved({ ...event, kind: "leave", body })).toEqual(["ann", "ben"]);
    expect(moved({ ...event, kind: "post", body })).toEqual([]);
  });

  it("names the tokens that it revokes", () => {
    const body = JSON.stringify({ tokens: ["one"] });
    expect(revoked({ ...event, kind: "revoke", body })).toEqual(["one"]);
    expect(revoked({ ...event, body })).toEqual([]);
  });

  it("is of a kind that is known by its own name only", () => {
    expect(KINDS.map(kindOf)).toEqual([...KINDS]);
    expect(["constructor", "Post", "__proto__", "", "poll-vote"].map(kindOf)).toEqual(Array(5).fill("opaque"));
  });
});
