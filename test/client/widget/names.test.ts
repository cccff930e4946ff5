import { describe, expect, it } from "vitest";
import { addActors, EMPTY } from "../../../lib/client/view/inbox.js";
import { actorName, personName, shown } from "../../../lib/client/widget/names.js";
import { ENGLISH } from "../../../lib/client/widget/strings.js";

describe("personName()", () => {
  it.each([
    ["guest,1", "Ann", undefined, "Ann (guest)"],
    ["g1", "Ann", "guest", "Ann (guest)"],
    ["g1", "Ann", "person", "Ann"],
    ["guest,1", "\u202enimdA", "guest", "nimdA (guest)"],
    ["guest,1", "A\u200bnn\u2066", "guest", "Ann (guest)"],
  ])("names %j, called %j, of type %j", (id, displayName, objectType, expected) => {
    const inbox = addActors(EMPTY, [{ id, displayName, ...(objectType && { objectType }) }]);
    expect(personName(inbox, id, ENGLISH)).toBe(expected);
  });

  it.each(["", " ", "\u200b", "\u2800", "\u3164", "\u202e", "\u0301"])(
    "shows the identifier for the name %j",
    (name) => {
      expect(actorName({ id: "ann,1", displayName: name }, ENGLISH)).toBe("ann,1");
    },
  );

  it("marks a guest whose name is right to left outside of the name", () => {
    expect(actorName({ id: "guest,1", displayName: "דנה" }, ENGLISH)).toBe("\u2068דנה\u2069 (guest)");
  });
});

describe("shown()", () => {
  it("keeps the joiners that scripts and emoji need", () => {
    expect(shown("می\u200cخواهم")).toContain("\u200c");
    expect(shown("👩\u200d🔬")).toBe("👩\u200d🔬");
  });
});
