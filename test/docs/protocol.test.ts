import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync("docs/protocol.md", "utf8");
const named = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+\.(?:test\.ts|json))\)/g)].map(
  ([, name = "", file = ""]) => ({ name, file }),
);

/** The rows of the tables under a heading, without their heads and the names of their groups. */
function rows(heading: string): string[] {
  const [, rest = ""] = page.split(`## ${heading}`);
  const [section = ""] = rest.split("\n## ");
  return section.split("\n").filter((line) => /^\| (?!\*\*|the document|as it was|section)/.test(line));
}

test("each test that the protocol names exists", () => {
  expect(named.length).toBeGreaterThan(90);
  const missing = named.filter(({ name, file }) => !readFileSync(file, "utf8").includes(name));
  expect(missing).toEqual([]);
});

test("each departure from the document has a reason and a test", () => {
  const departures = rows("Where this project departs from the document, or fills it in");
  expect(departures.length).toBeGreaterThan(30);
  for (const row of departures) expect(row).toMatch(/^\| [^|]*\| [^|]+ \| [^|]+ \| [^|]*\]\([^|]+\) \|$/);
});

test("each thing that a client of the first implementation meets has a test", () => {
  const met = rows("Clients of the first implementation");
  expect(met.length).toBeGreaterThan(12);
  for (const row of met) expect(row).toMatch(/^\| [^|]+ \| [^|]+ \| [^|]*\]\([^|]+\) \|$/);
});

// Of all sentences of the document, outside its introduction and its examples, with one of these words: white space collapsed, one a line.
// The document itself comes without a licence, so that it is not copied here.
const NORMATIVE = /\b(must|should|shall|may|required|recommended|optional|cannot|could|need not)\b/i;
const SENTENCES = "59771588fef9e5c0559af23fe6e5a12da48cc493c0a9e6469e3379941c883fe8";

test("each normative sentence of the document is quoted to the letter, beside the test that holds it", () => {
  const sentences = rows("Sentence by sentence");
  for (const row of sentences) expect(row).toMatch(/^\| [\d.]+ \| "[^|]+" \| [^|]*\]\([^|]+\) \|$/);
  const quotes = sentences.map((row) => row.split(" | ")[1]?.slice(1, -1) ?? "");
  for (const quote of quotes) expect(quote).toMatch(NORMATIVE);
  expect(createHash("sha256").update(quotes.join("\n")).digest("hex")).toBe(SENTENCES);
});
