import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

// The program behind `npm run bundle`: the client's files as a deployment serves them, each whole in itself.

// The newest syntax that Chromium, Firefox and Safari share.
const TARGET = ["chrome120", "firefox121", "safari17"];

const FILES = [
  { from: "lib/client/connect.ts", to: "client.js", format: "esm" },
  // Loaded by the client when they are used.
  { from: "lib/client/send/sender.ts", to: "sender.js", format: "esm" },
  { from: "lib/client/page.ts", to: "page.js", format: "esm" },
  { from: "lib/client/follow/live.ts", to: "live.js", format: "esm" },
  { from: "lib/client/follow/probe.ts", to: "probe.js", format: "esm" },
  // Whole, since a page elsewhere may load a script from here, but not the modules that it asks for.
  { from: "lib/client/widget/element.ts", to: "widget.js", format: "esm", whole: true },
  { from: "lib/client/widget/element.ts", to: "chat.js", format: "iife", whole: true },
];

/** Bundles every file; throws when one cannot be. */
export async function bundle() {
  mkdirSync("public/nereid-chat", { recursive: true });
  await Promise.all([...FILES.map(make), makeRegistryItem()]);
}

async function make({ from, to, format, whole = false }) {
  const { outputFiles } = await build({
    entryPoints: [from],
    bundle: true,
    minify: true,
    write: false,
    format,
    target: TARGET,
    tsconfig: "lib/client/tsconfig.json",
    legalComments: "none",
    logLevel: "warning",
    // A classic script has none, and asks its own element where it came from.
    ...(format === "iife" ? { define: { "import.meta.url": "undefined" } } : {}),
    plugins: whole ? [] : [LATER],
  });
  put(`public/nereid-chat/${to}`, outputFiles[0].contents);
}

// Whoever reads one reads a whole one.
function put(place, contents) {
  writeFileSync(`${place}.${process.pid}`, contents);
  renameSync(`${place}.${process.pid}`, place);
}

/** Makes what `npx shadcn add <deployment>/chat.json` copies into a project: a component to edit, and the client under it, of this very version. */
async function makeRegistryItem() {
  const { outputFiles } = await build({
    entryPoints: ["lib/client/react.ts"],
    bundle: true,
    write: false,
    format: "esm",
    target: TARGET,
    tsconfig: "lib/client/tsconfig.json",
    external: ["react"],
    // Where it came from is the project's own; the deployment is named by `url`.
    define: { "import.meta.url": "undefined" },
  });
  const file = (path, type, content) => ({ path, type, content });
  const item = {
    $schema: "https://ui.shadcn.com/schema/registry-item.json",
    name: "nereid-chat",
    type: "registry:block",
    title: "Chat",
    description: "Conversations of a nereid-chat deployment, to edit as you like.",
    files: [
      file("components/chat.tsx", "registry:component", readFileSync("examples/shadcn/chat.tsx", "utf8")),
      // Built code: a project that takes no JavaScript takes it by this name, and need not check what was checked here.
      file("lib/nereid-chat.ts", "registry:lib", `// @ts-nocheck\n${outputFiles[0].text}`),
    ],
  };
  put("public/chat.json", JSON.stringify(item, undefined, 2));
}

// What is loaded when it is used stays a file of its own, beside the one that loads it.
const LATER = {
  name: "later",
  setup: (build) =>
    build.onResolve({ filter: /^\..*\.js$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: `./${basename(path)}`, external: true } : undefined,
    ),
};

// As paths, since a URL spells a space otherwise than the command line does.
const [, program] = process.argv;
if (program !== undefined && fileURLToPath(import.meta.url) === realpathSync(program)) await bundle();
