import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Metrics } from "../../lib/metrics.js";

const page = readFileSync("docs/metrics.md", "utf8");
const dashboard = readFileSync("docs/grafana.json", "utf8");
const named = new Set([...new Metrics().format([]).matchAll(/^# TYPE (\S+) /gm)].map(([, name = ""]) => name));

test("docs/metrics.md names each metric", () => {
  expect(named.size).toBeGreaterThan(10);
  expect([...named].filter((name) => !page.includes(`\`${name}`))).toEqual([]);
});

test("the dashboard shows metrics that there are", () => {
  const shown = [...dashboard.matchAll(/nereid_chat_\w+/g)].map(([name]) => name.replace(/_bucket$/, ""));
  expect(shown.filter((name) => !page.includes(name))).toEqual([]);
  expect(JSON.parse(dashboard)).toMatchObject({ title: "nereid-chat", panels: expect.any(Array) });
});
