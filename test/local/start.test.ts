import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onPath } from "../../local/redis.js";

// The compiled program, with functions of its own, in a folder from which the packages can be found.
const project = fileURLToPath(new URL("../../", import.meta.url));
const cache = `${project}node_modules/.cache`;
let root: string;

const TOKEN_FUNCTION = `
  const url = process.env.UPSTASH_REDIS_REST_URL, token = process.env.UPSTASH_REDIS_REST_TOKEN;
  const ask = (...command) => fetch(url, { method: "POST", headers: { authorization: "Bearer " + token }, body: JSON.stringify(command) });
  export const POST = async (request) => {
    const { displayName } = await request.json();
    const response = await ask("INCR", "guests");
    if (!response.ok) return new Response(null, { status: 503 });
    return Response.json({ token: displayName + "-token", actor: { id: "guest," + displayName } });
  };
  export const GET = () => Response.json(process.env);
`;

const HELD_FUNCTION = `
  export const GET = () => new Promise((resolve) => {
    process.once("SIGTERM", () => resolve(new Response("held")));
    process.env.HOLDING = "1";
  });
`;

const rewrites = ["token", "held"].map((name) => ({
  source: `/nereid-chat/${name}/:rest*`,
  destination: `/api/${name}`,
}));

beforeAll(async () => {
  await mkdir(cache, { recursive: true });
  root = await mkdtemp(`${cache}/chat-`);
  const build = ["tsc", "-p", "local/build/tsconfig.json", "--outDir", `${root}/dist`, "--incremental", "false"];
  // Only what is emitted counts here: the types are another command's business.
  await promisify(execFile)("npx", [...build, "--tsBuildInfoFile", "null"], { cwd: project }).catch(() => {});
  await rm(`${root}/dist/api`, { recursive: true, force: true });
  for (const folder of ["dist/api", "public", "tmp"]) await mkdir(`${root}/${folder}`, { recursive: true });
  await writeFile(`${root}/dist/api/token.js`, TOKEN_FUNCTION);
  await writeFile(`${root}/dist/api/held.js`, HELD_FUNCTION);
  await writeFile(`${root}/vercel.json`, JSON.stringify({ rewrites }));
}, 30_000);

afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Starts the program; `said` waits until its output fits. */
async function run(environment: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [`${root}/dist/local/start.js`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, TMPDIR: `${root}/tmp`, PORT: "0", ...environment },
  });
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    output += chunk;
  });
  const said = async (pattern: RegExp) => {
    await expect.poll(() => output, { timeout: 5_000, interval: 10 }).toMatch(pattern);
    return pattern.exec(output)?.[1] ?? "";
  };
  return { child, said, exit: once(child, "exit") };
}

test("it starts with a store of its own and prints a conversation to paste", async () => {
  const { child, said, exit } = await run();
  const url = await said(/Serving on (http:\/\/localhost:\d+), with /);
  await said(/curl '.*\/nereid-chat\/stream\/Ben-token\?wait=25'/);
  const sends = await said(/(curl -X POST '.*\/nereid-chat\/send\/Ann-token' .*)\n/);
  expect(sends).toContain(`-d '{"type":"message","message":{"to":["guest,Ben"],"text":"Hello, Ben"}}'`);
  const environment: unknown = await (await fetch(`${url}/nereid-chat/token`)).json();
  expect(environment).toMatchObject({
    CHAT_STORE: "local",
    CHAT_GUESTS: "1",
    CHAT_JWT_SECRET: expect.stringMatching(/^.{32,}$/),
    UPSTASH_REDIS_REST_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  });
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});

test("where others can reach it, it prints no token", async () => {
  const { child, said } = await run({ HOST: "0.0.0.0" });
  const url = await said(/Serving on (http:\/\/\S+), with /);
  const seen: string[] = [];
  child.stdout?.on("data", (chunk) => seen.push(`${chunk}`));
  expect((await fetch(`${url}/nereid-chat/token`)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGTERM");
  await once(child, "exit");
  expect(seen.join("")).not.toMatch(/token|curl/i);
});

test("what is configured is kept", async () => {
  const settings = { CHAT_JWT_SECRET: "s".repeat(40), CHAT_GUESTS: "0", CHAT_LOCAL_REDIS: "embedded" };
  const { child, said } = await run(settings);
  const url = await said(/Serving on (http:\/\/\S+), with the embedded Redis/);
  expect(await (await fetch(`${url}/nereid-chat/token`)).json()).toMatchObject(settings);
  child.kill("SIGTERM");
});

test("with a REST API configured it starts no store", async () => {
  const configured = { KV_REST_API_URL: "http://127.0.0.1:9", KV_REST_API_TOKEN: "secret" };
  const { child, said } = await run(configured);
  const url = await said(/Serving on (http:\/\/\S+), with the REST API at 127.0.0.1:9/);
  expect(await (await fetch(`${url}/nereid-chat/token`)).json()).not.toHaveProperty("CHAT_STORE");
  child.kill("SIGTERM");
});

test("with its Redis away it serves all the same, and says so", async () => {
  const { child, said } = await run({ CHAT_LOCAL_REDIS: "redis://127.0.0.1:9" });
  const url = await said(/Serving on (http:\/\/\S+), with the Redis of CHAT_LOCAL_REDIS/);
  await said(/No tokens for a first conversation: the server answered 503/);
  expect((await fetch(`${url}/nereid-chat/token`)).status).toBe(200);
  child.kill("SIGTERM");
});

test("a wrong setting is told, and ends it", async () => {
  const remote = await run({ CHAT_LOCAL_REDIS: "redis://redis.example.org" });
  await remote.said(/Cannot use the Redis at redis.example.org/);
  expect(await remote.exit).toEqual([1, null]);
  const short = await run({ CHAT_JWT_SECRET: "short" });
  await short.said(/Cannot read the environment: CHAT_JWT_SECRET/);
  expect(await short.exit).toEqual([1, null]);
});

test("on SIGTERM and on SIGINT held polls are answered, and it ends at once", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const { child, said, exit } = await run();
    const url = await said(/Serving on (http:\/\/\S+),/);
    await said(/Ann sends|No tokens/);
    const held = fetch(`${url}/nereid-chat/held`).then((response) => response.text());
    const environment = async () => (await fetch(`${url}/nereid-chat/token`)).json();
    await expect.poll(environment).toMatchObject({ HOLDING: "1" });
    const begun = performance.now();
    child.kill(signal);
    expect(await held).toBe("held");
    expect(await exit).toEqual([0, null]);
    expect(performance.now() - begun).toBeLessThan(1_500);
    expect(await readdir(`${root}/tmp`)).toEqual([]);
  }
});

test.skipIf(!onPath("redis-server"))("its redis-server dies with it, even by SIGKILL", async () => {
  const { child, said } = await run();
  await said(/Serving on (http:\/\/\S+), with a redis-server/);
  expect(await readdir(`${root}/tmp`)).toHaveLength(1);
  child.kill("SIGKILL");
  // The shell that guards it removes its folder last.
  await expect.poll(() => readdir(`${root}/tmp`), { timeout: 5_000 }).toEqual([]);
});
