import { afterEach, expect, it, vi } from "vitest";
import { diagnose } from "../../../lib/client/widget/diagnosis.js";

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
