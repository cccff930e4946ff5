import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { autolink } from "../../../lib/client/view/autolink.js";

const links = (text: string) => autolink(text).flatMap(({ text, href }) => (href === undefined ? [] : [text]));

describe("autolink()", () => {
  it.each([
    ["see https://a.example/x, please", ["https://a.example/x"]],
    ["(https://a.example/x_(y)).", ["https://a.example/x_(y)"]],
    ["www.a.example and HTTP://B.example?", ["www.a.example", "HTTP://B.example"]],
    ["Www.a.example, WWW.B.example", ["Www.a.example", "WWW.B.example"]],
    ["javascript:alert(1) data:text/html,x //a.example mailto:a@b.example", []],
    ["https:// http://? a.example", []],
    ["https://a.example/\"onmouseover='x'", ["https://a.example/"]],
    ["https://a.example/foo。次の文です", ["https://a.example/foo"]],
    ["「https://a.example/foo」です、（www.b.example）", ["https://a.example/foo", "www.b.example"]],
    ["“https://a.example/foo”的 «https://a.example/x»", ["https://a.example/foo", "https://a.example/x"]],
    [
      "https://a.example/एक। https://a.example/x؟ https://a.example/y，",
      ["https://a.example/एक", "https://a.example/x", "https://a.example/y"],
    ],
    ["https://a.example/x\u202ecod.exe", ["https://a.example/x"]],
    [
      "https://ja.a.example/スティーブ・ジョブズ https://a.example/L’Équipe’",
      ["https://ja.a.example/スティーブ・ジョブズ", "https://a.example/L’Équipe"],
    ],
  ])("finds the addresses in: %s", (text, expected) => {
    expect(links(text)).toEqual(expected);
  });

  it("links only to the web, and loses no letter", () => {
    const part = fc.constantFrom(
      "https://",
      "www.",
      "javascript:",
      "a.example",
      "(",
      ")",
      ".",
      " ",
      "\n",
      '"',
      "<",
      "é",
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join("");
        const pieces = autolink(text);
        expect(pieces.map((it) => it.text).join("")).toBe(text);
        for (const { href } of pieces) if (href !== undefined) expect(href).toMatch(/^https?:\/\/[^/]/);
      }),
    );
  });
});
