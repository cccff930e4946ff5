import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig, VARIABLES } from "../../lib/config.js";
import { environmentFile, filled, GROUPS, overview, settingOf, tableOf } from "./variables.js";

// `npx vitest run test/docs/variables.test.ts --project chat --update` writes the tables and .env.example anew.

const page = readFileSync("docs/configuration.md", "utf8");
const readme = readFileSync("README.md", "utf8");

test("each setting is in one group, but for the one that is no user's", () => {
  const grouped = Object.values(GROUPS).flat();
  expect([...grouped, "store"].sort()).toEqual(Object.keys(VARIABLES).sort());
});

test("the tables of docs/configuration.md are what the schema and the comments make", async () => {
  let made = page;
  for (const [group, options] of Object.entries(GROUPS)) made = filled(made, group, tableOf(options.map(settingOf)));
  await expect(made).toMatchFileSnapshot("../../docs/configuration.md");
});

test("the README names each variable", async () => {
  await expect(filled(readme, "variables", overview())).toMatchFileSnapshot("../../README.md");
});

test(".env.example names each variable, with its default", async () => {
  await expect(environmentFile()).toMatchFileSnapshot("../../.env.example");
});

test("a copy of .env.example with each default set says the same as no copy", () => {
  const lines = [...environmentFile().matchAll(/^#([A-Z0-9_]+)=(.+)$/gm)];
  const defaults = Object.fromEntries(lines.map(([, name = "", value]) => [name, value]));
  expect(lines.length).toBeGreaterThan(15);
  const store = { redisUrl: "https://redis.example", redisToken: "token" };
  expect(parseConfig(store, defaults)).toEqual(parseConfig(store, {}));
});

test("no page names a variable of the chat that there is not", () => {
  const others = ["CHAT_URL", "CHAT_LOCAL_REDIS", "CHAT_STORE", "CHAT_LOCAL_LAG_MS"];
  const known = new Set([...Object.values(VARIABLES).flat(), ...others]);
  const named = [...`${page}${readme}`.matchAll(/\bCHAT_[A-Z0-9_]+\b/g)].map(([name]) => name);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("the template of a deployment brings the store that the variables name", () => {
  const { products } = JSON.parse(readFileSync("vercel-template.json", "utf8"));
  expect(products).toEqual([
    { type: "integration", protocol: "storage", integrationSlug: "upstash", productSlug: "upstash-kv" },
  ]);
  const [, query = ""] = /https:\/\/vercel\.com\/new\/clone\?([^)\s]+)/.exec(readme) ?? [];
  const button = new URLSearchParams(query);
  expect(JSON.parse(button.get("products") ?? "")).toEqual(products);
  expect(button.get("repository-url")).toMatch(/^https:\/\/github\.com\//);
  for (const name of (button.get("env") ?? "").split(",")) expect(Object.values(VARIABLES).flat()).toContain(name);
});
