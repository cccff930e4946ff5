import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

// The program behind `npm run bundle:functions`, the last step of a deployment's build: puts `lib/chat.js`, the chat bundled with its packages,
// beside `lib/chat.ts`. The function imports `lib/chat.js`; the builder takes that file if it exists, and else compiles the source. So the
// function reads a few files instead of a hundred, and a build without this step does the same with more files. Code that only some requests
// need is imported when first needed, and stays in chunks of its own. With a folder as argument, it writes into that folder's lib/.

async function bundleFunctions(folder) {
  rmSync(`${folder}/lib/chunks`, { recursive: true, force: true });
  mkdirSync(`${folder}/lib/chunks`, { recursive: true });
  const { outputFiles } = await build({
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    // The oldest version in `engines`.
    target: "node20",
    legalComments: "none",
    // Names stay, so that a stack in the log can be read.
    minifyWhitespace: true,
    logLevel: "warning",
    entryPoints: ["lib/chat.ts"],
    outdir: `${folder}/lib`,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    // Some packages are CommonJS, and require what Node has.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
}

// Writes beside the sources only on a build server: in a working tree, tests would import the bundle, which would soon be out of date.
const [, , folder = process.env.CI ? "." : undefined] = process.argv;
if (folder !== undefined) await bundleFunctions(folder);
