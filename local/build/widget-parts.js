import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

// Parts of the widget that are loaded when they are first used. Each is a file of its own, and takes what the widget has anyway from the
// widget: a second Lit would be as large as all of them, and could not create the policy of Trusted Types that the first one has.

const ELEMENT = resolve("lib/client/widget/element.ts");
// Inside the parts, what the widget has is one object, at the element that every page of it has.
const SHARED = 'module.exports = customElements.get("nereid-chat").shared;';
const IMPORT = /\bimport\s*(?!type\b)(\{[^}]*\}|\*\s*as\s+[\w$]+)\s*from\s*["']([^"']+)["']/g;

/** Returns the modules that the widget itself consists of, as absolute paths. */
export async function modulesOf(options) {
  const { metafile } = await build({
    ...options,
    entryPoints: [ELEMENT],
    metafile: true,
    write: false,
    logLevel: "error",
  });
  return new Set(Object.keys(metafile.inputs).map((path) => resolve(path)));
}

/**
 * Returns a plugin that takes from the widget what it has of its `modules`, and notes in `taken` the module of each name. A module that is
 * imported whole, such as the icons, is copied instead: of it, the part needs little.
 */
export function sharing(modules, taken) {
  return {
    name: "sharing",
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (kind !== "import-statement" || pluginData === "found") return undefined;
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: "found" });
        const names = namesIn(importer, path);
        if (!modules.has(found.path) || names === undefined) return undefined;
        for (const name of names) take(taken, name, found.path);
        return { path: found.path, namespace: "shared" };
      });
      build.onLoad({ filter: /./, namespace: "shared" }, () => ({ contents: SHARED, loader: "js" }));
    },
  };
}

/** Returns an entry that is the element, with what its parts take from it. */
export function elementSharing(taken) {
  const all = [...taken];
  const imports = all.map(([name, path]) => `import { ${name} } from ${JSON.stringify(path)};`);
  return {
    resolveDir: resolve("."),
    contents: [
      `export * from ${JSON.stringify(ELEMENT)};`,
      ...imports,
      `customElements.get("nereid-chat").shared ??= { ${all.map(([name]) => name).join(", ")} };`,
    ].join("\n"),
  };
}

function take(taken, name, path) {
  const before = taken.get(name);
  if (before !== undefined && before !== path) throw new Error(`Cannot share ${name}: ${before} and ${path} have it`);
  taken.set(name, path);
}

/** Returns the names that a module imports of another one; undefined if it imports the whole of it. */
function namesIn(importer, path) {
  const lists = [...readFileSync(importer, "utf8").matchAll(IMPORT)].filter(([, , from]) => from === path);
  if (lists.some(([, list]) => list.startsWith("*"))) return undefined;
  const names = lists.flatMap(([, list]) => list.slice(1, -1).split(","));
  return names.map((it) => it.trim().split(/\s+as\s+/)[0]).filter((it) => it !== "" && !it.startsWith("type "));
}
