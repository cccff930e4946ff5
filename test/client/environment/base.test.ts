import { afterEach, describe, expect, test, vi } from "vitest";
import { findBase } from "../../../lib/client/environment/base.js";

afterEach(() => vi.unstubAllGlobals());
const inPage = (href: string) => vi.stubGlobal("location", { href });

describe("the base URL", () => {
  test.each([
    ["https://chat.example.org", "https://chat.example.org/nereid-chat/"],
    ["https://example.org/app/", "https://example.org/app/nereid-chat/"],
    ["https://example.org/app/nereid-chat/client.js", "https://example.org/app/nereid-chat/"],
  ])("follows from the URL %s", (given, base) => {
    expect(findBase(given, undefined)).toBe(base);
  });

  test("is that of the script, where a deployment served it", () => {
    inPage("https://shop.example/cart");
    expect(findBase(undefined, "https://chat.example.org/nereid-chat/client.js")).toBe(
      "https://chat.example.org/nereid-chat/",
    );
  });

  test.each([
    "file:///app/node_modules/nereid-chat/dist/package/lib/client/session.js",
    "http://localhost:5173/node_modules/nereid-chat/dist/package/lib/client/session.js",
    "https://shop.example/assets/index-4f2a.js",
    undefined,
  ])("is that of the page, where a bundler or npm has the script: %s", (script) => {
    inPage("https://shop.example/cart");
    expect(findBase(undefined, script)).toBe("https://shop.example/nereid-chat/");
  });

  test("has the path where the chat is mounted", () => {
    inPage("https://shop.example/cart");
    expect(findBase(undefined, undefined, "/api/chat")).toBe("https://shop.example/api/chat/");
    expect(findBase("https://shop.example", undefined, "/api/chat")).toBe("https://shop.example/api/chat/");
    expect(findBase("/shop", undefined, "/api/chat")).toBe("https://shop.example/shop/api/chat/");
  });

  test("is missing outside of browsers without a URL", () => {
    expect(() => findBase(undefined, undefined)).toThrow(new TypeError("url is missing"));
  });
});
