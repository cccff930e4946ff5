import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTANTS } from "./mutants.js";

const project = new URL("../../", import.meta.url);

// `npm run mutants` shows that each test fails; that each mutant can still be made is cheap to see.
test.each(MUTANTS)("the rule stands in one place: $rule", ({ file, from, to, test: path }) => {
  const parts = readFileSync(new URL(file, project), "utf8").split(from);
  expect(parts).toHaveLength(2);
  expect(to).not.toBe(from);
  expect(existsSync(new URL(path, project))).toBe(true);
});
