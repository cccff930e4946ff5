import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { disguise, reformat } from "./disguise.js";
import { MUTANTS } from "./mutants.js";
import { Source } from "./source.js";

const project = new URL("../../", import.meta.url);

async function read(file: string) {
  const source = new Source(readFileSync(new URL(file, project), "utf8"));
  const compiled = new Source(await compile(source.code));
  const disguised = new Source(disguise(compiled.code));
  return { source, compiled, disguised };
}

const modules = new Map<string, ReturnType<typeof read>>();

function module(file: string) {
  const known = modules.get(file) ?? read(file);
  modules.set(file, known);
  return known;
}

// `npm run mutants` shows that each test fails; that each mutant can still be made is cheap to see.
test.each(MUTANTS)(
  "a place keeps the rule, however it is laid out and its variables are named: $rule",
  async (mutant) => {
    const { file, from, to, test: path } = mutant;
    const { source, compiled, disguised } = await module(file);
    expect(source.change(from, to)).not.toBe(source.code);
    const changed = compiled.change(from, to);
    expect(reformat(disguised.change(from, to))).toBe(disguise(changed));
    expect(existsSync(new URL(path, project))).toBe(true);
  },
);
