import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Chance } from "../faults/chance.js";
import { MUTANTS } from "./mutants.js";
import { sample } from "./sample.js";
import { Sandbox } from "./sandbox.js";

// The program behind `npm run mutants`: makes each mutant in a copy of the project, and shows that its test fails. With words
// behind it, only those whose rule, file or test has one of them; with `--sample 8`, so many of them, from as many files as there are.

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: "string" }, seed: { type: "string", default: "1" } },
});
const named = MUTANTS.filter(
  (it) => words.length === 0 || words.some((word) => `${it.rule} ${it.file} ${it.test}`.includes(word)),
);
const chosen = sample(named, (it) => it.file, Number(values.sample ?? named.length), new Chance(Number(values.seed)));
const queue = [...chosen];
const alive: string[] = [];

const sandboxes = await Promise.all(
  Array.from({ length: Math.min(availableParallelism(), chosen.length) }, Sandbox.open),
);
try {
  // What fails anyway shows nothing.
  const sound = await sandboxes[0]?.run([...new Set(chosen.map((it) => it.test))]);
  if (sound === undefined) console.log("No mutant has such a word");
  else if (sound.result !== "passed") throw new Error(`Cannot try mutants: ${JSON.stringify(sound)}`);
  await Promise.all(sandboxes.map(tryNext));
} finally {
  await Promise.all(sandboxes.map((it) => it.close()));
}
console.log(`${chosen.length - alive.length} of ${chosen.length} die`);
process.exitCode = chosen.length > 0 && alive.length === 0 ? 0 : 1;

async function tryNext(sandbox: Sandbox): Promise<void> {
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const outcome = await sandbox.try(mutant);
    if (outcome.result === "failed") console.log(`dies      ${mutant.rule} | ${outcome.test.slice(0, 100)}`);
    if (outcome.result === "passed") console.log(`SURVIVES  ${mutant.rule}`);
    if (outcome.result === "broken") console.log(`BROKEN    ${mutant.rule} | ${outcome.why}`);
    if (outcome.result !== "failed") alive.push(mutant.rule);
  }
}
