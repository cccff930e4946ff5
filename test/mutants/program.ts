import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { transformSync } from "esbuild";
import * as v from "valibot";
import { onPath } from "../../local/redis.js";
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
    console.log(killer === undefined ? `SURVIVES ${mutant.rule}` : `dies     ${mutant.rule} | ${killer.slice(0, 100)}`);
    if (killer === undefined) survivors.push(mutant.rule);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${survivors.length} of ${chosen.length} survive`);
process.exitCode = survivors.length === 0 ? 0 : 1;

/** Lets a mutant live for a moment, also in what was built; answers the test that failed. */
function kill({ file, from, to, test }: Mutant): string | undefined {
  const [source, built] = [join(copy, file), join(copy, "dist", file.replace(/ts$/, "js"))];
  const [code, compiled] = [readFileSync(source, "utf8"), readFileSync(built, "utf8")];
  const changed = code.replace(from, () => to);
  const report = join(copy, "report.json");
  const project = test.includes("/store/") ? (onPath("redis-server") ? "redis-server" : "embedded") : "pure";
  writeFileSync(source, changed);
  writeFileSync(built, transformSync(changed, { loader: "ts" }).code);
  rmSync(report, { force: true });
  const args = ["vitest", "run", test, "--project", project, "--bail=1", "--reporter=json", `--outputFile=${report}`];
  spawnSync("npx", args, { cwd: copy, stdio: "ignore", timeout: 180_000 });
  writeFileSync(source, code);
  writeFileSync(built, compiled);
  const { testResults } = v.parse(Report, JSON.parse(readFileSync(report, "utf8")));
  return testResults.flatMap((it) => it.assertionResults).find((it) => it.status === "failed")?.fullName;
}
