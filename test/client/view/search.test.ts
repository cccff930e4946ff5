import { describe, expect, it } from "vitest";
import { contains } from "../../../lib/client/view/search.js";

describe("contains()", () => {
  it.each([
    ["cafe\u0301", "caf\u00e9"],
    ["caf\u00e9", "CAFE\u0301"],
    ["FILE", "file"],
    ["\u0130STANBUL", "istanbul"],
    ["Straße", "STRASSE"],
    ["ΟΔΟΣ", "οδός".normalize("NFD").replace(/\p{M}/gu, "")],
    ["ｆｕｌｌ", "full"],
    ["don\u2019t say \u201cyes\u201d", 'don\'t say "yes"'],
    ["don't", "don\u2018t"],
    ["anything", "  "],
  ])("finds %s by %s", (text, query) => {
    expect(contains(text, query)).toBe(true);
  });

  it("distinguishes letters that differ only in marks", () => {
    expect(contains("がき", "かき")).toBe(false);
    expect(contains(undefined, "a")).toBe(false);
  });
});
