import { expect, test } from "vitest";
import { contactAllowed } from "../../lib/people/contact.js";

test("everybody is a contact without the claim", () => {
  expect(contactAllowed(undefined, "anybody")).toBe(true);
});

test("nobody is a contact under an empty claim", () => {
  expect(contactAllowed([], "anybody")).toBe(false);
});

test.each([
  ["ann", "ann", true],
  ["ann", "anne", false],
  ["ann", "Ann", false],
  ["team,*", "team,7", true],
  ["team,*", "team,", true],
  ["team,*", "team", false],
  ["*", "anybody", true],
  ["a*b", "a*b", true],
  ["a*b", "axb", false],
  ["a.*", "abc", false],
  ["", "ann", false],
])("%j names %j: %j", (contact, entity, allowed) => {
  expect(contactAllowed(["somebody else", contact], entity)).toBe(allowed);
});
