import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { build } from "esbuild";
import { bundle } from "./client.js";

// The program behind `npm run prepare`: builds what `npm pack` packs into dist/package, all of it anew, so that no module which is gone from
// the sources stays in it.

const PLACE = "dist/package";

const STORE_TYPES = `/** Starts the store that chats without an account use in development: \`redis-server\` if it is on PATH, else the embedded Redis. */
export declare function startStore(
  wanted?: string,
): Promise<{ name: string; url: string; token: string; stop(): Promise<void> }>;
`;

// What a module, or its types, imports of this package. The templates of `init` have other imports, of the project that they are for.
const RELATIVE = /(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+\.js)["']/g;

mkdirSync("dist", { recursive: true });
const made = mkdtempSync("dist/.package-");
try {
  await bundle();
  compile("local/build/package.tsconfig.json");
  compile("lib/client/tsconfig.json");
  for (const file of ["lib/mount/browser-files.js", "lib/client/elements.d.ts"]) copyFileSync(file, join(made, file));
  removeUnreached();
  await bundleEmbeddedStore();
  rmSync(PLACE, { recursive: true, force: true });
  renameSync(made, PLACE);
} finally {
  rmSync(made, { recursive: true, force: true });
}

// With comments: types show them, and bundlers read some.
function compile(project) {
  const options = [
    "--noEmit",
    "false",
    "--declaration",
    "--removeComments",
    "false",
    "--rootDir",
    ".",
    "--outDir",
    made,
  ];
  const compiler = ["node_modules/typescript/bin/tsc", "-p", project, ...options];
  const { status } = spawnSync(process.execPath, compiler, { stdio: "inherit" });
  if (status !== 0) throw new Error(`Cannot compile ${project}`);
}

/** Removes the modules and types that no entry of the package reaches. */
function removeUnreached() {
  const reached = new Set();
  const walk = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, specifier] of text.matchAll(RELATIVE)) {
      const target = join(dirname(file), specifier);
      walk(file.endsWith(".d.ts") ? target.replace(/\.js$/, ".d.ts") : target);
    }
  };
  for (const entry of entries()) walk(join(made, relative(PLACE, entry)));
  for (const file of filesIn(made)) if (!reached.has(file)) rmSync(file);
}

function entries() {
  const { exports, bin } = JSON.parse(readFileSync("package.json", "utf8"));
  const targets = [...Object.values(exports), bin].flatMap((it) => (typeof it === "string" ? [] : Object.values(it)));
  return targets.filter((it) => !it.includes("/embedded-store/"));
}

// What the embedded Redis needs is bundled: a production install has no packages of it, and no code of the chat imports the bundle.
async function bundleEmbeddedStore() {
  const folder = join(made, "embedded-store");
  const { metafile } = await build({
    entryPoints: { store: "local/embedded-store.ts" },
    bundle: true,
    splitting: true,
    minifyWhitespace: true,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outdir: folder,
    legalComments: "none",
    logLevel: "warning",
    // The rest of `redis` is clients of modules that the chat does not use.
    alias: { redis: "@redis/client" },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  // They are read at run time, from beside the code.
  for (const file of ["redis_lua.mjs", "redis_lua.wasm"])
    copyFileSync(join("node_modules/lua-redis-wasm/dist", file), join(folder, file));
  writeFileSync(join(folder, "store.d.ts"), STORE_TYPES);
  writeFileSync(join(folder, "LICENSES.txt"), licensesOf(Object.keys(metafile.inputs)));
}

function licensesOf(inputs) {
  const packages = inputs.flatMap((it) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(it) ?? []);
  const folders = [...new Set(packages.filter((it) => it.startsWith("node_modules/")))].sort();
  return folders
    .map((folder) => `${folder.replace(/.*node_modules\//, "")}\n\n${licenseOf(folder)}\n`)
    .join("\n----\n\n");
}

function licenseOf(folder) {
  const names = readdirSync(folder).filter((it) => /^(licen[cs]e|third_party_notices)/i.test(it));
  if (names.length > 0) return names.map((it) => readFileSync(join(folder, it), "utf8")).join("\n");
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).license;
}

function filesIn(folder) {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
}
