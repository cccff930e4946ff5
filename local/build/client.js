import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { makeReference } from "./reference.js";
import { elementSharing, modulesOf, sharing } from "./widget-parts.js";

// The program behind `npm run bundle`: builds the client's files as a deployment serves them, each self-contained.

// The newest syntax that current Chromium, Firefox and Safari have in common.
const TARGET = ["chrome120", "firefox121", "safari17"];

const FILES = [
  { from: "lib/client/connect.ts", to: "client.js", format: "esm" },
  // Loaded by the client when needed.
  { from: "lib/client/send/sender.ts", to: "sender.js", format: "esm" },
  { from: "lib/client/send/upload.ts", to: "upload.js", format: "esm" },
  { from: "lib/client/page.ts", to: "page.js", format: "esm" },
  { from: "lib/client/follow/live.ts", to: "live.js", format: "esm" },
  { from: "lib/client/push/push.ts", to: "push.js", format: "esm" },
  // Copied or imported by the host's own service worker.
  { from: "lib/client/push/worker.ts", to: "push-worker.js", format: "iife" },
  { from: "lib/client/follow/probe.ts", to: "probe.js", format: "esm" },
  // The page for moderators.
  { from: "lib/client/admin/page.ts", to: "admin.js", format: "esm" },
  ...readdirSync("lib/client/widget/languages").map((name) => ({
    from: `lib/client/widget/languages/${name}`,
    to: `widget-language-${name.replace(".ts", ".js")}`,
    format: "esm",
  })),
  { from: "lib/client/widget/emoji-list.ts", to: "widget-emoji-list.js", format: "esm" },
  ...readdirSync("lib/client/widget/emoji").map((name) => ({
    from: `lib/client/widget/emoji/${name}`,
    to: `widget-emoji-${name.replace(".ts", ".js")}`,
    format: "esm",
  })),
  { from: "lib/client/widget/guest-form.ts", to: "widget-guest-form.js", format: "esm" },
  { from: "lib/client/widget/notifier.ts", to: "widget-notifier.js", format: "esm" },
  { from: "lib/client/widget/sanitiser.ts", to: "widget-sanitiser.js", format: "esm" },
];

// What the widget loads when it is first used, each named as its module.
const PARTS = [
  "details",
  "diagnosis",
  "emoji-picker",
  "format-keys",
  "files",
  "forward",
  "found",
  "full-screen",
  "hidden",
  "info",
  "joiner",
  "launcher",
  "link-offer",
  "log-window",
  "mention-picker",
  "menu",
  "page-badge",
  "reporter",
  "starter",
  "tools",
  "url-state",
];
// Whole but for that, and for what few pages need, so that a page has the widget by one request.
const WIDGETS = [
  { to: "widget.js", format: "esm" },
  { to: "chat.js", format: "iife" },
];

/** Bundles every file. Throws when one fails. */
export async function bundle() {
  mkdirSync("public/nereid-chat", { recursive: true });
  const files = [...(await Promise.all(FILES.map(make))), ...(await makeWidget())];
  // What a server that has the chat mounted serves: a module, so that a bundler takes the files along.
  put(
    "lib/mount/browser-files.js",
    `export const BROWSER_FILES = ${JSON.stringify(Object.fromEntries(files), null, 1)};\n`,
  );
  await Promise.all([makeRegistryItem(), makeCostPage()]);
  makeReference();
  putGuides();
}

/** Bundles the parts of the widget first: what they take from the widget is what it has to give. */
async function makeWidget() {
  const taken = new Map();
  const modules = await modulesOf({ bundle: true, plugins: [WIDGETS_LATER] });
  const parts = PARTS.map((name) => ({ from: `lib/client/widget/${name}.ts`, to: `widget-${name}.js`, format: "esm" }));
  const plugins = [INDENTED, WIDGETS_LATER, sharing(modules, taken)];
  const made = await Promise.all(parts.map((part) => make({ ...part, plugins })));
  const stdin = elementSharing(taken);
  return [
    ...made,
    ...(await Promise.all(WIDGETS.map((it) => make({ ...it, stdin, plugins: [INDENTED, WIDGETS_LATER] })))),
  ];
}

async function make({ from, stdin, to, format, plugins = [LATER] }) {
  const { outputFiles } = await build({
    ...(stdin === undefined ? { entryPoints: [from] } : { stdin }),
    bundle: true,
    minify: true,
    write: false,
    format,
    target: TARGET,
    tsconfig: "lib/client/tsconfig.json",
    legalComments: "none",
    logLevel: "warning",
    // Modules are UTF-8 by definition; other scripts may be read in the encoding of an old page.
    charset: to.startsWith("widget-") ? "utf8" : "ascii",
    // A classic script has no import.meta, and gets its URL from its own element.
    ...(format === "iife" ? { define: { "import.meta.url": "undefined" } } : {}),
    plugins,
  });
  const text = stdin !== undefined && format === "iife" ? importFromOwnUrl(outputFiles[0].text) : outputFiles[0].text;
  put(`public/nereid-chat/${to}`, text);
  return [to, text];
}

