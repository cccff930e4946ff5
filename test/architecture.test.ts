import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { expect, test } from "vitest";

// The house: api → edge → domain → ground, never back. A new file of lib/ goes to the lowest layer that it can live in.
const LAYERS = [
  [
    "ground",
    "audience config connection event fault keys log lookout memory moment pace poll redis reply rest standing subscription tail window wire",
  ],
  [
    "domain",
    "acquaintance activity actor answer archive arrival attendance block caller change cold contact content correction delivery device emoji extension field fingerprint governor guest health history html " +
      "invite jwt language lease legacy listener message parse position presence reaction reading receipt reference roster send session setting shape size stanza stream thread token view",
  ],
  ["edge", "body identify identity origin problem rate route sse"],
] as const;

const FORBIDDEN_NAMES = /^(utils?|helpers?|common|types|constants|service|manager|index)$/;

const IMPORT =
  /^(?:import|export)\b[^;"']*?\bfrom ["']([^"']+)["']|^import ["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

const project = fileURLToPath(new URL("../", import.meta.url));
const lib = read("lib");
const api = read("api");
const local = read("local");
const client = ["lib/client", ...folders("lib/client")].flatMap(read);
const host = read("lib/host");

type Source = { path: string; name: string; code: string; lines: number; imports: string[] };

function read(folder: string): Source[] {
  return readdirSync(join(project, folder))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => parse(`${folder}/${file}`));
}

function folders(folder: string): string[] {
  const entries = readdirSync(join(project, folder), { withFileTypes: true });
  return entries.filter((it) => it.isDirectory()).map(({ name }) => `${folder}/${name}`);
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

/** The height of a source: 0 for ground, one above the edge for a function; without a place, none that compares. */
function height({ path, name }: Source): number {
  if (path.startsWith("api/")) return LAYERS.length;
  const layer = LAYERS.findIndex(([, names]) => names.split(" ").includes(name));
  return layer === -1 ? Number.NaN : layer;
}

function found(sources: Source[], pattern: RegExp): string[] {
  return sources.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
}

test("imports are read", () => {
  expect(lib.find(({ name }) => name === "stream")?.imports).toEqual(
    expect.arrayContaining(["valibot", "lib/tail.ts"]),
  );
  expect(api.every(({ imports }) => imports.includes("lib/route.ts"))).toBe(true);
  expect(local.find(({ name }) => name === "redis")?.imports).toContain("js-redis-server");
});

test("each file of lib/ has one layer, and each name in the layers a file", () => {
  const names = LAYERS.flatMap(([, names]) => names.split(" "));
  expect(names.sort()).toEqual(lib.map(({ name }) => name).sort());
});

test("imports go api → edge → domain → ground, never back", () => {
  const sources = new Map([...lib, ...api].map((source) => [source.path, source]));
  const back = [...sources.values()].flatMap((source) =>
    source.imports
      .filter((path) => height(sources.get(path) ?? source) > height(source))
      .map((path) => `${source.path} → ${path}`),
  );
  expect(back).toEqual([]);
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
  const ofClient = /from "[./]*\/(client|host)\//m;
  expect(
    [...lib, ...api, ...local].filter(({ code }) => ofClient.test(withoutTypes(code))).map(({ path }) => path),
  ).toEqual([]);
  expect([...lib, ...api].flatMap(({ imports }) => imports).filter((it) => /^lib\/(client|host)\//.test(it))).toEqual(
    [],
  );
  expect(host.flatMap(({ imports }) => imports).filter((it) => it.startsWith("lib/"))).toEqual([]);
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

test("only lib/keys.ts spells keys", () => {
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
  const below = lib.filter((source) => height(source) < LAYERS.length - 1);
  expect(found(below, /\b(Request|Response)\b/)).toEqual([]);
});

test("no file of the chat is longer than 200 lines", () => {
  const long = [...lib, ...api, ...client, ...host].filter(({ lines }) => lines > 200);
  expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
});

test("every file is named for what is in it", () => {
  expect(
    [...lib, ...api, ...local, ...client, ...host]
      .filter(({ name }) => FORBIDDEN_NAMES.test(name))
      .map(({ path }) => path),
  ).toEqual([]);
});
