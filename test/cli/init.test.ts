import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { transformSync } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { run } from "../../lib/cli/command.js";
import { FRAMEWORKS, SESSION_LIBRARIES } from "../../lib/cli/project.js";
import { FOREIGN_TYPES, JSX_TYPES, SET_UPS, svelteTypes } from "./foreign-types.js";
import { terminal } from "./terminal.js";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((it) => rm(it, { recursive: true, force: true }))));

/** Makes a project with these packages and files. */
async function project(packages: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "chat-init-"));
  folders.push(folder);
  const dependencies = Object.fromEntries(
    packages.map((it) => [it.replace(/(?<=.)@.*/, ""), /(?<=.)@(.*)/.exec(it)?.[1] ?? "*"]),
  );
  const all = { "package.json": JSON.stringify({ type: "module", dependencies }), ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const filesOf = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name).slice(folder.length + 1))
    .sort();

const TS = { "tsconfig.json": "{}" };

describe("init", () => {
  it.each<[string, string[], Record<string, string>, string, string[]]>([
    [
      "Next.js",
      ["next"],
      { ...TS, "app/layout.tsx": "" },
      "Next.js (App Router) with no session library, in TypeScript",
      ["app/chat/page.tsx", "app/nereid-chat/[[...path]]/route.ts"],
    ],
    [
      "Next.js with src/",
      ["next", "next-auth"],
      { ...TS, "src/app/layout.tsx": "", "src/auth.ts": "" },
      "Next.js (App Router) with Auth.js (src/auth), in TypeScript",
      ["src/app/chat/page.tsx", "src/app/nereid-chat/[[...path]]/route.ts"],
    ],
    [
      "Next.js in JavaScript",
      ["next", "@clerk/nextjs"],
      { "app/layout.jsx": "" },
      "Next.js (App Router) with Clerk, in JavaScript",
      ["app/chat/page.jsx", "app/nereid-chat/[[...path]]/route.js"],
    ],
    [
      "Next.js with NextAuth.js 4",
      ["next", "next-auth@^4.24.15"],
      { ...TS, "app/layout.tsx": "", "lib/auth.ts": "" },
      "Next.js (App Router) with NextAuth.js 4, in TypeScript",
      ["app/chat/page.tsx", "app/nereid-chat/[[...path]]/route.ts"],
    ],
    [
      "the Pages Router of Next.js",
      ["next"],
      { ...TS, "src/pages/index.tsx": "" },
      "Next.js (App Router) with no session library, in TypeScript",
      ["src/app/nereid-chat/[[...path]]/route.ts", "src/pages/chat.tsx"],
    ],
    [
      "the Pages Router beside other sources",
      ["next"],
      { "src/lib/math.js": "", "pages/index.jsx": "" },
      "Next.js (App Router) with no session library, in JavaScript",
      ["app/nereid-chat/[[...path]]/route.js", "pages/chat.jsx"],
    ],
    [
      "SvelteKit",
      ["@sveltejs/kit", "vite", "@supabase/ssr"],
      { ...TS, "src/app.html": "" },
      "SvelteKit with Supabase, in TypeScript",
      ["src/routes/chat/+page.svelte", "src/routes/nereid-chat/[...path]/+server.ts"],
    ],
    [
      "Vite and Express",
      ["vite", "express", "better-auth"],
      { ...TS, "src/lib/auth.ts": "" },
      "Express with Better Auth (src/lib/auth), in TypeScript",
      ["chat.html", "src/chat.ts"],
    ],
    ["Vite and Hono", ["vite", "hono"], {}, "Hono with no session library, in JavaScript", ["chat.html", "chat.js"]],
    ["nothing", [], {}, "no framework with no session library, in JavaScript", ["chat-server.mjs", "chat.html"]],
  ])("finds %s, and writes its files", async (_, packages, files, found, written) => {
    const folder = await project(packages, files);
    const before = await filesOf(folder);
    const at = terminal({ folder });
    expect(await run(["init", "--yes"], at)).toBe(0);
    expect(at.written()).toContain(`Found ${found}\n`);
    expect((await filesOf(folder)).filter((it) => !before.includes(it))).toEqual(written);
    for (const path of written) expect(at.written()).toContain(`\n${path} (new)\n+ `);
    expect(at.written()).toMatch(/What is left to do:\n1\. Run `npm install nereid-chat`\n2\. /);
  });

  it("writes the files of Next.js as the guide has them", async () => {
    const folder = await project(["next", "next-auth", "nereid-chat"], { ...TS, "app/layout.tsx": "", "auth.ts": "" });
    const at = terminal({ folder });
    await run(["init", "--yes"], at);
    expect(
      readFileSync(join(folder, "app/nereid-chat/[[...path]]/route.ts"), "utf8"),
    ).toBe(`import { chat } from "nereid-chat/next";
import { auth } from "../../../auth";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = chat({
  user: async () => {
    const session = await auth();
    const { id, name, image } = session?.user ?? {};
    return id ? { id, displayName: name, image } : undefined;
  },
});
export const maxDuration = 300;
`);
    expect(readFileSync(join(folder, "app/chat/page.tsx"), "utf8")).toMatch(
      /^"use client";\n\nimport "nereid-chat\/widget";\n/,
    );
    expect(at.written()).not.toContain("npm install");
  });

  it("writes nothing in a dry run, nor when it is told not to, nor when nobody is there to ask", async () => {
    const folder = await project(["next"]);
    const dry = terminal({ folder });
    expect(await run(["init", "--dry-run"], dry)).toBe(0);
    expect(dry.written()).toContain("\n+ import { chat } from");
    expect(await run(["init"], terminal({ folder, confirm: async () => false }))).toBe(1);
    const alone = terminal({ folder });
    expect(await run(["init"], alone)).toBe(1);
    expect(alone.written()).toContain("run this again with --yes");
    expect(await filesOf(folder)).toEqual(["package.json"]);
  });

  it("asks before it overwrites, each time, and never overwrites with --yes", async () => {
    const mine = "// mine\n";
    const folder = await project([], { "chat.html": mine });
    const at = terminal({ folder });
    expect(await run(["init", "--yes"], at)).toBe(1);
    expect(at.written()).toMatch(/chat\.html \(exists, differs from line 1\)\n- \/\/ mine\n\+ <!doctype html>/);
    expect(at.written()).toContain("Left chat.html as it is");
    expect(readFileSync(join(folder, "chat.html"), "utf8")).toBe(mine);
    expect(existsSync(join(folder, "chat-server.mjs"))).toBe(true);
    const asked: string[] = [];
    const confirm = async (question: string) => asked.push(question) > 0;
    expect(await run(["init"], terminal({ folder, confirm }))).toBe(0);
    expect(asked).toEqual(["Overwrite chat.html?"]);
    expect(readFileSync(join(folder, "chat.html"), "utf8")).toMatch(/^<!doctype html>/);
  });

  it("writes nothing beside a file of the same name in the other language, and says so", async () => {
    const route = "app/nereid-chat/[[...path]]/route.js";
    const files = { ...TS, "app/layout.tsx": "", "app/chat/page.tsx": "// mine", [route]: "// mine" };
    const folder = await project(["next"], files);
    const at = terminal({ folder });
    expect(await run(["init", "--yes"], at)).toBe(1);
    expect(at.written()).toContain(
      `Left ${route} as it is, which stands where app/nereid-chat/[[...path]]/route.ts would`,
    );
    expect(await filesOf(folder)).toEqual(["package.json", ...Object.keys(files)].sort());
  });

  it("says which file it cannot write", async () => {
    const folder = await project(["express"], { public: "a file" });
    const at = terminal({ folder });
    expect(await run(["init", "--yes"], at)).toBe(1);
    expect(at.written()).toMatch(/Wrote chat\.js\n\nCannot write public\/chat\.html: \w+/);
    expect(at.written()).not.toContain("What is left to do");
  });

  it.each([
    ["hono", {}],
    ["next", { "pages/index.jsx": "" }],
  ])("has nothing to do the second time: %s", async (name, files) => {
    const folder = await project([name], files);
    await run(["init", "--yes"], terminal({ folder }));
    const again = terminal({ folder });
    expect(await run(["init"], again)).toBe(0);
    expect(again.written()).toContain("Every file is there already.");
  });

  it.each([
    ["pnpm-lock.yaml", "pnpm add nereid-chat"],
    ["yarn.lock", "yarn add nereid-chat"],
    ["bun.lock", "bun add nereid-chat"],
  ])("says how to install by the manager of %s", async (lock, command) => {
    const folder = await project([], { [lock]: "" });
    const at = terminal({ folder });
    await run(["init", "--dry-run"], at);
    expect(at.written()).toContain(command);
  });

  it("takes the manager that package.json names", async () => {
    const folder = await project([], { "package.json": `{"packageManager":"pnpm@10.1.0"}` });
    const at = terminal({ folder });
    await run(["init", "--dry-run"], at);
    expect(at.written()).toContain("pnpm add nereid-chat");
  });

  it("finds the manager in a folder above, and refuses to write into the root of a monorepo", async () => {
    const root = await project([], {
      "package.json": `{"workspaces":["apps/*"]}`,
      "yarn.lock": "",
      "apps/web/package.json": `{"dependencies":{"next":"*"}}`,
    });
    const within = terminal({ folder: root });
    expect(await run(["init", "apps/web", "--dry-run"], within)).toBe(0);
    expect(within.written()).toContain("yarn add nereid-chat");
    const above = terminal({ folder: root });
    expect(await run(["init", "--yes"], above)).toBe(2);
    expect(above.noted()).toContain("is the root of a monorepo: name the folder of the application");
    expect(await run(["init", "--yes", "--framework", "plain"], terminal({ folder: root }))).toBe(0);
  });

  it.each([
    ["astro", "Astro"],
    ["@react-router/dev", "React Router"],
  ])("says where the lines for %s are, for which it has no files", async (name, known) => {
    const folder = await project([name]);
    const at = terminal({ folder });
    expect(await run(["init", "--yes"], at)).toBe(2);
    expect(at.noted()).toMatch(new RegExp(`no files to write for ${known}: https://\\S+/integrate-node.md`));
    expect(await filesOf(folder)).toEqual(["package.json"]);
  });

  it("tells of the time-out of Bun, which cuts polls", async () => {
    const folder = await project(["hono", "nereid-chat"], { "bun.lock": "" });
    const at = terminal({ folder });
    await run(["init", "--dry-run"], at);
    expect(at.written()).toMatch(/1\. In your server: .*\n2\. Bun .*`idleTimeout: 60`/);
  });

  it("imports the set-up of a session library as Node finds it", async () => {
    const packages = ["express", "better-auth"];
    const folder = await project(packages, { "lib/auth.mjs": "" });
    await run(["init", "--yes"], terminal({ folder }));
    expect(readFileSync(join(folder, "chat.js"), "utf8")).toContain('from "./lib/auth.mjs"');
  });

  it("explains what it does not know", async () => {
    const folder = await project([]);
    const none = terminal({ folder: join(folder, "nowhere") });
    expect(await run(["init"], none)).toBe(2);
    expect(none.noted()).toContain("There is no package.json in");
    const broken = terminal({ folder: await project([], { "package.json": "{" }) });
    expect(await run(["init"], broken)).toBe(2);
    expect(broken.noted()).toContain("it is malformed");
    const framework = terminal({ folder });
    expect(await run(["init", "--framework", "rails"], framework)).toBe(2);
    expect(framework.noted()).toContain("--framework must be one of nextjs, sveltekit, hono, express, plain");
  });
});

