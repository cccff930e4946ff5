import { describe, expect, it } from "vitest";
import { highlight } from "../../../lib/client/view/highlight.js";

const marked = (text: string, query: string, short = false) =>
  highlight(text, query, short)
    .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
    .join("");

describe("highlight()", () => {
  it.each([
    ["Tea and cake", "tea", "[Tea] and cake"],
    ["Café au lait", "cafe", "[Café] au lait"],
    ["Cafe\u0301 au lait", "café", "[Cafe\u0301] au lait"],
    ["Straße 5", "STRASSE", "[Straße] 5"],
    ["ＴＥＡ", "tea", "[ＴＥＡ]"],
    ["one two one", "one  two", "[one] [two] [one]"],
    ["aaa", "aa a", "[aaa]"],
    ["🎉 party 🎉", "🎉", "[🎉] party [🎉]"],
    ["Nothing here", "absent", "Nothing here"],
    ["", "x", ""],
  ])("finds in %j for %j: %s", (text, query, expected) => {
    expect(marked(text, query)).toBe(expected);
  });

  it("leaves out what lies far before the first hit, from a word on", () => {
    const text = "A long sentence that says a lot before it says where the tea is kept";
    expect(marked(text, "tea", true)).toBe("… lot before it says where the [tea] is kept");
  });

  it("joins to the text", () => {
    const text = "İstanbul, ﬁne, Ångström: 𝒯ea";
    expect(
      highlight(text, "istanbul fine ang tea")
        .map((it) => it.text)
        .join(""),
    ).toBe(text);
  });
});
