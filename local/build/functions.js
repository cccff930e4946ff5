import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

// The program behind `npm run bundle:functions`, the last step of a deployment's build: puts the chat beside its sources, bundled with its
// packages. The builder takes `lib/http/route.js`, which a function asks for, where there is such a file, and else compiles `lib/http/route.ts`:
// so a function imports a few files instead of a hundred, and whoever builds without this gets one that does the same.
// With a folder as its argument it puts them into that folder's lib/.

async function bundleFunctions(folder) {
  rmSync(`${folder}/lib/chunks`, { recursive: true, force: true });
  mkdirSync(`${folder}/lib/chunks`, { recursive: true });
  for (const file of readdirSync(`${folder}/lib`)) if (file.endsWith(".js")) rmSync(`${folder}/lib/${file}`);
  const imported = await readImports();
  const { outputFiles } = await build({
    ...OPTIONS,
    outdir: `${folder}/lib`,
    entryPoints: [...new Set([...imported.values()].flat())],
    // What several ask for is there once, for all of them: a module has state.
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    plugins: [together(imported.get("api/stream.ts"))],
  });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
}

const OPTIONS = {
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
  // The oldest of `engines`.
  target: "node20",
  legalComments: "none",
  logLevel: "warning",
  // Some packages are CommonJS, and require what Node has.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
};

/** The files of lib/ that each function imports. */
async function readImports() {
  const functions = readdirSync("api").map((file) => `api/${file}`);
  const { metafile } = await build({
    ...OPTIONS,
    outdir: "lib",
    entryPoints: functions,
    packages: "external",
    metafile: true,
  });
  return new Map(functions.map((path) => [path, metafile.inputs[path].imports.map((it) => it.path)]));
}

// What all share becomes one chunk, where it would be one for each way to share it, at half a millisecond each.
/** Has every bundle import the files of one function. */
function together(files) {
  const shared = files.map((file) => `import "./${file}";`).join("");
  return {
    name: "together",
    setup: (builder) => {
      builder.onResolve({ filter: /lib\// }, ({ kind, path }) =>
        kind === "entry-point" ? { path, namespace: "together" } : undefined,
      );
      builder.onLoad({ filter: /^/, namespace: "together" }, ({ path }) => ({
        contents: `${shared} export * from "./${path}";`,
        resolveDir: ".",
      }));
    },
  };
}

// Beside the sources only on a build server: in the tree that somebody works in, tests would take the bundles, too, and once they are old.
const [, , folder = process.env.CI ? "." : undefined] = process.argv;
if (folder !== undefined) await bundleFunctions(folder);
