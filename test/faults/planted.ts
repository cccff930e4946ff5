import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compile } from "../mutants/compile.js";
import { Source } from "../mutants/source.js";
import { BUGS, type Bug } from "./bugs.js";
import { type Plan, run } from "./run.js";
import { tellStory } from "./story.js";

// The fewest that differ in what they remember.
const SHORT_SERVERS = 2;

/**
 * Runs the harness on builds that have a bug each, up to the first violation; returns how many bugs it did not find. When it is `short`, it
 * injects only the faults that can show the bug.
 */
export async function checkPlanted(plan: Omit<Plan, "seed">, short: boolean): Promise<number> {
  let missed = 0;
  for (const bug of BUGS) {
    const build = await copyWith(bug);
    const narrow = short ? { kinds: bug.kinds, servers: SHORT_SERVERS } : {};
    const result = await run({ ...plan, ...narrow, seed: bug.seed, builds: [build], patient: false, hasty: true });
    const [first] = result.violations;
    if (first === undefined) missed++;
    const found = first === undefined ? "NOT FOUND" : `found after ${Math.round((first.at - result.begin) / 1_000)} s`;
    console.log(`${bug.name}: ${found}`);
    if (first !== undefined) console.log(`${tellStory(first, result.history, result.begin)}\n`);
    await rm(result.folder, { recursive: true, force: true });
    await rm(build, { recursive: true, force: true });
  }
  return missed;
}

/** Puts a bug into its module. Throws when the code is no longer what the bug was made for. */
export function plant({ name, changes }: Bug, module: string): string {
  try {
    return changes.reduce((code, { from, to }) => new Source(code).change(from, to), module);
  } catch (error) {
    throw new Error(`Cannot plant ${name}`, { cause: error });
  }
}

/** Copies the build and puts a bug into it. */
async function copyWith(bug: Bug): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "chat-planted-"));
  for (const part of ["dist", "public", "package.json", "vercel.json"])
    await cp(part, join(folder, part), { recursive: true });
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  const code = await compile(plant(bug, await readFile(bug.file, "utf8")));
  await writeFile(join(folder, "dist", bug.file.replace(/ts$/, "js")), code);
  return folder;
}
