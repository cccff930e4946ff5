import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

// The program behind `npm run bundle`: the client's files as a deployment serves them, each whole in itself.

// The newest syntax that Chromium, Firefox and Safari share.
const TARGET = ["chrome120", "firefox121", "safari17"];

const FILES = [
  { from: "lib/client/connect.ts", to: "client.js", format: "esm" },
  // Loaded by the client when they are used.
  { from: "lib/client/sender.ts", to: "sender.js", format: "esm" },
  { from: "lib/client/page.ts", to: "page.js", format: "esm" },
  { from: "lib/client/live.ts", to: "live.js", format: "esm" },
  { from: "lib/client/probe.ts", to: "probe.js", format: "esm" },
  // Whole, since a page elsewhere may load a script from here, but not the modules that it asks for.
  { from: "lib/client/widget/element.ts", to: "widget.js", format: "esm", whole: true },
  { from: "lib/client/widget/element.ts", to: "chat.js", format: "iife", whole: true },
];

/** Bundles every file; throws when one cannot be. */
export async function bundle() {
  mkdirSync("public/nereid-chat", { recursive: true });
  await Promise.all(FILES.map(make));
}

async function make({ from, to, format, whole = false }) {
  const { outputFiles } = await build({
    entryPoints: [from],
    bundle: true,
    minify: true,
    write: false,
    format,
    target: TARGET,
    tsconfig: "tsconfig.client.json",
    legalComments: "none",
    logLevel: "warning",
    // A classic script has none, and asks its own element where it came from.
    ...(format === "iife" ? { define: { "import.meta.url": "undefined" } } : {}),
    plugins: whole ? [] : [LATER],
  });
  // Whoever reads one reads a whole one.
  const place = `public/nereid-chat/${to}`;
  writeFileSync(`${place}.${process.pid}`, outputFiles[0].contents);
  renameSync(`${place}.${process.pid}`, place);
}

// What is loaded when it is used stays a file of its own, beside the one that loads it.
const LATER = {
  name: "later",
  setup: (build) =>
    build.onResolve({ filter: /^\.\/.*\.js$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    ),
};

if (import.meta.url === `file://${process.argv[1]}`) await bundle();
