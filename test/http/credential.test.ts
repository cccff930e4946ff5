import { describe, expect, test } from "vitest";
import { parseConfig } from "../../lib/config.js";
import { findCredential, sessionCookie } from "../../lib/http/credential.js";

const UUID = "0b9f6a52-3c1d-4e8f-9a7b-112233445566";
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl-_";

const config = parseConfig({ sessionCookie: "chat_session" }, process.env);

function asked(headers: Record<string, string>, pathToken?: string) {
  return findCredential(config, new Request("https://chat.example/nereid-chat/stream", { headers }), pathToken);
}

describe("path", () => {
  test("its token wins over header and cookie", () => {
    const headers = { authorization: `Bearer ${JWT}`, cookie: `chat_session=${JWT}` };
    expect(asked(headers, UUID)).toEqual({ kind: "token", token: UUID, inPath: true });
  });

  test("a token is found whatever its case", () => {
    expect(asked({}, UUID.toUpperCase())).toEqual({ kind: "token", token: UUID, inPath: true });
  });

  test.each(["", "x", `${UUID}0`, JWT, "threads", `${UUID}/`])("%j is an unknown token", (segment) => {
    expect(() => asked({ cookie: `chat_session=${JWT}` }, segment)).toThrow(
      expect.objectContaining({ code: "token_unknown", status: 404 }),
    );
  });
});

describe("header", () => {
  test("carries a session or a token", () => {
    expect(asked({ authorization: `Bearer ${JWT}` })).toEqual({ kind: "session", jwt: JWT, cookie: false });
    expect(asked({ authorization: `bearer  ${UUID}` })).toEqual({ kind: "token", token: UUID, inPath: false });
  });

  test("any RFC 9562 version is looked up", () => {
    const v7 = "01890a5d-ac96-774b-bcce-b302099a8057";
    expect(asked({ authorization: `Bearer ${v7}` })).toEqual({ kind: "token", token: v7, inPath: false });
  });

  test.each([
    "Bearer",
    "Bearer ",
    "bearer",
    `Bearer ${JWT} ${JWT}`,
    `Bearer ${JWT}, Bearer ${JWT}`,
    `Bearer "${JWT}"`,
    "Bearer ä",
  ])("%j is refused, cookie or not", (authorization) => {
    expect(() => asked({ authorization, cookie: `chat_session=${JWT}` })).toThrow(
      expect.objectContaining({ code: "unauthenticated", status: 401 }),
    );
  });
});

describe("header of another scheme", () => {
  test.each(["", "Basic YTpi", JWT, "Bearerish x", "Digest a=Bearer"])("%j is passed over", (authorization) => {
    expect(asked({ authorization })).toBeUndefined();
    const headers = { authorization, cookie: `chat_session=${JWT}` };
    expect(asked(headers)).toEqual({ kind: "session", jwt: JWT, cookie: true });
  });
});

describe("cookie", () => {
  test.each([
    `chat_session=${JWT}`,
    `a=b; chat_session=${JWT}; c=d`,
    `chat_session="${JWT}"`,
    `;;=x; a; chat_session = ${JWT} ;`,
    `xchat_session=x; chat_session=${JWT}`,
    `CHAT_SESSION=x; chat_session=${JWT}`,
    `chat_session=${JWT}; chat_session=other`,
  ])("%j carries a session", (cookie) => {
    expect(asked({ cookie })).toEqual({ kind: "session", jwt: JWT, cookie: true });
  });

  test("is found among several headers", () => {
    const headers = new Headers([
      ["cookie", "a=b"],
      ["cookie", `chat_session=${JWT}`],
    ]);
    const request = new Request("https://chat.example/", { headers });
    expect(findCredential(config, request, undefined)).toEqual({ kind: "session", jwt: JWT, cookie: true });
  });

  test.each(["", "a=b", "chat_session=", "chat_session", 'chat_session=""', `chat_session=${UUID}`])(
    "%j is no credential",
    (cookie) => {
      expect(asked({ cookie })).toBeUndefined();
    },
  );

  test("a value keeps its equals signs", () => {
    expect(asked({ cookie: "chat_session=a=b==" })).toEqual({ kind: "session", jwt: "a=b==", cookie: true });
  });
});

test("nothing brought is no credential", () => {
  expect(asked({})).toBeUndefined();
});

describe("the cookie of a guest", () => {
  const listed = parseConfig({ origins: ["https://shop.test"], sessionCookie: "chat_session" }, process.env);
  const cookie = (url: string, headers: Record<string, string>) =>
    sessionCookie(listed, new Request(url, { method: "POST", headers }), JWT, 60);
  const LAX = `chat_session=${JWT}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax`;
  const origin = "https://shop.test";

  test.each([
    ["a listed page of another site", { origin, "sec-fetch-site": "cross-site" }],
    ["… of a browser that does not say so", { origin }],
  ])("goes along with %s", (_, headers) => {
    expect(cookie("https://chat.test/nereid-chat/token", headers)).toBe(
      `chat_session=${JWT}; Path=/; Max-Age=60; HttpOnly; SameSite=None; Secure; Partitioned`,
    );
    expect(cookie("http://chat.test/", { ...headers, "x-forwarded-proto": "https" })).toMatch(/; Partitioned$/);
  });

  test.each([
    ["the chat's own page", { origin: "https://chat.test", "sec-fetch-site": "same-origin" }],
    ["a page behind a rewrite", { origin, "sec-fetch-site": "same-origin" }],
    ["a listed page of the same site", { origin, "sec-fetch-site": "same-site" }],
    ["a page that is not listed", { origin: "https://evil.test", "sec-fetch-site": "cross-site" }],
    ["no page", {}],
  ])("stays on its site for %s", (_, headers) => {
    expect(cookie("https://chat.test/nereid-chat/token", headers)).toBe(`${LAX}; Secure`);
  });

  test("stays on its site over http, where no browser takes another", () => {
    expect(cookie("http://chat.test/", { origin, "sec-fetch-site": "cross-site" })).toBe(LAX);
  });
});
