import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The package as it is published: packed, and installed into an empty folder.

const project = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const ENTRIES = ["", "/next", "/node", "/server", "/client", "/react", "/widget", "/embedded-store"];
// How these packages pass the namespace of their elements on; the rest of them does not matter here.
const ELEMENTS = "interface IntrinsicElements { div: { class?: string } }";
const JSX_PACKAGES = {
  preact: {
    "package.json": `{"exports":{".":{"types":"./index.d.ts"},"./jsx-runtime":{"types":"./runtime.d.ts"}}}`,
    "jsx.d.ts": `export namespace JSXInternal { ${ELEMENTS} }`,
    "index.d.ts": 'import { JSXInternal } from "./jsx.js"; export import JSX = JSXInternal;',
    "runtime.d.ts": 'import { JSXInternal } from "./jsx.js"; export { JSXInternal as JSX };',
  },
  "solid-js": {
    "package.json": `{"exports":{".":{"types":"./index.d.ts"},"./jsx-runtime":{"types":"./jsx.d.ts"}}}`,
    "jsx.d.ts": `export namespace JSX { ${ELEMENTS} type HTMLAttributes<T> = { class?: string; ref?: T }; }`,
    "index.d.ts": 'import type { JSX } from "./jsx.js"; export type { JSX };',
  },
};

let folder: string;
let tarball: string;
let app: string;
let said: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-package-"));
  app = join(folder, "app");
  await run(process.execPath, ["local/build/package.js"], { cwd: project });
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: project,
  });
  const [packed] = v.parse(v.array(v.object({ filename: v.string() })), JSON.parse(stdout));
  tarball = join(folder, packed?.filename ?? "");
  await mkdir(app);
  await writeFile(join(app, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const installed = await run("npm", ["install", "--prefer-offline", tarball], { cwd: app });
  said = installed.stdout + installed.stderr;
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const installed = (path = "") => join(app, "node_modules/nereid-chat", path);

async function filesOf(place: string): Promise<string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name).slice(place.length + 1));
}

/** Runs a module in the folder of the application, with no setting of a chat. */
async function evaluate(code: string, env: Record<string, string> = {}) {
  await writeFile(join(app, "program.js"), code);
  const { stdout, stderr } = await run(process.execPath, ["program.js"], {
    cwd: app,
    env: { PATH: process.env.PATH, ...env },
    timeout: 30_000,
  });
  return { stdout: stdout.trim(), stderr: stderr.trim() };
}

