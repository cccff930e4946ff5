import { describe, expect, test } from "vitest";
import { parseConfig } from "../../lib/config.js";
import * as cors from "../../lib/http/cors.js";

const LISTED = "https://shop.example";

const config = parseConfig({}, { ...process.env, CHAT_ORIGINS: `${LISTED}, http://localhost:5173` });

function asked(headers: Record<string, string>, method = "POST", url = "https://chat.example/nereid-chat/send") {
  return new Request(url, { method, headers });
}

describe("CORS", () => {
  test.each([LISTED, "http://localhost:5173"])("%s is listed", (it) => {
    const request = asked({ origin: it });
    expect(cors.allowOrigin(config, request)).toBe(it);
    expect(cors.corsHeaders(config, request)).toEqual({
      "Access-Control-Allow-Origin": it,
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Expose-Headers": "Allow, Retry-After, WWW-Authenticate",
    });
  });

  test.each([
    "null",
    "*",
    "",
    "https://evil.example",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example.evil.example",
    "https://a.shop.example",
    "https://shop.example/",
    "http://localhost:51733",
  ])("%j is never reflected", (it) => {
    const request = asked({ origin: it });
    expect(cors.allowOrigin(config, request)).toBeUndefined();
    expect(cors.corsHeaders(config, request)).toEqual({});
  });

  test("a request without an origin gets no headers", () => {
    expect(cors.corsHeaders(config, asked({}))).toEqual({});
  });

  test("a preflight is answered", async () => {
    const response = cors.preflight(config, asked({ origin: LISTED }, "OPTIONS"), ["POST", "DELETE"]);
    expect(response.status).toBe(204);
    expect(response.body).toBeNull();
    expect(Object.fromEntries(response.headers)).toEqual({
      "access-control-allow-origin": LISTED,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "POST, DELETE",
      "access-control-allow-headers": "Authorization, Content-Type, Last-Event-ID",
      "access-control-max-age": "600",
      "access-control-expose-headers": "Allow, Retry-After, WWW-Authenticate",
      allow: "POST, DELETE, OPTIONS",
    });
  });

  test("a preflight of a foreign page is told the methods, and allows nothing", () => {
    const response = cors.preflight(config, asked({ origin: "https://evil.example" }, "OPTIONS"), ["POST"]);
    expect(response.status).toBe(204);
    expect([...response.headers]).toEqual([["allow", "POST, OPTIONS"]]);
  });
});

describe("requests with a cookie", () => {
  const refusal = expect.objectContaining({ code: "origin_not_allowed", status: 403 });
  const checked = (request: Request, toStream = false) => {
    return () => cors.checkOrigin(config, request, true, toStream);
  };

  test.each([
    ["same origin", { origin: "https://chat.example" }],
    ["same origin behind a proxy", { origin: "http://chat.example", "x-forwarded-proto": "http, https" }],
    ["listed", { origin: LISTED }],
    ["listed, cross-site", { origin: LISTED, "sec-fetch-site": "cross-site" }],
    ["no browser", {}],
    ["no origin, same-origin", { "sec-fetch-site": "same-origin" }],
    ["typed by the user", { "sec-fetch-site": "none" }],
  ])("taken: %s", (_, headers) => {
    expect(checked(asked(headers))).not.toThrow();
    expect(checked(asked(headers, "GET"), true)).not.toThrow();
  });

  test.each([
    ["null", { origin: "null" }],
    ["empty", { origin: "" }],
    ["another host", { origin: "https://evil.example" }],
    ["another scheme", { origin: "http://chat.example" }],
    ["another scheme, says the proxy", { origin: "https://chat.example", "x-forwarded-proto": "http" }],
    ["another port", { origin: "https://chat.example:8443" }],
    ["a sibling", { origin: "https://a.chat.example" }],
    ["no origin, cross-site", { "sec-fetch-site": "cross-site" }],
    ["no origin, a sibling", { "sec-fetch-site": "same-site" }],
  ])("refused: %s", (_, headers) => {
    for (const method of ["POST", "PATCH", "DELETE", "PUT"]) {
      expect(checked(asked(headers, method))).toThrow(refusal);
    }
    expect(checked(asked(headers, "GET"), true)).toThrow(refusal);
    expect(checked(asked(headers, "GET"))).not.toThrow();
    expect(checked(asked(headers, "HEAD"))).not.toThrow();
  });

  test("host and port count, default ports are the same", () => {
    const headers = { origin: "http://127.0.0.1:3000" };
    expect(checked(asked(headers, "POST", "http://127.0.0.1:3000/nereid-chat/send"))).not.toThrow();
    expect(checked(asked(headers, "POST", "http://127.0.0.1:3001/nereid-chat/send"))).toThrow(refusal);
    const forwarded = { origin: "https://chat.example", "x-forwarded-proto": "https" };
    expect(checked(asked(forwarded, "POST", "http://chat.example/nereid-chat/send"))).not.toThrow();
    expect(checked(asked(forwarded, "POST", "http://chat.example:443/nereid-chat/send"))).not.toThrow();
  });

  test("a forwarded scheme that is none is ignored", () => {
    expect(checked(asked({ origin: "https://chat.example", "x-forwarded-proto": "a b" }))).not.toThrow();
  });
});

