import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Options, parse } from "acorn";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

// The production builder, offline, on a copy of this work tree; then a conversation through what it built.

const project = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const children: ChildProcess[] = [];
let copy: string;
let output: string;
let said: string;
let routes: v.InferOutput<typeof Output>["routes"];
let origin: string;

const Output = v.object({
  routes: v.array(v.object({ src: v.optional(v.string()), dest: v.optional(v.string()) })),
});

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "chat-build-"));
  output = join(copy, "deployed");
  await copyTree(join(copy, "source"));
  said = await build();
  // Away from the sources and their packages: what a function needs, it has to have with it.
  await rename(join(copy, "source/.vercel/output"), output);
  routes = v.parse(Output, JSON.parse(await readFile(join(output, "config.json"), "utf8"))).routes;
  origin = await start();
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(copy, { recursive: true, force: true });
});

// What is not deployed, or is made anew.
const LEFT_OUT = /^(\.git|\.vercel|\.env.*|coverage|dist|node_modules)$/;

/** Copies the work tree, and the packages as hard links: the builder traces real files, not symbolic links. */
async function copyTree(folder: string): Promise<void> {
  await mkdir(join(folder, ".vercel"), { recursive: true });
  await writeFile(join(folder, ".vercel/project.json"), JSON.stringify({ settings: {} }));
  for (const entry of await readdir(project)) {
    if (!LEFT_OUT.test(entry)) await cp(join(project, entry), join(folder, entry), { recursive: true });
  }
  // The client's files have to be made there.
  await rm(join(folder, "public/nereid-chat"), { recursive: true, force: true });
  const packages = [join(project, "node_modules"), join(folder, "node_modules")];
  // On another disk there are no hard links.
  await run("cp", ["-al", ...packages]).catch(() => run("cp", ["-a", ...packages]));
}

/** Runs the builder and returns what it said. Rejects when it fails. */
async function build(): Promise<string> {
  const { stdout, stderr } = await run(
    join(project, "node_modules/.bin/vercel"),
    ["build", "--prod", "--global-config", join(copy, "settings")],
    {
      cwd: join(copy, "source"),
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        VERCEL_TELEMETRY_DISABLED: "1",
        NO_UPDATE_NOTIFIER: "1",
        VERCEL_INSTALL_COMPLETED: "1",
        // As where deployments are built.
        CI: "1",
      },
    },
  );
  return stdout + stderr;
}

/** Starts the function in a process of its own, as an instance has it. */
async function start(): Promise<string> {
  const store = inject("bridge");
  const child = spawn(process.execPath, ["dist/test/support/runtime.js", functionFolder()], {
    cwd: project,
    env: {
      UPSTASH_REDIS_REST_URL: store?.url,
      UPSTASH_REDIS_REST_TOKEN: store?.token,
      CHAT_PREFIX: process.env.CHAT_PREFIX,
      CHAT_JWT_SECRET: "a secret of the tests that has 32 bytes or more",
      CHAT_GUESTS: "1",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), once(child, "exit")]);
  const [, url] = /^Serving on (http:\S+),/.exec(`${line}`) ?? [];
  if (url === undefined) throw new Error(`Cannot start the function: ${line}`);
  return url;
}

function functionFolder(): string {
  return join(output, "functions/api/chat.func");
}

/** Asks the function that the built routes name; like there, it sees the path that was asked for and what they add. */
async function call(method: string, path: string, body?: unknown): Promise<{ response: Response; json: unknown }> {
  const { pathname } = new URL(path, "http://localhost");
  const destination = new URL(destinationOf(pathname) ?? pathname, "http://localhost");
  if (destination.pathname !== "/api/chat") throw new Error(`Cannot find the function for ${path}`);
  const url = new URL(path, origin);
  for (const [name, value] of destination.searchParams) url.searchParams.append(name, value);
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  return { response, json: text === "" ? undefined : JSON.parse(text) };
}

function destinationOf(path: string): string | undefined {
  for (const { src, dest } of routes) {
    const found = src === undefined || dest === undefined ? null : new RegExp(src).exec(path);
    if (found !== null) return dest?.replace("$1", found[1] ?? "");
  }
  return undefined;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((it) => !it.isDirectory()).map((it) => join(it.parentPath, it.name).slice(folder.length + 1));
}

/** The files of the function that Node reads when it imports one: those that it imports statically, and so on. */
async function reachedFrom(file: string, reached = new Set<string>()): Promise<ReadonlySet<string>> {
  if (reached.has(file)) return reached;
  reached.add(file);
  const { body } = parse(await readFile(join(functionFolder(), file), "utf8"), ACORN);
  for (const node of body) {
    if (!("source" in node)) continue;
    const specifier = `${node.source?.value ?? ""}`;
    if (specifier.startsWith(".")) await reachedFrom(join(dirname(file), specifier), reached);
    else expect(specifier).toMatch(/^(node:|$)/);
  }
  return reached;
}

