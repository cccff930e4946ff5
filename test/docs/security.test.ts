import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const review = readFileSync("docs/security.md", "utf8");
const named = [...review.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, name = "", file = ""]) => ({
  name,
  file,
}));

test("each test that the security review names exists", () => {
  expect(named.length).toBeGreaterThan(40);
  const missing = named.filter(({ name, file }) => !readFileSync(file, "utf8").includes(name));
  expect(missing).toEqual([]);
});

test("each threat of the security review has a counter-measure and something that shows it", () => {
  const [, table = ""] = review.split("## What somebody might try");
  const rows = table.split("\n").filter((line) => /^\| (?!\*\*|threat)/.test(line));
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) expect(row).toMatch(/^\| [^|]+ \| [^|]+ \| [^|]*\]\([^|]+\) \|$/);
});
