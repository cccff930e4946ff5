import { readdirSync, readFileSync } from "node:fs";
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

test("what begins with a name can be left out", () => {
  const find = headers("/((?!chat|api/).*)");
  for (const path of ["/", "/index.html", "/docs/style.css", "/apian"]) expect(find(path)).not.toEqual({});
  for (const path of ["/chat", "/chat/token", "/chats", "/api/chat"]) expect(find(path)).toEqual({});
});

test("each public file is revalidated, and may be read and embedded by any page; a page of ours may not be framed", () => {
  const find = parseHeaders(readFileSync("vercel.json", "utf8"));
  const files = readdirSync("public", { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  const paths = files.map(({ parentPath, name }) =>
    `${parentPath}/${name}`.replace(/^public/, "").replaceAll("\\", "/"),
  );
  expect(paths).toContain("/openapi.json");
  for (const path of paths) {
    const found = find(path);
    expect([path, found["Cache-Control"]]).toEqual([path, "public, max-age=0, must-revalidate"]);
    expect([path, found["Access-Control-Allow-Origin"]]).toEqual([path, "*"]);
    const isPage = path.endsWith(".html");
    expect([path, found["Cross-Origin-Resource-Policy"]]).toEqual([path, isPage ? "same-origin" : "cross-origin"]);
    expect([path, found["X-Content-Type-Options"]]).toEqual([path, "nosniff"]);
    if (isPage) expect(found["Content-Security-Policy"]).toMatch(/frame-ancestors 'none'/);
  }
  for (const path of ["/nereid-chat/token", "/nereid-chat", "/api/chat"])
    expect(find(path)["Access-Control-Allow-Origin"]).toBeUndefined();
});
