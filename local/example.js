import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The program behind `npm run example <name>`: packs the package of this work tree, installs it into a copy of the example, and starts the
// copy at PORT, or 3000. The copy is outside of this project, whose packages it must not find.

const [, , name = ""] = process.argv;
const names = readdirSync("examples").filter((it) => it !== "shadcn");
if (!names.includes(name)) throw new Error(`Cannot start the example: expected one of ${names.join(", ")}`);

const place = join(tmpdir(), `nereid-chat-example-${name}`);
rmSync(place, { recursive: true, force: true });
mkdirSync(place, { recursive: true });
cpSync(join("examples", name), place, { recursive: true });
run(process.execPath, ["local/build/package.js"], ".");
run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", place], ".");
const tarball = readdirSync(place).find((it) => it.endsWith(".tgz"));
run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`], place);

const { scripts } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
const script = scripts.dev === undefined ? "start" : "dev";
const child = spawn("npm", ["run", script], { cwd: place, stdio: "inherit", detached: true });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.kill(-child.pid, signal));
child.once("exit", (code) => process.exit(code ?? 0));

function run(program, words, cwd) {
  const { status } = spawnSync(program, words, { cwd, stdio: "inherit" });
  if (status !== 0) throw new Error(`Cannot run ${program} ${words.join(" ")}`);
}
