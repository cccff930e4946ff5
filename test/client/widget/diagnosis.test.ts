import { afterEach, expect, it, vi } from "vitest";
import { diagnose } from "../../../lib/client/widget/diagnosis.js";
import { NO_TOKEN } from "../../../lib/client/widget/session.js";

afterEach(() => vi.unstubAllGlobals());

it.each([
  ["another origin", "https://chat.example.com/nereid-chat/", /CHAT_ORIGINS must list it/],
  ["its own origin", "https://shop.example.com/nereid-chat/", /is the chat mounted at that path/],
])("a page whose chat at %s cannot be reached is told what can be wrong, once", (_, url, advice) => {
  vi.stubGlobal("location", { origin: "https://shop.example.com" });
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const problem = { code: "unreachable", status: 0 };
  diagnose(problem, url);
  diagnose(problem, url);
  expect(warn.mock.calls).toEqual([[expect.stringMatching(advice)]]);
  warn.mockRestore();
});

it.each([
  ["a sandboxed frame", "null", "https://shop.example.com", /allow-same-origin.*\(origin null\)/],
  ["a frame of srcdoc", "https://shop.example.com", "null", /is the chat mounted at that path.*\(origin https:/],
])("a page in %s is told by the origin that its requests carry", (_, origin, address, advice) => {
  vi.stubGlobal("origin", origin);
  vi.stubGlobal("location", { origin: address });
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  diagnose({ code: "unreachable", status: 0, title: "In a frame" }, "https://shop.example.com/nereid-chat/");
  expect(warn.mock.calls).toEqual([[expect.stringMatching(advice)]]);
  warn.mockRestore();
});

it("a page whose own back end gives no token is told so, and not to look at the deployment", () => {
  vi.stubGlobal("location", { origin: "https://shop.example.com" });
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  for (const [status, code] of [
    [0, "unreachable"],
    [500, "unreachable"],
    [401, "unauthenticated"],
  ] as const)
    diagnose({ status, code, title: `${NO_TOKEN} /my/token` }, "https://shop.example.com/nereid-chat/");
  const said = warn.mock.calls.map(([text]) => `${text}`);
  expect(said).toHaveLength(3);
  for (const text of said)
    expect(text).toMatch(/Cannot get a token from \/my\/token\. This page's own back end has to answer/);
  warn.mockRestore();
});