/** The packages that an entry imports when it is loaded, with everything that it imports of this package. */
async function packagesOf(file: string, seen = new Set<string>(), packages = new Set<string>()) {
  if (seen.has(file)) return packages;
  seen.add(file);
  const code = await readFile(file, "utf8");
  for (const [, specifier = ""] of code.matchAll(/^(?:import|export)\b(?:[^;"']*?\bfrom)?\s*["']([^"']+)["'];/gm)) {
    if (specifier.startsWith(".")) await packagesOf(join(dirname(file), specifier), seen, packages);
    else if (!specifier.startsWith("node:")) packages.add(specifier);
  }
  return packages;
}

async function fileOf(entry: string): Promise<string> {
  const { stdout } = await evaluate(`console.log(import.meta.resolve("nereid-chat${entry}"))`);
  return fileURLToPath(stdout);
}

describe("the package", () => {
  it("holds compiled modules, their types and nothing of tests, benchmarks or sources", async () => {
    const files = await filesOf(installed());
    expect(files.filter((file) => !file.startsWith("dist/package/")).sort()).toEqual([
      "LICENSE",
      "README.md",
      "package.json",
    ]);
    expect(files.filter((file) => /(^|\/)(test|bench|local)\/|\.map$|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  it("installs without a warning, and without the packages of the embedded Redis", async () => {
    // npm asks about `prepare` when a package does not come from the registry.
    expect(said.split("\n").filter((line) => /warn|deprecated/i.test(line) && !/install-scripts/.test(line))).toEqual(
      [],
    );
    const packages = await readdir(join(app, "node_modules"));
    for (const name of ["redis", "@redis", "js-redis-server", "lua-redis-wasm", "srvx", "react"])
      expect(packages).not.toContain(name);
  });

  it.each(ENTRIES.filter((entry) => entry !== "/react"))("imports nereid-chat%s in Node", async (entry) => {
    const { stdout } = await evaluate(`console.log(Object.keys(await import("nereid-chat${entry}")).join())`);
    expect(stdout).toMatch(/createChat|chat|createToken|connect|NereidChat|startStore/);
  });

  it("imports nereid-chat/react in Node, where the application has React", async () => {
    const link = join(app, "node_modules/react");
    await symlink(join(project, "node_modules/react"), link, "dir");
    const { stdout } = await evaluate('console.log(Object.keys(await import("nereid-chat/react")).join())');
    await rm(link);
    expect(stdout).toMatch(/useChat.*useThread/);
  });

  it("brings no warning of Lit's development build, which development servers load", async () => {
    const load =
      'await import("nereid-chat/widget"); setTimeout(() => console.log(litIssuedWarnings.has("dev-mode")), 20);';
    const { stdout, stderr } = await evaluate(load, { NODE_OPTIONS: "--conditions=development" });
    expect([stdout, stderr]).toEqual(["false", ""]);
  });

  it("loads no package with ./client, and no browser code with ./server and the handlers", async () => {
    expect([...(await packagesOf(await fileOf("/client")))]).toEqual([]);
    for (const entry of ["", "/next", "/node", "/server"])
      for (const name of ["lit", "dompurify", "react"])
        expect([...(await packagesOf(await fileOf(entry)))]).not.toContain(name);
  });

  it("has a program that npx finds", async () => {
    const { stdout } = await run(installed("../.bin/nereid-chat"), ["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("has a manifest that npm publishes as it is, its program included", async () => {
    const copy = join(folder, "manifest");
    await mkdir(copy, { recursive: true });
    const text = await readFile(join(project, "package.json"), "utf8");
    await writeFile(join(copy, "package.json"), text);
    await run("npm", ["pkg", "fix"], { cwd: copy });
    expect(JSON.parse(await readFile(join(copy, "package.json"), "utf8"))).toEqual(JSON.parse(text));
  });

  it("is approved by publint", async () => {
    const { messages } = await publint({ pkgDir: installed(), strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it("has types that resolve as its modules do, for Node's ESM and for bundlers", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))));
    // The package is ESM only: `require` and the resolution of Node 10 are not for it.
    const foreign = (it: object) => "resolutionKind" in it && /node10|node16-cjs/.test(`${it.resolutionKind}`);
    expect("problems" in analysis && analysis.problems.filter((it) => !foreign(it))).toEqual([]);
  });

  it.each(["node16", "bundler"])("has types that a strict project accepts, with module resolution %s", async (kind) => {
    await writeFile(join(app, "application.ts"), APPLICATION);
    const module = kind === "bundler" ? "esnext" : "node16";
    const options = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--lib", "es2023,dom,dom.iterable"];
    const target = ["--target", "es2023", "--module", module, "--moduleResolution", kind, "--types", "node"];
    const roots = ["--typeRoots", join(project, "node_modules/@types"), "--skipLibCheck", "false"];
    const compiler = join(project, "node_modules/typescript/bin/tsc");
    const check = run(process.execPath, [compiler, ...options, ...target, ...roots, "application.ts"], { cwd: app });
    expect(
      await check.then(
        () => "",
        ({ stdout }) => stdout,
      ),
    ).toBe("");
  });

  it("types the element in JSX of React", async () => {
    const react = join(project, "node_modules/@types/react");
    const paths = { react: [react], "react/jsx-runtime": [join(react, "jsx-runtime.d.ts")] };
    const compilerOptions = { strict: true, noEmit: true, jsx: "react-jsx", target: "es2023", lib: ["es2023", "dom"] };
    const resolution = { module: "esnext", moduleResolution: "bundler", types: [], skipLibCheck: true, paths };
    const config = { compilerOptions: { ...compilerOptions, ...resolution }, files: ["page.tsx"] };
    await writeFile(join(app, "jsx.tsconfig.json"), JSON.stringify(config));
    const compile = async (attribute: string) => {
      const page = `import "nereid-chat/widget"; export const page = <nereid-chat ${attribute} className="chat" />;`;
      await writeFile(join(app, "page.tsx"), page);
      const compiler = join(project, "node_modules/typescript/bin/tsc");
      return run(process.execPath, [compiler, "-p", "jsx.tsconfig.json"], { cwd: app }).then(
        () => "",
        ({ stdout }) => stdout,
      );
    };
    expect(await compile('base-path="/api/chat" to="ann"')).toBe("");
    expect(await compile('base-path={1} to="ann"')).toContain("base-path");
    expect(await compile('theme="dark" onnereid-open={({ detail }) => detail.thread.length}')).toBe("");
    expect(await compile('theme="pink"')).toContain("pink");
  });

  it.each(Object.entries(JSX_PACKAGES))("types the element in JSX of %s", async (name, files) => {
    const place = join(app, "node_modules", name);
    await mkdir(place);
    for (const [file, text] of Object.entries(files)) await writeFile(join(place, file), text);
    const resolution = { module: "esnext", moduleResolution: "bundler", types: [], skipLibCheck: true };
    const options = { strict: true, noEmit: true, jsx: "preserve", jsxImportSource: name, lib: ["es2023", "dom"] };
    const config = { compilerOptions: { ...options, ...resolution }, files: [`${name}.tsx`] };
    await writeFile(join(app, "jsx.tsconfig.json"), JSON.stringify(config));
    const page = 'import "nereid-chat/widget";\nexport const page = <nereid-chat to="ann" class="chat" />;';
    await writeFile(join(app, `${name}.tsx`), `${page}\nexport const wrong = <nereid-chat to={1} />;`);
    const compiler = join(project, "node_modules/typescript/bin/tsc");
    const said = await run(process.execPath, [compiler, "-p", "jsx.tsconfig.json"], { cwd: app }).catch((it) => it);
    await rm(place, { recursive: true });
    expect(said.stdout.match(/\(\d+,\d+\): error \w+/g)).toEqual([expect.stringMatching(/^\(3,\d+\): error TS2322$/)]);
  });
});

const APPLICATION = `
import { createServer } from "node:http";
import { type BeforeSend, createChat, type ServerApi } from "nereid-chat";
import { chat as mount } from "nereid-chat/next";
import { chat } from "nereid-chat/node";
import { createToken } from "nereid-chat/server";
import { connect } from "nereid-chat/client";
import { NereidChat } from "nereid-chat/widget";
import { startStore } from "nereid-chat/embedded-store";

const session = async (): Promise<{ user: { id: string; name?: string | null } } | null> => null;
const user = async () => { const s = await session(); return s && { id: s.user.id, displayName: s.user.name }; };
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = mount({ user });
createServer(chat({ user, guests: true }));
export const response: Promise<Response> = createChat({ user }).fetch(new Request("http://localhost"));
export const element: NereidChat = document.createElement("nereid-chat");
element.basePath = "/api/chat";
element.addEventListener("nereid-open", ({ detail }) => detail.thread.length);
const name: string | null = null;
void [createToken({ id: "ann", displayName: name, image: name }), connect({ basePath: "/api/chat" }), startStore()];

const beforeSend: BeforeSend = ({ message, sender }) =>
  message.text?.includes("badword") ? { refuse: \`No, \${sender.displayName ?? sender.id}\` } : null;
createChat({ user, beforeSend });
export async function act(server: ServerApi): Promise<number | undefined> {
  await server.changeThread("room-17", { slow: 10 });
  const [sent] = await server.send({ type: "message", message: { to: ["ben"], text: "Hello" } });
  const { messages } = await server.messages(sent?.thread ?? "", {});
  return messages[0]?.subject?.length ?? sent?.seq;
}
`;

describe("a chat of the package", () => {
  const conversation = `
    import { createChat } from "nereid-chat";
    const chat = createChat({ guests: true });
    const call = async (method, path, body) => {
      const init = body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
      return (await chat.fetch(new Request("http://localhost/nereid-chat/" + path, { method, ...init }))).json();
    };
    const ann = await call("POST", "token", { displayName: "Ann" });
    const ben = await call("POST", "token", { displayName: "Ben" });
    await call("POST", "send/" + ann.token, { type: "message", message: { to: [ben.actor.id], text: "Hello" } });
    const { stanzas } = await call("GET", "stream/" + ben.token + "?cursor=" + ben.cursor);
    console.log(stanzas.map(({ type }) => type).join(), (await call("GET", "health")).store);
    chat.close();`;

  it.each(["auto", "embedded"])("needs no account in development: the store is %s", async (store) => {
    const { stdout, stderr } = await evaluate(conversation, { CHAT_LOCAL_REDIS: store });
    expect(stdout).toMatch(/^thread,message\b.* local$/);
    expect(stderr).toMatch(/^nereid-chat: no store is configured, so this process uses [^\n]+$/);
  });

  it.each(["NODE_ENV", "VERCEL_ENV"])("says at the start what is missing in production, by %s", async (name) => {
    const start = evaluate(conversation, { [name]: "production" });
    await expect(start).rejects.toMatchObject({
      stderr: expect.stringMatching(/ConfigError: .*UPSTASH_REDIS_REST_URL .*https:\/\/console\.upstash\.com/),
    });
  });

  it("serves the client's files", async () => {
    const { stdout } = await evaluate(`
      import { createChat } from "nereid-chat";
      const chat = createChat();
      for (const name of ["client", "chat", "widget", "sender", "page", "live", "probe"]) {
        const { status, headers } = await chat.fetch(new Request("http://localhost/nereid-chat/" + name + ".js"));
        console.log(name, status, headers.get("content-type"));
      }`);
    const names = ["client", "chat", "widget", "sender", "page", "live", "probe"];
    expect(stdout.split("\n")).toEqual(names.map((name) => `${name} 200 text/javascript; charset=utf-8`));
  });
});
