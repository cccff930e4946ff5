import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { environmentReads, stateOf } from "./support/module-state.js";
import { nodesOf, parse, readSources, type Source } from "./support/source.js";

// The layers of lib/, from the top; a folder imports itself, its own row and the rows below it. docs/ARCHITECTURE.md describes each.
const LAYERS = [
  ["http"],
  ["hooks", "push"],
  ["stream"],
  ["privacy"],
  ["chat", "auth"],
  ["presence"],
  ["people"],
  ["log"],
  ["store", "schema", "files"],
];
// Above them: the function and the adapters of lib/mount import the composition root, and that imports the table of endpoints.
const ABOVE = ["api/_endpoints/", "lib/endpoints.ts", "lib/chat.ts", "api/chat.ts", "lib/mount/"];

const FORBIDDEN_NAMES = /^(utils?|helpers?|common|types|constants|service|manager|index)$/;

const project = fileURLToPath(new URL("../", import.meta.url));
const lib = readSources("lib").filter(({ path }) => !/^lib\/(client|backend|cli)\//.test(path));
const client = readSources("lib/client");
const backend = readSources("lib/backend");
const cli = readSources("lib/cli");
const api = readSources("api");
const local = readSources("local");

/** The height of a file: 0 for those beside the folders of lib/. */
function height(path: string): number {
  const above = ABOVE.findIndex((it) => path.startsWith(it));
  if (above >= 0) return LAYERS.length + 1 + above;
  const folder = /^lib\/(\w+)\//.exec(path)?.[1];
  if (folder === undefined) return 0;
  return LAYERS.length - LAYERS.findIndex((row) => row.includes(folder));
}

function found(sources: Source[], pattern: RegExp): string[] {
  return sources.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
}

test("imports are read", () => {
  expect(lib.find(({ name }) => name === "follow")?.imports).toEqual(
    expect.arrayContaining(["valibot", "lib/presence/roster-stanza.ts"]),
  );
  expect(local.find(({ name }) => name === "redis")?.imports).toContain("js-redis-server");
});

test("each folder of lib/ is a layer, or stands alone", () => {
  const folders = new Set(lib.flatMap(({ path }) => /^lib\/(\w+)\//.exec(path)?.[1] ?? []));
  expect([...folders].sort()).toEqual([...LAYERS.flat(), "mount"].sort());
});

test("imports go down the layers, never up", () => {
  const up = [...lib, ...api].flatMap(({ path, imports }) =>
    imports.filter((it) => /^(lib|api)\//.test(it) && height(it) > height(path)).map((it) => `${path} → ${it}`),
  );
  expect(up).toEqual([]);
});

test("no imports go in a circle", () => {
  const sources = new Map([...lib, ...api, ...local, ...client, ...cli].map((source) => [source.path, source]));
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
    path.startsWith("node:") || /^(lib|api)\//.test(path) || packageOf(path) in dependencies;
  const strangers = [...lib, ...api].flatMap(({ path, imports }) =>
    imports.filter((it) => !allowed(it)).map((it) => `${path} → ${it}`),
  );
  expect(strangers).toEqual([]);
  const used = new Set([...lib, ...api, ...client].flatMap(({ imports }) => imports.map(packageOf)));
  expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
});

test("the client stands alone: it imports itself, of the server only types, React, and packages only where it loads them later", () => {
  const allowed = (path: string, it: string) =>
    /^lib\/client\/|^react$/.test(it) || (/\/(widget\/|follow\/live\.ts)/.test(path) && !it.startsWith("lib/"));
  const foreign = client.flatMap(({ path, valueImports }) =>
    valueImports.filter((it) => !allowed(path, it)).map((it) => `${path} → ${it}`),
  );
  expect(foreign).toEqual([]);
  const ofClient = /^lib\/(client|backend)\//;
  const users = [
    ...[...lib, ...api].flatMap(({ path, imports }) => imports.map((it) => ({ path, it }))),
    ...local.flatMap(({ path, valueImports }) => valueImports.map((it) => ({ path, it }))),
  ].flatMap(({ path, it }) => (ofClient.test(it) ? `${path} → ${it}` : []));
  // A mounted chat offers in its process what the host's back end has over HTTP.
  expect(users.filter((it) => !/^lib\/mount\/mounted-chat\.ts → lib\/backend\/server-/.test(it))).toEqual([]);
  expect(backend.flatMap(({ imports }) => imports).filter((it) => /^lib\/(?!backend\/)/.test(it))).toEqual([]);
});

test("the command line stands above the chat: nothing imports it, and its program alone begins something", () => {
  const users = [...lib, ...api, ...local, ...client, ...backend].flatMap(({ path, imports }) =>
    imports.filter((it) => it.startsWith("lib/cli/")).map((it) => `${path} → ${it}`),
  );
  expect(users).toEqual([]);
  const begins = cli.filter((source) => stateOf(source).length > 0 || environmentReads(source).length > 0);
  expect(begins.map(({ path }) => path)).toEqual(["lib/cli/main.ts"]);
});

test("nothing that runs imports a test or a benchmark", () => {
  const imports = [...lib, ...api, ...local].flatMap((source) => source.imports);
  expect(imports.filter((path) => /^(test|bench)\//.test(path))).toEqual([]);
});

test("api/ holds one function and its endpoints, and nothing else", () => {
  expect(readdirSync(join(project, "api")).sort()).toEqual(["_endpoints", "chat.ts"]);
  const [endpoints, functions] = [/^api\/_endpoints\/\w+\.ts$/, /^api\/chat\.ts$/].map((pattern) =>
    api.filter(({ path }) => pattern.test(path)),
  );
  expect(endpoints?.map(({ path, exports }) => [path, exports])).toEqual(
    endpoints?.map(({ path }) => [path, ["endpoints"]]),
  );
  expect(functions?.map(({ exports }) => exports.toSorted())).toEqual([
    ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
  ]);
  expect((endpoints?.length ?? 0) + (functions?.length ?? 0)).toBe(api.length);
});

test("lib/endpoints.ts lists every endpoint file", () => {
  const used = lib.find(({ path }) => path === "lib/endpoints.ts")?.imports.filter((it) => it.startsWith("api/"));
  expect(used?.sort()).toEqual(api.map(({ path }) => path).filter((it) => it.startsWith("api/_endpoints/")));
});

test("only lib/store/keys.ts spells keys", () => {
  const keys = lib.find(({ name }) => name === "keys")?.code ?? "";
  const kinds = new Set([...keys.matchAll(/\$\{prefix\}(\w+)/g)].map(([, kind]) => kind));
  expect(kinds.size).toBeGreaterThan(5);
  const others = [...lib, ...api].filter(({ name }) => name !== "keys");
  // A key begun by its kind, the prefix taken elsewhere, or a key put together in a script.
  expect(found(others, new RegExp(`["'\`}](${[...kinds].join("|")}):\\$\\{`))).toEqual([]);
  expect(found(others, /\bKEYS\[\d+\]\s*\.\./)).toEqual([]);
  expect(found(others, /\bconfig\.prefix\b/)).toEqual(["lib/chat.ts"]);
});

test("only what creates a chat reads the environment, and only where it is given no other", () => {
  const reads = [...lib, ...api].flatMap((source) => environmentReads(source).map((node) => ({ source, node })));
  const mounts = ["mounted-chat", "next", "node"].map((name) => `lib/mount/${name}.ts`);
  expect(reads.map(({ source }) => source.path)).toEqual(["lib/chat.ts", ...mounts]);
  for (const { source, node } of reads) {
    const functions = nodesOf(source.program).filter((it) => it.type === "FunctionDeclaration");
    const [, environment] = functions.find(({ id }) => /^(createChat|chat)$/.test(id?.name ?? ""))?.params ?? [];
    expect(environment).toMatchObject({ type: "AssignmentPattern", right: node });
  }
});

test.each([
  "export const url = process.env.URL;",
  "export const url = process\n  ['env'].URL;",
  "const { env } = process;",
  "import { env } from 'node:process';",
  "export const url = globalThis.process.env.URL;",
])("reading the environment is found in %j", (code) => {
  expect(environmentReads(parse("lib/planted.ts", code))).not.toEqual([]);
});

describe("state", () => {
  const states = (sources: Source[]) =>
    sources.flatMap((source) => stateOf(source).map((it) => `${source.path}: ${it}`));

  test("no module keeps, starts or hooks anything by being imported; the function keeps its chat", () => {
    expect(states([...lib, ...api, ...backend])).toEqual(["api/chat.ts: let chat", "api/chat.ts: process.once"]);
  });

  test.each([
    ["let count = 0;", "let count"],
    ["export   let\n count: number", "let count"],
    ["const known = new Map<string, string>();", "new Map"],
    ["const known: Map<string, string> = new   Map();", "new Map"],
    ["const caches = { known: new WeakMap() };", "new WeakMap"],
    ["class A { static readonly known = new Set(); }", "new Set"],
    ["const tail = new Tail();", "new Tail"],
    ["process\n  .on('exit', () => {});", "process.on"],
    ["export function start() { process.once('exit', () => {}); }", "process.once"],
    ["setInterval(() => {}, 1_000).unref();", "a call of setInterval"],
    ["import { tail } from './tail.js'; tail.revoked = () => {};", "a change of tail"],
    ["import { tail } from './tail.js'; export const hook = () => { tail.hooks.revoked = 1; };", "a change of tail"],
    ["const seen: string[] = []; export const see = (it: string) => seen.push(it);", "a change of seen"],
    ["const counts = { a: 0 }; export function count() { counts.a++; }", "a change of counts"],
    ["globalThis.Response = Object;", "a change of globalThis"],
    ["const chat = (() => 1)();", "a function that is called at once"],
    ["const answer = await fetch('http://localhost');", "await"],
  ])("is found in %j", (code, state) => {
    expect(stateOf(parse("lib/planted.ts", code))).toContain(state);
  });

  test.each([
    "const NAMES: ReadonlySet<string> = new Set(['a']);",
    "export const KINDS: ReadonlyMap<string, number> = new Map();",
    "const ENCODER = new TextEncoder();",
    "export class A { readonly #known = new Map<string, string>(); #count = 0; count() { this.#count++; } }",
    "export function count() { let n = 0; const known = new Map(); known.set(1, n++); return known; }",
  ])("is not found in %j", (code) => {
    expect(stateOf(parse("lib/planted.ts", code))).toEqual([]);
  });
});

test("only http/, the functions, and what calls the host know requests and responses", () => {
  const below = lib.filter(({ path }) => height(path) < LAYERS.length || path === "lib/config.ts");
  expect(found(below, /\bRequest\b/)).toEqual(["lib/auth/session.ts", "lib/chat-options.ts"]);
  expect(found(below, /\bResponse\b/)).toEqual([]);
});

// What has outgrown the bound, each file with its own: they may shrink, and no other may join them.
const LONG: Readonly<Record<string, number>> = {
  "lib/client/session.ts": 221,
  "lib/store/keys.ts": 220,
  "lib/http/live-stream.ts": 220,
  "lib/client/view/mirror.ts": 268,
  "lib/client/widget/composer.ts": 245,
  "lib/client/widget/element.ts": 400,
  "lib/client/widget/log.ts": 236,
  "lib/client/widget/message.ts": 220,
};

test("no file of the chat is longer than 200 lines", () => {
  const sources = [...lib, ...api, ...client, ...backend, ...cli];
  const long = sources.filter(({ path, lines }) => lines > (LONG[path] ?? 200));
  expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
});

test("every file is named for what is in it", () => {
  expect(
    [...lib, ...api, ...local, ...client, ...backend, ...cli]
      .filter(({ name }) => FORBIDDEN_NAMES.test(name))
      .map(({ path }) => path),
  ).toEqual([]);
});
