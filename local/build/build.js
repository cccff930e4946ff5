import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { bundle } from "./client.js";

// The program behind `npm run build`: compiles beside dist/, moves each file into its place, and bundles the client. A move is atomic, so a
// server that starts meanwhile never reads half a module.

mkdirSync("dist", { recursive: true });
const made = mkdtempSync("dist/.new-");
try {
  // The client is compiled for browsers, the rest for Node.
  for (const project of ["local/build/tsconfig.json", "lib/client/tsconfig.json"]) {
    const compiler = ["node_modules/typescript/bin/tsc", "-p", project, "--noEmit", "false", "--declaration"];
    const { status } = spawnSync(process.execPath, [...compiler, "--rootDir", ".", "--outDir", made], {
      stdio: "inherit",
    });
    process.exitCode ||= status ?? 1;
  }
  for (const entry of readdirSync(made, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    const place = join("dist", relative(made, file));
    mkdirSync(dirname(place), { recursive: true });
    renameSync(file, place);
  }
} finally {
  rmSync(made, { recursive: true, force: true });
}
await bundle();