describe("origins with a star", () => {
  const starred = parseConfig({ origins: ["https://*.example.org", "https://*.dev.example.org:8443"] }, process.env);
  const allowed = (origin: string) => cors.allowOrigin(starred, asked({ origin }));

  test.each(["https://a.example.org", "https://A-1.Example.org", "https://x.dev.example.org:8443"])(
    "%s is one of them",
    (origin) => {
      expect(allowed(origin)).toBe(origin);
    },
  );

  test.each([
    "https://example.org",
    "https://aexample.org",
    "https://a.b.example.org",
    "https://.example.org",
    "https://*.example.org",
    "https://a.example.org:8443",
    "https://x.dev.example.org",
    "http://a.example.org",
    "https://a.example.org.evil.test",
    "https://evil.test/.example.org",
    "https://evil.test?.example.org",
    "https://evil.test#.example.org",
    "https://evil.test@a.example.org",
    "https://a:b.example.org",
    "null",
  ])("%s is none of them", (origin) => {
    expect(allowed(origin)).toBeUndefined();
  });
});

describe("behind a rewrite of the page's own site", () => {
  const origin = "https://app.test";
  const check = (headers: Record<string, string>) => () => cors.checkOrigin(config, asked(headers), true, true);
  const refusal = expect.objectContaining({ code: "origin_not_allowed" });

  test.each([
    ["by the browser", { origin, "sec-fetch-site": "same-origin" }],
    ["by the forwarded host", { origin, "x-forwarded-host": "app.test" }],
    ["by the first of several", { origin, "x-forwarded-host": "APP.test:443, edge.test" }],
    ["by host and scheme", { origin: "http://app.test", "x-forwarded-host": "app.test", "x-forwarded-proto": "http" }],
  ])("the page is known as the same origin: %s", (_, headers) => {
    expect(check(headers)).not.toThrow();
  });

  test.each([
    ["another host", { origin, "x-forwarded-host": "evil.test" }],
    ["another scheme", { origin, "x-forwarded-host": "app.test", "x-forwarded-proto": "http" }],
    ["a host that is none", { origin, "x-forwarded-host": "app.test evil" }],
    ["an empty host", { origin: "null", "x-forwarded-host": "" }],
    ["a page without an origin", { origin: "null", "sec-fetch-site": "same-origin" }],
    ["another site", { origin, "sec-fetch-site": "cross-site" }],
    ["a sibling", { origin, "sec-fetch-site": "same-site" }],
  ])("others are refused: %s", (_, headers) => {
    expect(check(headers)).toThrow(refusal);
  });
});

test("without a cookie a foreign page is a client like any other", () => {
  const request = asked({ origin: "https://evil.example", "sec-fetch-site": "cross-site" });
  expect(() => cors.checkOrigin(config, request, false, true)).not.toThrow();
});
