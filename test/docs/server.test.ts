import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync("docs/server.md", "utf8");

test("docs/server.md names each function", () => {
  const source = readFileSync("lib/backend/server-api.ts", "utf8");
  const names = [...source.matchAll(/^ {4}(\w+): \(/gm)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(12);
  expect(names.filter((name) => !page.includes(`\`${name}(`))).toEqual([]);
});
