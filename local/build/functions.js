import { mkdirSync, rmSync } from "node:fs";
import { rolldown } from "rolldown";

// The program behind `npm run bundle:functions`, the last step of a deployment's build: puts `lib/chat.js`, the chat bundled with its packages,
// beside `lib/chat.ts`. The function imports `lib/chat.js`; the builder takes that file if it exists, and else compiles the source. So the
// function reads a few files instead of a hundred, and a build without this step does the same with more files. Code that only some requests
// need is imported when first needed, and stays in chunks of its own. With a folder as argument, it writes into that folder's lib/.

async function bundleFunctions(folder) {
  rmSync(`${folder}/lib/chunks`, { recursive: true, force: true });
  mkdirSync(`${folder}/lib/chunks`, { recursive: true });
  const bundle = await rolldown({
    input: { chat: "lib/chat.ts" },
    platform: "node",
    // The oldest version in `engines`.
    transform: { target: "node20" },
    logLevel: "warn",
  });
  const start = modulesAtStart((await bundle.generate({ format: "esm" })).output);
  await bundle.write({
    dir: `${folder}/lib`,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    comments: false,
    // Names stay, so that a stack in the log can be read.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    // What is read at start would else be in as many files as there are combinations of imports that come later: half a millisecond each.
    codeSplitting: { groups: [{ name: "start", test: (id) => start.has(id) }] },
  });
  await bundle.close();
}

/** Returns the modules that the chat imports before its first request. */
function modulesAtStart(output) {
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const reached = new Set(["chat.js"]);
  for (const name of reached) for (const next of chunks.get(name).imports) if (chunks.has(next)) reached.add(next);
  return new Set([...reached].flatMap((name) => chunks.get(name).moduleIds));
}

// Writes beside the sources only on a build server: in a working tree, tests would import the bundle, which would soon be out of date.
const [, , folder = process.env.CI ? "." : undefined] = process.argv;
if (folder !== undefined) await bundleFunctions(folder);
