import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

// The program behind `npm run bundle:functions`, the last step of a deployment's build: puts `lib/chat.js`, the chat bundled with its packages,
// beside `lib/chat.ts`. The builder takes that file, which the function imports, where there is one, and else compiles the source: so the
// function reads a few files instead of a hundred, and a build without this step gets one that does the same. What only some requests need
// is imported when first needed, and stays in chunks of its own. With a folder as its argument it writes into that folder's lib/.

async function bundleFunctions(folder) {
  rmSync(`${folder}/lib/chunks`, { recursive: true, force: true });
  mkdirSync(`${folder}/lib/chunks`, { recursive: true });
  const { outputFiles } = await build({
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    // The oldest of `engines`.
    target: "node20",
    legalComments: "none",
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

// Beside the sources only on a build server: in the tree that somebody works in, tests would take the bundle, too, and soon an old one.
const [, , folder = process.env.CI ? "." : undefined] = process.argv;
if (folder !== undefined) await bundleFunctions(folder);
