import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { countRoundTrips } from "./support/roundtrip.js";
import { describeMachine, quantile } from "./support/site.js";

// The program behind `npm run bench:cold`: how long an instance takes to import the function as it is deployed, and as its sources are,
// each time in a process of its own; how much code that is, and how much more is imported when it is first needed; and what of it each package is, with
// its time when it is imported alone.

const TIMES = 21;
const FUNCTION = fileURLToPath(new URL("../api/chat.js", import.meta.url));
const ENVIRONMENT = {
  UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1",
  UPSTASH_REDIS_REST_TOKEN: "none",
  CHAT_JWT_SECRET: "a secret of the benchmarks, of 32 bytes or more",
};

const sources = await reach(FUNCTION);
const packages = new Map<string, { start: number; later: number }>();
for (const part of ["start", "later"] as const) {
  for (const [path, { bytes }] of Object.entries(sources[part])) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "its own code";
    const known = packages.get(name) ?? { start: 0, later: 0 };
    packages.set(name, { ...known, [part]: known[part] + bytes });
  }
}

const file = (path: string) => `file://${path}`;
console.log(`${describeMachine()}\n\n| | ms, median of ${TIMES} | kB at start | kB later |\n|---|---|---|---|`);
const deployed = deploy();
const shipped = await reach(join(deployed, "api/chat.js"));
row("the function, deployed", [file(join(deployed, "api/chat.js"))], weigh(shipped.start), weigh(shipped.later));
rmSync(deployed, { recursive: true });
row("its sources, each compiled", [file(FUNCTION)], weigh(sources.start), weigh(sources.later));
for (const [name, { start, later }] of [...packages].sort(([, a], [, b]) => b.start - a.start)) {
  row(name, name === "its own code" ? [] : entriesOf(name), start, later);
}
console.log("\n| round trips to the store in series before its first answer, to | |\n|---|---|");
for (const [who, trips] of await countRoundTrips()) console.log(`| ${who} | ${trips} |`);
process.exit(0);

function row(what: string, urls: readonly string[], start: number, later: number): void {
  console.log(`| ${what} | ${urls.length === 0 ? "–" : time(urls)} | ${kb(start)} | ${kb(later)} |`);
}

type Files = Metafile["inputs"];

/** The files that a program imports when it starts, and those that it imports later. */
async function reach(program: string): Promise<{ start: Files; later: Files }> {
  const { metafile } = await build({
    entryPoints: [program],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    metafile: true,
    logLevel: "error",
  });
  const all = metafile.inputs;
  const [entry] = Object.values(metafile.outputs).map((it) => it.entryPoint ?? "");
  const atStart = new Set<string>();
  const walk = (path: string): void => {
    if (atStart.has(path)) return;
    atStart.add(path);
    for (const it of all[path]?.imports ?? []) if (it.kind !== "dynamic-import") walk(it.path);
  };
  walk(entry ?? "");
  const part = (isAtStart: boolean) => Object.entries(all).filter(([path]) => atStart.has(path) === isAtStart);
  return { start: Object.fromEntries(part(true)), later: Object.fromEntries(part(false)) };
}

/** Makes the function as a deployment has it, in a folder of its own. */
function deploy(): string {
  const folder = mkdtempSync(join(tmpdir(), "chat-cold-"));
  mkdirSync(join(folder, "api"));
  cpSync(FUNCTION, join(folder, "api/chat.js"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const { status, stderr } = spawnSync(process.execPath, ["local/build/functions.js", folder]);
  if (status !== 0) throw new Error(`Cannot bundle the functions: ${stderr}`);
  return folder;
}

function weigh(files: Files): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The files of a package that the function imports from outside of it. */
function entriesOf(name: string): string[] {
  const inside = (path: string) => path.includes(`node_modules/${name}/`);
  const outside = Object.entries({ ...sources.start, ...sources.later }).filter(([path]) => !inside(path));
  const reached = outside.flatMap(([, { imports }]) => imports.map(({ path }) => path).filter(inside));
  return [...new Set(reached)].map((path) => file(fileURLToPath(new URL(`../../${path}`, import.meta.url))));
}

function time(urls: readonly string[]): string {
  const imports = urls.map((url) => `await import(${JSON.stringify(url)});`).join("");
  const code = `const begun = performance.now(); ${imports} console.log(performance.now() - begun); process.exit(0);`;
  const times = Array.from({ length: TIMES }, () => {
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      env: { PATH: process.env.PATH, ...ENVIRONMENT },
    });
    return Number(stdout.toString());
  });
  return quantile(times, 0.5).toFixed(1);
}

function kb(bytes: number): string {
  return (bytes / 1_000).toFixed(0);
}
