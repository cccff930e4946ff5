import { readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import { isTooOld, OLDEST_NODE, TESTED_MAJORS } from "../../lib/cli/node-version.js";

const Engines = v.optional(v.object({ node: v.optional(v.string()) }));
const Package = v.object({ dev: v.optional(v.boolean()), engines: v.optional(v.unknown()) });
const Lock = v.object({ packages: v.record(v.string(), Package) });
const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

test("package.json names the oldest Node and the tested ones as the program does", () => {
  const { engines } = v.parse(v.object({ engines: Engines }), read("package.json"));
  const [oldest, ...others] = TESTED_MAJORS;
  expect(OLDEST_NODE.startsWith(`${oldest}.`)).toBe(true);
  expect(engines?.node).toBe([`^${OLDEST_NODE}`, ...others.map((it) => `${it}.x`)].join(" || "));
});

test("no package that is installed with this one asks for a newer Node", () => {
  const { packages } = v.parse(Lock, read("package-lock.json"));
  const asked = Object.entries(packages).flatMap(([name, { dev, engines }]) => {
    const parsed = v.safeParse(Engines, engines);
    const range = dev || name === "" || !parsed.success ? "" : (parsed.output?.node ?? "");
    const [, version] = /^>=\s*([\d.]+)$/.exec(range) ?? [];
    return version === undefined ? [] : [{ name, version }];
  });
  expect(asked.length).toBeGreaterThan(5);
  const older = (version: string) => version !== OLDEST_NODE && !isTooOld(`${version}.0.0`.split(".", 3).join("."));
  expect(asked.filter(({ version }) => older(version))).toEqual([]);
  // What makes it the oldest.
  expect(asked.map(({ version }) => version)).toContain(OLDEST_NODE);
});

test.each([
  ["20.19.0", false],
  ["20.19.1", false],
  ["22.0.0", false],
  ["20.18.3", true],
  ["18.99.99", true],
])("Node %s is too old: %s", (version, expected) => {
  expect(isTooOld(version)).toBe(expected);
});
