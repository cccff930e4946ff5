import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { defaultPrefix } from "../../lib/preview-prefix.js";

const page = readFileSync("docs/deploy.md", "utf8");
const widget = readFileSync("docs/widget.md", "utf8");
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));

test("the prefix of a branch is the one that the page tells", () => {
  const prefix = defaultPrefix({ VERCEL_ENV: "preview", VERCEL_GIT_COMMIT_REF: "feature/emoji" });
  expect(page).toContain(`begin with \`${prefix}\``);
  expect(page).toContain(`--pattern '${prefix}*'`);
  expect(page).toContain(`\`${defaultPrefix({ VERCEL_ENV: "development" })}\``);
});

test("the rewrite keeps the path", () => {
  const json = blocks.find(({ language }) => language === "json")?.text ?? "";
  const [rewrite] = JSON.parse(json).rewrites;
  expect(rewrite.destination).toBe(`https://chat.example.com${rewrite.source}`);
});

test("the Content Security Policy is the one that the widget was tried with", () => {
  const policy = blocks.find(({ text }) => text.startsWith("Content-Security-Policy"))?.text;
  expect(widget).toContain(policy);
});
