import { describe, expect, it } from "vitest";
import { choices, mentionsIn, queryAt, split } from "../../../lib/client/view/mention.js";

const member = (name: string, entity = name.toLowerCase()) => ({ entity, name });
const NAMES = ["Ann Marie", "Ann", "Ben", "Zoë Ångström", "Marianne"];
const MEMBERS = NAMES.map((name) => member(name));

describe("queryAt", () => {
  it.each([
    ["@", 1, { at: 0, query: "" }],
    ["Hello @An", 9, { at: 6, query: "An" }],
    ["Hello @Ann Ma", 13, { at: 6, query: "Ann Ma" }],
    ["(@b", 3, { at: 1, query: "b" }],
    ["one\n@b", 6, { at: 4, query: "b" }],
    ["@Ann, and @b", 12, { at: 10, query: "b" }],
    ["@Ben", 2, { at: 0, query: "B" }],
    ["ann@example", 11, undefined],
    ["@Ann\n", 5, undefined],
    ["no name", 7, undefined],
    [`@${"x".repeat(41)}`, 42, undefined],
  ])("finds in %j, the caret at %i, %j", (text, caret, found) => {
    expect(queryAt(text, caret)).toEqual(found);
  });
});

describe("choices", () => {
  const names = (query: string) => choices(MEMBERS, query).map(({ name }) => name);

  it("are the members of whom a word begins with the query, first those whose name does", () => {
    expect(names("ann")).toEqual(["Ann Marie", "Ann"]);
    expect(names("mari")).toEqual(["Marianne", "Ann Marie"]);
    expect(names("ÅNG")).toEqual(["Zoë Ångström"]);
    expect(names("x")).toEqual([]);
  });

  it("are at most eight", () => {
    const many = Array.from({ length: 50 }, (_, i) => member(`Ann ${i}`));
    expect(choices(many, "")).toHaveLength(8);
  });
});

describe("mentionsIn", () => {
  it.each([
    ["Hello @Ben!", ["ben"]],
    ["@Ann Marie and @Ann", ["ann marie", "ann"]],
    ["@Benny is nobody here", []],
    ["write to ann@Ben", []],
    ["@Ben @Ben", ["ben"]],
    ["@Zoë Ångström: tea?", ["zoë ångström"]],
  ])("are in %j %j", (text, entities) => {
    expect(mentionsIn(text, MEMBERS, new Set())).toEqual(entities);
  });

  it("are of the one who was chosen, where two have a name", () => {
    const two = [member("Ann", "ann,1"), member("Ann", "ann,2")];
    expect(mentionsIn("@Ann", two, new Set(["ann,2"]))).toEqual(["ann,2"]);
    expect(mentionsIn("@Ann", two, new Set())).toEqual(["ann,1"]);
    expect(mentionsIn("@Ann", two, new Set(["ann,1", "ann,2"]))).toEqual(["ann,1", "ann,2"]);
  });
});

describe("split", () => {
  it("returns pieces that joined are the text", () => {
    const text = "a @Ann Marie, @Ben? @Annabel @ @@Ben b@Ben";
    const pieces = split(text, NAMES);
    expect(pieces.map((it) => it.text).join("")).toBe(text);
    expect(pieces.flatMap(({ name }) => name ?? [])).toEqual(["Ann Marie", "Ben", "Ben"]);
  });

  it("knows no empty name", () => {
    expect(split("@ me", [""])).toEqual([{ text: "@ me" }]);
  });
});