/**
 * Makes a classic script import modules from where it was loaded itself. A script of another origin would import them from the page's URL.
 * https://html.spec.whatwg.org/multipage/webappapis.html#creating-a-classic-script
 */
function importFromOwnUrl(script) {
  const url = "const nereidScript=document.currentScript?.src||document.baseURI;";
  return `(()=>{${url}${script.trimEnd().replace(/\bimport\(("\.\/[\w-]+\.js")\)/g, "import(new URL($1,nereidScript))")}})();\n`;
}

/** Bundles what the page at /cost computes, by the formulas of docs/cost.md. */
async function makeCostPage() {
  const { outputFiles } = await build({
    entryPoints: ["bench/cost/page.js"],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: TARGET,
    legalComments: "none",
    logLevel: "warning",
  });
  put("public/cost/page.js", outputFiles[0].contents);
}

// Replaces the file atomically, so that no reader gets half of it.
function put(place, contents) {
  writeFileSync(`${place}.${process.pid}`, contents);
  renameSync(`${place}.${process.pid}`, place);
}

/** Puts what coding agents look for beside the other files, with links that lead to the repository. */
function putGuides() {
  const { repository } = JSON.parse(readFileSync("package.json", "utf8"));
  const home = `${repository.url.replace(/^git\+|\.git$/g, "")}/blob/main/`;
  for (const file of ["llms.txt", "SKILL.md"])
    put(`public/${file}`, readFileSync(file, "utf8").replace(/\]\((?!https?:|#)/g, `](${home}`));
}

/** Builds what `npx shadcn add <deployment>/chat.json` copies into a project: a component to edit, and the client that it uses, of the same version. */
async function makeRegistryItem() {
  const { outputFiles } = await build({
    entryPoints: ["lib/client/react.ts"],
    bundle: true,
    write: false,
    format: "esm",
    target: TARGET,
    tsconfig: "lib/client/tsconfig.json",
    external: ["react"],
    // The bundle is served by the project's own origin; `url` names the deployment.
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
      // Built code, named .ts for projects that accept no JavaScript. It was type-checked here.
      file("lib/nereid-chat.ts", "registry:lib", `// @ts-nocheck\n${outputFiles[0].text}`),
    ],
  };
  put("public/chat.json", JSON.stringify(item, undefined, 2));
}

// A module that is imported dynamically stays a file of its own, next to the one that imports it.
const LATER = {
  name: "later",
  setup: (build) =>
    build.onResolve({ filter: /^\..*\.js$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: `./${basename(path)}`, external: true } : undefined,
    ),
};

// What the widget loads when needed stays a file of its own, next to it. Of the client, it needs nearly all at once.
const WIDGETS_LATER = {
  name: "widgets-later",
  setup: (build) =>
    build.onResolve({ filter: /^\..*\.js$/ }, ({ kind, path, importer }) => {
      if (kind !== "dynamic-import") return undefined;
      const own = /\/(probe|push|upload)\.js$/.exec(path)?.[0];
      if (own !== undefined) return { path: `.${own}`, external: true };
      if (!/[\\/]widget[\\/]/.test(importer)) return undefined;
      const folder = { languages: "language-", emoji: "emoji-" }[path.split("/").at(-2)] ?? "";
      const name = `widget-${folder}${basename(path)}`;
      return { path: `./${name}`, external: true };
    }),
};

// Takes the indentation out of the widget's style sheets and templates, where it is a part of the text that is shipped.
const INDENTED = {
  name: "indented",
  setup: (build) =>
    build.onLoad({ filter: /[\\/]client[\\/]widget[\\/].*\.ts$/, namespace: "file" }, ({ path }) => ({
      contents: readFileSync(path, "utf8")
        .replace(/^[ \t]+/gm, "")
        .replace(/css`[^`]*`/g, smaller),
      loader: "ts",
    })),
};

/** Takes the comments and the space out of a style. */
function smaller(css) {
  return css
    .replace(/\/\*[^*]*\*\//g, "")
    .replace(/\s*([{};,>])\s*/g, "$1")
    .replace(/:\s+/g, ":")
    .replace(/;}/g, "}");
}

// Compared as paths, since a URL encodes spaces and the command line does not.
const [, program] = process.argv;
if (program !== undefined && fileURLToPath(import.meta.url) === realpathSync(program)) await bundle();
