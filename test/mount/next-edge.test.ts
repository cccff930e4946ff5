import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chat } from "../../lib/mount/next-edge.js";

test("the Edge Runtime is named where the chat cannot run in it", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  // Conditions count in their order.
  expect(Object.keys(exports["./next"])).toEqual(["types", "edge-light", "default"]);
  expect(exports["./next"]["edge-light"]).toBe("./dist/package/lib/mount/next-edge.js");
  expect(chat).toThrow(/Edge Runtime: remove `export const runtime = "edge"`/);
});
