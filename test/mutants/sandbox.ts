import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import * as v from "valibot";
import { compile } from "./compile.js";
import type { Mutant } from "./mutant.js";
import { Source } from "./source.js";

// A test that hangs fails after 30 s; with what it takes to start and end, a run of one file that needs longer is stuck.
const RUN_MS = 180_000;

const Report = v.object({
  testResults: v.array(
    v.object({
      status: v.string(),
      message: v.string(),
      name: v.string(),
      assertionResults: v.array(v.object({ status: v.string(), fullName: v.string() })),
    }),
  ),
});

/** How a run of tests ended: all passed, one failed, or it could not be told. */
export type Outcome = { result: "passed" } | { result: "failed"; test: string } | { result: "broken"; why: string };

/** A copy of the project, built, whose code may be changed and tested. */
export class Sandbox {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Copies the project. */
  static async open(): Promise<Sandbox> {
    const folder = await mkdtemp(join(tmpdir(), "chat-mutants-"));
    const filter = (path: string) => !["node_modules", ".git"].includes(basename(path));
    await cp(".", folder, { recursive: true, filter });
    await symlink(resolve("node_modules"), join(folder, "node_modules"));
    return new Sandbox(folder);
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Runs the test of a mutant while its change is made, also in what was built. */
  async try({ file, from, to, test }: Mutant): Promise<Outcome> {
    const [source, built] = [join(this.#folder, file), join(this.#folder, "dist", file.replace(/ts$/, "js"))];
    const [code, compiled] = await Promise.all([readFile(source, "utf8"), readFile(built, "utf8")]);
    const changed = new Source(code).change(from, to);
    try {
      await Promise.all([writeFile(source, changed), writeFile(built, await compile(changed))]);
      return await this.run([test]);
    } finally {
      await Promise.all([writeFile(source, code), writeFile(built, compiled)]);
    }
  }

  /** Runs files of tests, up to the first test that fails. */
  async run(files: readonly string[]): Promise<Outcome> {
    const report = join(this.#folder, "report.json");
    await rm(report, { force: true });
    // One store is enough, the best that there is; and what fails once by chance does not fail twice.
    const options = ["--project=!embedded", "--bail=1", "--retry=1", "--reporter=json", `--outputFile=${report}`];
    const args = ["node_modules/vitest/vitest.mjs", "run", ...files, ...options];
    const limits = { timeout: RUN_MS * files.length, killSignal: "SIGKILL" } as const;
    const child = spawn(process.execPath, args, { cwd: this.#folder, stdio: "ignore", ...limits });
    await once(child, "close");
    return outcome(await readFile(report, "utf8").catch(() => undefined));
  }
}

function outcome(text: string | undefined): Outcome {
  if (text === undefined) return { result: "broken", why: "vitest ended without a report" };
  const { testResults } = v.parse(Report, JSON.parse(text));
  const failed = testResults.flatMap((it) => it.assertionResults).find((it) => it.status === "failed");
  if (failed !== undefined) return { result: "failed", test: failed.fullName };
  const file = testResults.find((it) => it.status === "failed");
  if (file !== undefined) return { result: "broken", why: `${basename(file.name)}: ${file.message.split("\n")[0]}` };
  return testResults.length > 0 ? { result: "passed" } : { result: "broken", why: "no test was found" };
}
