import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as v from "valibot";
import { onPath } from "../local/redis.js";
import { MUTANTS, type Mutant } from "./mutants.js";

// The program behind `npm run mutants`: makes each mutant in a copy of the project, and sees that its test fails. With a word
// behind it, only those whose rule, file or test has that word.

const Report = v.object({
  testResults: v.array(v.object({ assertionResults: v.array(v.object({ status: v.string(), fullName: v.string() })) })),
});

const [word = ""] = process.argv.slice(2);
const chosen = MUTANTS.filter((it) => [it.rule, it.file, it.test].some((text) => text.includes(word)));
const copy = mkdtempSync(join(tmpdir(), "mutants-"));
const survivors: string[] = [];
try {
  cpSync(".", copy, { recursive: true, filter: (path) => !["node_modules", ".git"].includes(basename(path)) });
  symlinkSync(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
  for (const mutant of chosen) {
    const killer = kill(mutant);
    console.log(`${killer === undefined ? "SURVIVES" : "dies    "} ${mutant.rule}${killer ? ` | ${killer}` : ""}`);
    if (killer === undefined) survivors.push(mutant.rule);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${survivors.length} of ${chosen.length} survive`);
process.exitCode = survivors.length === 0 ? 0 : 1;

/** Lets a mutant live for a moment; answers the test that failed. */
function kill({ file, from, to, test }: Mutant): string | undefined {
  const path = join(copy, file);
  const code = readFileSync(path, "utf8");
  const report = join(copy, "report.json");
  writeFileSync(
    path,
    code.replace(from, () => to),
  );
  try {
    // Tests of the contract start the server that was built.
    if (test.includes("/contract/")) run("local/build.js");
    rmSync(report, { force: true });
    const project = test.includes("/store/") ? (onPath("redis-server") ? "redis-server" : "embedded") : "pure";
    run(
      "node_modules/vitest/vitest.mjs",
      "run",
      test,
      "--project",
      project,
      "--bail=1",
      "--reporter=json",
      `--outputFile=${report}`,
    );
    const { testResults } = v.parse(Report, JSON.parse(readFileSync(report, "utf8")));
    return testResults.flatMap((it) => it.assertionResults).find((it) => it.status === "failed")?.fullName;
  } finally {
    writeFileSync(path, code);
  }
}

function run(...args: string[]): void {
  spawnSync(process.execPath, args, { cwd: copy, stdio: "ignore", timeout: 180_000 });
}
