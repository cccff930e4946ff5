import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../mutants/compile.js";
import { disguise, reformat } from "../mutants/disguise.js";
import { BUGS } from "./bugs.js";
import { KINDS } from "./nemesis.js";
import { plant } from "./planted.js";

// `npm run faults -- --planted` shows that each bug is found; that each can still be planted is cheap to see.
test.each(BUGS)("$name can be planted, however the code is laid out and its variables are named", async (bug) => {
  const module = readFileSync(new URL(`../../${bug.file}`, import.meta.url), "utf8");
  const compiled = await compile(module);
  await expect(compile(plant(bug, module))).resolves.not.toBe(compiled);
  const disguised = disguise(compiled);
  expect(reformat(plant(bug, disguised))).not.toBe(disguised);
});

test.each(BUGS)("$name is shown by faults that there are", ({ kinds }) => {
  expect(kinds.length).toBeGreaterThan(0);
  expect(kinds.filter((it) => !KINDS.includes(it))).toEqual([]);
});
