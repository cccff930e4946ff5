import { existsSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, filesOf, linksOf, type Page, readPages } from "./markdown.js";

const pages = readPages();

/** Returns what is wrong with a link: `undefined` for one that leads somewhere, and for one to another site. */
function deadEnd(page: Page, target: string): string | undefined {
  if (/^(https?|mailto):/.test(target)) return undefined;
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page.path : posix.join(posix.dirname(page.path), decodeURIComponent(file));
  if (!existsSync(path)) return `${page.path}: ${target}`;
  const other = pages.find((it) => it.path === path);
  return anchor === undefined || other === undefined || anchorsOf(other).includes(anchor)
    ? undefined
    : `${page.path}: ${target}`;
}

test("each relative link of the documentation leads to a file, and to a heading of it", () => {
  const links = pages.flatMap((page) => linksOf(page).map((target) => ({ page, target })));
  expect(links.length).toBeGreaterThan(200);
  expect(links.map(({ page, target }) => deadEnd(page, target)).filter((it) => it !== undefined)).toEqual([]);
});

test.each(["missing.md", "README.md#no-such-heading", "#no-such-heading", "docs/../../outside.md"])(
  "a link to %s would be found",
  (target) => {
    expect(deadEnd({ path: "README.md", text: "# Title" }, target)).toBe(`README.md: ${target}`);
  },
);

// Decisions tell of files that were there when they were made, and a page for hosts names a file of theirs.
const current = pages.filter(({ path }) => !path.startsWith("docs/decisions/"));
const OF_HOSTS = ["lib/nereid-chat.ts"];

test("each file of the project that the documentation names is there", () => {
  const files = current.flatMap((page) => filesOf(page).map((file) => ({ page: page.path, file })));
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter(({ file }) => !existsSync(file) && !OF_HOSTS.includes(file))).toEqual([]);
});

test("CONTRIBUTING.md says for ten behaviours in which file they are", () => {
  const { text = "" } = pages.find(({ path }) => path === "CONTRIBUTING.md") ?? {};
  const [, table = ""] = /^## Where is …\?\n([\s\S]*?)^## /m.exec(text) ?? [];
  expect(filesOf({ path: "", text: table })).toHaveLength(10);
});
