import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { expect, test } from "vitest";

// The layers of lib/, from the top; a folder imports itself, its own row and the rows below it. docs/ARCHITECTURE.md describes each.
const LAYERS = [["http"], ["stream"], ["chat", "auth"], ["presence"], ["people"], ["log"], ["store", "schema"]];

const FORBIDDEN_NAMES = /^(utils?|helpers?|common|types|constants|service|manager|index)$/;

const IMPORT =
  /^(?:import|export)\b[^;"']*?\bfrom ["']([^"']+)["']|^import ["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

const project = fileURLToPath(new URL("../", import.meta.url));
const lib = tree("lib").filter(({ path }) => !/^lib\/(client|backend)\//.test(path));
const client = tree("lib/client");
const backend = tree("lib/backend");
const api = tree("api");
const local = tree("local");

type Source = { path: string; name: string; code: string; lines: number; imports: string[] };

function tree(folder: string): Source[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .sort()
    .map((file) => parse(`${folder}/${file}`));
}

function parse(path: string): Source {
  const text = readFileSync(join(project, path), "utf8");
  const code = text.replace(/^\s*(\/\*\*[\s\S]*?\*\/|\/\/.*)$/gm, "");
  const imports = [...code.matchAll(IMPORT)].flatMap((match) => match.slice(1).filter((it) => it !== undefined));
  return {
    path,
    name: basename(path, ".ts"),
    code,
    lines: text.split("\n").length - 1,
    imports: imports.map((specifier) => resolve(path, specifier)),
  };
}

/** An import of this project as the path of its source, any other as it stands. */
function resolve(from: string, specifier: string): string {
  return specifier.startsWith(".") ? join(dirname(from), specifier).replace(/\.js$/, ".ts") : specifier;
}

/** The height of a file: 0 for those beside the folders of lib/, one above all layers for api/ and the composition root. */
function height(path: string): number {
  if (path.startsWith("api/") || path === "lib/chat.ts") return LAYERS.length + 1;
  const folder = /^lib\/(\w+)\//.exec(path)?.[1];
  if (folder === undefined) return 0;
  return LAYERS.length - LAYERS.findIndex((row) => row.includes(folder));
}

function found(sources: Source[], pattern: RegExp): string[] {
  return sources.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
}

test("imports are read", () => {
  expect(lib.find(({ name }) => name === "follow")?.imports).toEqual(
    expect.arrayContaining(["valibot", "lib/log/tail.ts"]),
  );
  expect(local.find(({ name }) => name === "redis")?.imports).toContain("js-redis-server");
});

test("each folder of lib/ is a layer, or stands alone", () => {
  const folders = new Set(lib.flatMap(({ path }) => /^lib\/(\w+)\//.exec(path)?.[1] ?? []));
  expect([...folders].sort()).toEqual(LAYERS.flat().sort());
});

test("imports go down the layers, never up", () => {
  const up = [...lib, ...api].flatMap(({ path, imports }) =>
    imports.filter((it) => it.startsWith("lib/") && height(it) > height(path)).map((it) => `${path} → ${it}`),
  );
  expect(up).toEqual([]);
});

test("no imports go in a circle", () => {
  const sources = new Map([...lib, ...api, ...local, ...client].map((source) => [source.path, source]));
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, way: string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" → "));
    if (way.includes(path) || done.has(path)) return;
    for (const next of sources.get(path)?.imports ?? []) walk(next, [...way, path]);
    done.add(path);
  };
  for (const path of sources.keys()) walk(path, []);
  expect(circles).toEqual([]);
});

test("functions and the chat import only the chat, Node, and the packages that are deployed", () => {
  const { dependencies } = v.parse(
    v.object({ dependencies: v.record(v.string(), v.string()) }),
    JSON.parse(readFileSync(join(project, "package.json"), "utf8")),
  );
  const packageOf = (path: string) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? "";
  const allowed = (path: string) =>
    path.startsWith("node:") || path.startsWith("lib/") || packageOf(path) in dependencies;
  const strangers = [...lib, ...api].flatMap(({ path, imports }) =>
    imports.filter((it) => !allowed(it)).map((it) => `${path} → ${it}`),
  );
  expect(strangers).toEqual([]);
  const used = new Set([...lib, ...api, ...client].flatMap(({ imports }) => imports.map(packageOf)));
  expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
});

test("the client stands alone: it imports itself, of the server only types, and packages only for the widget, and React", () => {
  // What is left of an import of types when it is taken away is nothing.
  const withoutTypes = (code: string) => code.replace(/^(import|export) type\b[^;]*;/gm, "");
  const foreign = client.flatMap(({ path, code }) =>
    [...withoutTypes(code).matchAll(IMPORT)]
      .flatMap((match) => match.slice(1).filter((it) => it !== undefined))
      .filter((it) =>
        it.startsWith(".")
          ? !resolve(path, it).startsWith("lib/client/")
          : !path.includes("/widget/") && it !== "react",
      )
      .map((it) => `${path} → ${it}`),
  );
  expect(foreign).toEqual([]);
  const ofClient = /from "[./]*\/(client|backend)\//m;
  expect(
    [...lib, ...api, ...local].filter(({ code }) => ofClient.test(withoutTypes(code))).map(({ path }) => path),
  ).toEqual([]);
  expect(
    [...lib, ...api].flatMap(({ imports }) => imports).filter((it) => /^lib\/(client|backend)\//.test(it)),
  ).toEqual([]);
  expect(backend.flatMap(({ imports }) => imports).filter((it) => it.startsWith("lib/"))).toEqual([]);
});

test("nothing that runs imports a test or a benchmark", () => {
  const imports = [...lib, ...api, ...local].flatMap((source) => source.imports);
  expect(imports.filter((path) => /^(test|bench)\//.test(path))).toEqual([]);
});

test("api/ holds at most twelve files, each a function and nothing else", () => {
  const entries = readdirSync(join(project, "api"));
  expect(entries.length).toBeLessThanOrEqual(12);
  expect(api.map(({ path }) => basename(path)).sort()).toEqual(entries.sort());
  for (const { code } of api) {
    const exports = code.split("\n").filter((line) => /^export\b/.test(line));
    expect(exports).toEqual([
      expect.stringMatching(/^export const \{ DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT \} = route\(/),
    ]);
  }
});

test("only lib/store/keys.ts spells keys", () => {
  const keys = lib.find(({ name }) => name === "keys")?.code ?? "";
  const kinds = new Set([...keys.matchAll(/\$\{prefix\}(\w+)/g)].map(([, kind]) => kind));
  expect(kinds.size).toBeGreaterThan(5);
  const others = [...lib, ...api].filter(({ name }) => name !== "keys");
  // A key begun by its kind, the prefix taken elsewhere, or a key put together in a script.
  expect(found(others, new RegExp(`["'\`}](${[...kinds].join("|")}):\\$\\{`))).toEqual([]);
  expect(found(others, /\bconfig\.prefix\b|\bKEYS\[\d+\]\s*\.\./)).toEqual([]);
});

test("only lib/config.ts and local/ read the environment", () => {
  expect(found([...lib, ...api], /\bprocess\s*\.\s*env\b|\benv\b.*from "node:process"/)).toEqual(["lib/config.ts"]);
});

test("only functions and the edge know requests and responses", () => {
  const below = lib.filter(({ path }) => height(path) < LAYERS.length);
  expect(found(below, /\b(Request|Response)\b/)).toEqual([]);
});

test("no file of the chat is longer than 200 lines", () => {
  const long = [...lib, ...api, ...client, ...backend].filter(({ lines }) => lines > 200);
  expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
});

test("every file is named for what is in it", () => {
  expect(
    [...lib, ...api, ...local, ...client, ...backend]
      .filter(({ name }) => FORBIDDEN_NAMES.test(name))
      .map(({ path }) => path),
  ).toEqual([]);
});
