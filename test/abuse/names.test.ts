import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { Entity } from "../../lib/schema/actor.js";
import { cleanName, DisplayName } from "../../lib/schema/display-name.js";

// Nobody looks like somebody else.

describe("display names", () => {
  it.each([
    ["Zoe\u0308", "Zoë"],
    ["\u202EnimdA", "nimdA"],
    ["Ann\u0000", "Ann"],
    ["Ann\r\nBen\u2028Cid", "Ann Ben Cid"],
    ["ad\u200Bmin\u2060\uFEFF", "admin"],
    ["\u2066Ann\u2069 \u{E0041}", "Ann"],
    ["  Ann \u2800 B ", "Ann B"],
    ["👩\u200D👧 ❤\uFE0F 🇩🇪", "👩\u200D👧 ❤\uFE0F 🇩🇪"],
    ["می\u200Cخواهم", "می\u200Cخواهم"],
    ["Ann\u200D", "Ann"],
    ["\uFE0FAnn", "Ann"],
    ["Jose\u200B\u0301", "José"],
    ["Ann \u200B Ben", "Ann Ben"],
    ["Ad\u200Dmin Юр\u200Cий 1\u200D2", "Admin Юрий 12"],
    ["User1\uFE0F 1\uFE0F\u20E3", "User1 1\uFE0F\u20E3"],
    ["क्\u200Dष ශ්\u200Dරී", "क्\u200Dष ශ්\u200Dරී"],
  ])("are normalised, without what hides or turns them: %j", (name, clean) => {
    expect(cleanName(name)).toBe(clean);
    expect(v.parse(DisplayName, name)).toBe(clean);
    expect(cleanName(clean)).toBe(clean);
  });

  it.each(["", " ", "\u200B", "\u3164", "\u2800", "\u202E\u202C", "\uFE0F", "\u00AD", "\u0301"])(
    "have something visible in them: %j",
    (name) => {
      expect(cleanName(name)).toBeUndefined();
      expect(v.is(DisplayName, name)).toBe(false);
    },
  );
});

describe("entities", () => {
  it.each([
    "ad\u200Bmin",
    "\u202Euser",
    "a\u00ADb",
    "a\u2028b",
    "\u3164",
    "a\uFE0F",
    "a\u{E0041}",
    "a\u0000",
    "\uFEFFa",
  ])("have no invisible characters: %j", (entity) => expect(v.is(Entity, entity)).toBe(false));

  it.each(["nereid.user,123", 'user,"\\%é👍', "用户 1", "https://a.example/u?x=1#y"])("may be %j", (entity) =>
    expect(v.is(Entity, entity)).toBe(true),
  );
});
