import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { Actor, Entity, WebUrl } from "../../lib/schema/actor.js";

describe("Entity", () => {
  test.each(["a", "nereid.user,123", "a b", "a:b|c,d", "ünïcödé", "👍".repeat(255), "%00", "__proto__"])(
    "takes %j",
    (id) => {
      expect(v.parse(Entity, id)).toBe(id);
    },
  );

  test.each([
    ["empty", ""],
    ["256 characters", "a".repeat(256)],
    ["256 characters outside of the BMP", "👍".repeat(256)],
    ["C0", "a\nb"],
    ["NUL", "\0"],
    ["DEL", "a\u007f"],
    ["C1", "\u0085"],
    ["a lone high surrogate", "a\ud800b"],
    ["a lone low surrogate", "\udc00"],
    ["a trailing newline", "a\n"],
    ["a number", 1],
    ["null", null],
  ])("refuses %s", (_, id) => {
    expect(v.is(Entity, id)).toBe(false);
  });

  test("can always be percent-encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (id) => {
        if (v.is(Entity, id)) expect(decodeURIComponent(encodeURIComponent(id))).toBe(id);
      }),
    );
  });
});

describe("Actor", () => {
  test("is a person by default", () => {
    expect(v.parse(Actor, { id: "ann" })).toEqual({ id: "ann", objectType: "person" });
  });

  test("keeps extensions verbatim", () => {
    const actor = {
      id: "ann",
      objectType: "bot",
      displayName: "Ann",
      url: "https://example.org",
      image: { url: "http://example.org/a.png", width: 64 },
      team: { name: "blue", tags: [1, null, true] },
      toString: "x",
    };
    expect(v.parse(Actor, actor)).toEqual(actor);
  });

  test.each([
    { id: "" },
    { id: "ann", objectType: null },
    { id: "ann", displayName: 1 },
    { id: "ann", url: "javascript:alert(1)" },
    { id: "ann", image: "https://example.org/a.png" },
    { id: "ann", image: {} },
    { id: "ann", image: { url: "data:image/png;base64,AA==" } },
    { displayName: "Ann" },
    [],
    "ann",
  ])("refuses %j", (actor) => {
    expect(v.is(Actor, actor)).toBe(false);
  });
});

describe("WebUrl", () => {
  test("takes http and https to the letter", () => {
    for (const url of ["https://example.org", "HTTP://Example.org/ä?b#c"]) expect(v.parse(WebUrl, url)).toBe(url);
  });

  test.each([
    "",
    "/a",
    "//example.org",
    "example.org",
    "ftp://a",
    "java\nscript:alert(1)",
    "https://",
    "blob:https://a/b",
  ])("refuses %j", (url) => {
    expect(v.is(WebUrl, url)).toBe(false);
  });
});