const ACORN: Options = { ecmaVersion: "latest", sourceType: "module" };

async function sizeOf(files: Iterable<string>): Promise<number> {
  const sizes = await Promise.all([...files].map((file) => stat(join(functionFolder(), file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

// A cold start reads, parses and links all of it before the first answer.
const START_MAX = 480_000;

describe("vercel build", () => {
  it("makes one function, and nothing of its endpoints", async () => {
    expect(await readdir(join(output, "functions"))).toEqual(["api"]);
    expect(await readdir(join(output, "functions/api"))).toEqual(["chat.func"]);
    expect(said).not.toMatch(/\berror\b/i);
  });

  it("lets a request be cancelled, and gives it five minutes on Node 24", async () => {
    const config: unknown = JSON.parse(await readFile(join(functionFolder(), ".vc-config.json"), "utf8"));
    expect(config).toMatchObject({ supportsCancellation: true, maxDuration: 300, runtime: "nodejs24.x" });
  });

  it("publishes what is in public/, and no source", async () => {
    expect((await filesIn(join(output, "static"))).sort()).toEqual((await filesIn(join(project, "public"))).sort());
  });

  it("ships the chat in a few files, bundled with what it uses of its packages", async () => {
    const files = await filesIn(functionFolder());
    // Those of a package, and those that were compiled one by one, would each be a file to find, read and link.
    expect(files.filter((file) => file.includes("node_modules"))).toEqual([]);
    expect(files.filter((file) => file.endsWith(".map"))).toEqual(["api/chat.js.map"]);
    expect(files.length).toBeLessThanOrEqual(50);
  });

  it("reaches at most 480 kB when an instance starts; what verifies a session and sanitises HTML is loaded when it is needed", async () => {
    const reached = await reachedFrom("api/chat.js");
    const files = (await filesIn(functionFolder())).filter((file) => file.endsWith(".js"));
    expect([...reached]).toContain("lib/chat.js");
    // Each file costs half a millisecond, however small it is.
    expect(reached.size).toBeLessThanOrEqual(5);
    const size = await sizeOf(reached);
    process.stdout.write(
      `Reached at start: ${Math.round(size / 1_000)} kB of ${Math.round((await sizeOf(files)) / 1_000)} kB\n`,
    );
    expect(size).toBeLessThanOrEqual(START_MAX);
    const later = files.filter((file) => !reached.has(file)).map((file) => basename(file).replace(/-.*/, ""));
    expect(later).toEqual(expect.arrayContaining(["html", "jwt", "sign"]));
  });
});

describe("the built function", () => {
  const Guest = v.object({ token: v.string(), cursor: v.string(), actor: v.object({ id: v.string() }) });
  const guest = async (displayName: string) =>
    v.parse(Guest, (await call("POST", "/nereid-chat/token", { displayName })).json);

  it("has a conversation: a token, a held poll, a message, its delivery", async () => {
    const [ann, ben] = await Promise.all([guest("Ann"), guest("Ben")]);
    const poll = call("GET", `/nereid-chat/stream/${ben.token}?wait=20&cursor=${ben.cursor}`);
    const early = await Promise.race([poll, new Promise((resolve) => setTimeout(resolve, 300, "held"))]);
    expect(early).toBe("held");
    const message = { type: "message", message: { to: [ben.actor.id], text: "Hello, Ben" } };
    const sent = await call("POST", `/nereid-chat/send/${ann.token}`, message);
    expect(sent.response.status).toBe(200);
    const { json } = await poll;
    expect(json).toMatchObject({
      prev: ben.cursor,
      stanzas: [{ type: "thread" }, { type: "message", message: { text: "Hello, Ben", sender: { id: ann.actor.id } } }],
    });
  });

  it("answers a path that the routes add to as the one that was asked for", async () => {
    const { response, json } = await call("GET", "/nereid-chat/threads/some-thread/messages");
    expect(response.status).toBe(401);
    expect(json).toMatchObject({ code: "unauthenticated" });
  });

  it("tells how the store is", async () => {
    const { response, json } = await call("GET", "/nereid-chat/health");
    expect(response.status).toBe(200);
    expect(json).toMatchObject({ status: "ok" });
  });

  it("refuses a method that a path does not have", async () => {
    const { response, json } = await call("PUT", "/nereid-chat/send");
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
    expect(json).toMatchObject({ code: "method_not_allowed" });
  });

  it("answers any other path with a problem", async () => {
    for (const path of ["/nereid-chat", "/nereid-chat/nothing/there", "/nereid-chat/nothing/", "/api/chat"]) {
      const { response, json } = await call("GET", path);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(json).toMatchObject({ status: 404, code: "not_found" });
    }
  });
});

describe("a mistake in the types", () => {
  it("fails the build", async () => {
    await writeFile(join(copy, "source/lib/planted.ts"), 'export const planted: number = "not a number";\n');
    await expect(build()).rejects.toMatchObject({ stdout: expect.stringContaining("lib/planted.ts") });
  }, 60_000);
});