describe("what init writes", () => {
  const combinations = FRAMEWORKS.flatMap((framework) => SESSION_LIBRARIES.map((session) => ({ framework, session })));

  it("compiles, for each framework with each session library", { timeout: 120_000 }, async () => {
    const folder = await project([], { "types.d.ts": FOREIGN_TYPES, "jsx.d.ts": JSX_TYPES });
    for (const { framework, session } of combinations) {
      const at = `${framework}-${session}`;
      const files = { ...TS, ...SET_UPS, "package.json": `{"type":"module"}` };
      for (const [path, text] of Object.entries(files)) await put(join(folder, at, path), text);
      if (framework === "sveltekit")
        await put(join(folder, at, "src/routes/nereid-chat/[...path]/$types.d.ts"), svelteTypes(session));
      const args = ["init", "--yes", "--framework", framework, "--session", session];
      expect(await run(args, terminal({ folder: join(folder, at) }))).toBe(0);
    }
    const compilerOptions = { ...STRICT, typeRoots: [join(process.cwd(), "node_modules/@types")], paths: ENTRIES };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["**/*.ts", "**/*.tsx", join(process.cwd(), "lib/http/*.d.ts")] }),
    );
    const compiler = join(process.cwd(), "node_modules/typescript/bin/tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, "-p", folder]).catch((error) => error);
    expect(stdout).toBe("");
  });

  it.each(FRAMEWORKS)(
    "admits guests, whom the widget asks for a name, only without a session library: %s",
    async (framework) => {
      for (const session of ["none", "better-auth"]) {
        const folder = await project([]);
        await run(["init", "--yes", "--framework", framework, "--session", session], terminal({ folder }));
        const texts = (await filesOf(folder)).map((path) => readFileSync(join(folder, path), "utf8"));
        const admits = texts.some((text) => text.includes("guests: true"));
        expect(texts.some((text) => text.includes("<nereid-chat"))).toBe(true);
        expect(admits).toBe(session === "none" || framework === "plain");
      }
    },
  );

  it.each(combinations)("is JavaScript without types: $framework, $session", async ({ framework, session }) => {
    const folder = await project([]);
    await run(["init", "--yes", "--framework", framework, "--session", session], terminal({ folder }));
    for (const path of await filesOf(folder)) {
      if (/\.m?js$/.test(path))
        expect(() => transformSync(readFileSync(join(folder, path), "utf8"), { loader: "js" })).not.toThrow();
      expect(path).not.toMatch(/\.tsx?$/);
    }
  });
});

const mount = (name: string) => [join(process.cwd(), `lib/mount/${name}.ts`)];
const ENTRIES = {
  "nereid-chat": mount("mounted-chat"),
  "nereid-chat/next": mount("next"),
  "nereid-chat/node": mount("node"),
};

const STRICT = {
  ...{
    target: "es2024",
    module: "esnext",
    moduleResolution: "bundler",
    jsx: "preserve",
    lib: ["es2023"],
  },
  ...{ strict: true, noEmit: true, skipLibCheck: true, noUnusedLocals: true, types: ["node"] },
};

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
