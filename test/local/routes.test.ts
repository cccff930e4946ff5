import { expect, test } from "vitest";
import { parseRoutes } from "../../local/routes.js";

const routes = (...rewrites: [source: string, destination: string][]) =>
  parseRoutes(JSON.stringify({ rewrites: rewrites.map(([source, destination]) => ({ source, destination })) }));

test("a literal fits itself only", () => {
  const find = routes(["/nereid-chat/chat.js", "/widget.js"]);
  expect(find("/nereid-chat/chat.js")).toBe("/widget.js");
  for (const path of ["/nereid-chat/chatXjs", "/nereid-chat/chat.js/", "/x/nereid-chat/chat.js", "/"]) {
    expect(find(path)).toBeUndefined();
  }
});

test("a name fits one segment", () => {
  const find = routes(["/threads/:id/messages", "/api/history"]);
  expect(find("/threads/a%2Fb/messages")).toBe("/api/history");
  for (const path of ["/threads//messages", "/threads/messages", "/threads/a/b/messages"]) {
    expect(find(path)).toBeUndefined();
  }
});

test("a starred name fits any number of segments, none included", () => {
  const find = routes(["/nereid-chat/token/:token*", "/api/token"], ["/nereid-chat/:any*", "/api/rest"]);
  for (const path of ["/nereid-chat/token", "/nereid-chat/token/a", "/nereid-chat/token/a/b"]) {
    expect(find(path)).toBe("/api/token");
  }
  expect(find("/nereid-chat/tokens")).toBe("/api/rest");
  expect(find("/nereid-chat/token/")).toBeUndefined();
  expect(find("/nereid-chatter")).toBeUndefined();
});

test("a wildcard fits everything", () => {
  const find = routes(["/nereid-chat/threads(.*)", "/api/threads"], ["/(.*)", "/api/any"]);
  expect(find("/nereid-chat/threads")).toBe("/api/threads");
  expect(find("/nereid-chat/threads/1/messages")).toBe("/api/threads");
  expect(find("/other")).toBe("/api/any");
});

test("the first that fits wins", () => {
  const find = routes(["/a/:x", "/api/one"], ["/a/b", "/api/two"]);
  expect(find("/a/b")).toBe("/api/one");
});

test("a file without rewrites has none, and what cannot be read is refused", () => {
  expect(parseRoutes('{"cleanUrls": true}')("/")).toBeUndefined();
  expect(() => parseRoutes("{")).toThrow();
  expect(() => parseRoutes('{"rewrites": [{"source": "/a"}]}')).toThrow();
  expect(() => routes(["/a/{b}?", "/api/a"])).toThrow("Cannot read the rewrite /a/{b}?: unknown syntax at {b}?");
});
