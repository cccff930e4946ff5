import { expect, test } from "vitest";
import { parseHeaders } from "../../local/public-headers.js";

const headers = (...sources: string[]) =>
  parseHeaders(
    JSON.stringify({ headers: sources.map((source) => ({ source, headers: [{ key: "X-Source", value: source }] })) }),
  );

test("a literal fits itself only", () => {
  const find = headers("/nereid-chat/client.js");
  expect(find("/nereid-chat/client.js")).toEqual({ "X-Source": "/nereid-chat/client.js" });
  for (const path of ["/nereid-chat/clientXjs", "/nereid-chat/client.js/", "/x/nereid-chat/client.js", "/"]) {
    expect(find(path)).toEqual({});
  }
});

test("a wildcard fits everything, and the last that fits wins", () => {
  const find = headers("/nereid-chat/(.*)", "/nereid-chat/client.js");
  expect(find("/nereid-chat/threads/1")).toEqual({ "X-Source": "/nereid-chat/(.*)" });
  expect(find("/nereid-chat/client.js")).toEqual({ "X-Source": "/nereid-chat/client.js" });
  expect(find("/nereid-chatter")).toEqual({});
});

test("a file without headers has none, and what cannot be read is refused", () => {
  expect(parseHeaders('{"cleanUrls": true}')("/")).toEqual({});
  expect(() => parseHeaders("{")).toThrow();
  expect(() => headers("/a/{b}?")).toThrow("Cannot read the pattern /a/{b}?: unknown syntax in /a/{b}?");
});
