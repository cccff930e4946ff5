import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { sanitize } from "../../../lib/chat/html.js";
import { toHtml } from "../../../lib/client/view/formatting.js";
import { hasMarksOnly, toMarks } from "../../../lib/client/view/marks.js";

describe("a text with marks", () => {
  it.each([
    ["Bring **milk**", "Bring <b>milk</b>"],
    ["_Really?_ ~~No~~", "<i>Really?</i> <s>No</s>"],
    ["**bold _and italic_**", "<b>bold <i>and italic</i></b>"],
    ["un**believ**able, 日本**太字**です", "un<b>believ</b>able, 日本<b>太字</b>です"],
    ["`a < b` & **c**", "<code>a &lt; b</code> &amp; <b>c</b>"],
    ["one\n**two**", "one<br /><b>two</b>"],
    ["try\n```\nif (x)\n  y();\n```\n**now**", "try<pre>if (x)\n  y();</pre><b>now</b>"],
    ["`https://a.example`", "<code>https://a.example</code>"],
    [
      "**https://a.example/_x_/?a=1&b**",
      '<b><a href="https://a.example/_x_/?a=1&amp;b">https://a.example/_x_/?a=1&amp;b</a></b>',
    ],
  ])("%j is HTML", (text, html) => {
    expect(toHtml(text)).toBe(html);
  });

  it.each([
    "2 * 3 ** 4 and 2**3**4",
    "f(**one, **two)",
    "snake_case_name and __init__",
    "^_^ hello ^_^",
    "~~ not struck ~~",
    "``` ```",
    "a ` b",
    "https://a.example/_x_/**y**",
    "**not\nacross lines**",
  ])("%j marks nothing", (text) => {
    expect(toHtml(text)).toBeUndefined();
  });
});

describe("HTML that an input wrote", () => {
  it.each([
    "Bring **milk** and _sugar_, ~~salt~~ `now`",
    "**bold _both_**\n\nwith https://a.example/?a=1&b=<2>",
    "a\n```\nx < 1 && y\n```\nb **c**",
  ])("becomes the text that was typed, after the deployment has sanitised it: %j", (text) => {
    const html = sanitize(toHtml(text) ?? "");
    expect(hasMarksOnly(html)).toBe(true);
    expect(toMarks(html)).toBe(text);
  });

  it.each([
    "<p>A paragraph</p>",
    "<ul><li>one</li></ul>",
    '<a href="https://a.example">here</a>',
    "<blockquote>so</blockquote>",
  ])("is told from that of others, which is not edited as text: %j", (html) => {
    expect(hasMarksOnly(sanitize(html))).toBe(false);
  });
});

test("Whatever is typed becomes HTML that the deployment leaves as it is, but for the attributes of links", () => {
  const piece = fc.oneof(
    fc.constantFrom("**", "_", "~~", "`", "```", "\n", " ", "<b>", "&", '"', "https://a.example/", "é"),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const html = toHtml(pieces.join(""));
      if (html === undefined) return;
      expect(sanitize(html).replaceAll(' rel="noopener noreferrer nofollow" target="_blank"', "")).toBe(html);
    }),
  );
});

test("A text of the greatest length is read at once", () => {
  for (const text of ["**a ", "_a ", "~~a ", "`", "```a\n", "** _a"]) {
    const began = performance.now();
    toHtml(text.repeat(8_192 / text.length));
    expect(performance.now() - began, text).toBeLessThan(500);
  }
});
