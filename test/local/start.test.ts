import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { onPath } from "../../local/redis.js";

// The compiled program behind `npm start`, in an environment that says nothing but what each test adds.

let root: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "chat-start-"));
  await mkdir(join(root, "tmp"));
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGTERM");
    await once(child, "exit");
  }
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Starts the program; `said` waits until its output fits. */
async function run(environment: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, ["dist/local/start.js"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, TMPDIR: `${root}/tmp`, PORT: "0", ...environment },
  });
  started.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  const said = async (pattern: RegExp) => {
    await expect.poll(() => output, { timeout: 20_000, interval: 10 }).toMatch(pattern);
    return pattern.exec(output)?.[1] ?? "";
  };
  return { child, said, exit: once(child, "exit") };
}

const Guest = v.object({ token: v.string(), cursor: v.string() });

/** Asks for a token as a guest. */
function admit(url: string): Promise<Response> {
  return fetch(`${url}/nereid-chat/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ displayName: "Zoë" }),
  });
}

async function health(url: string): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${url}/nereid-chat/health`);
  return { status: response.status, json: await response.json() };
}

test("it starts with a store of its own and prints a conversation to paste", async () => {
  const { child, said, exit } = await run();
  const url = await said(/Serving on (http:\/\/localhost:\d+), with /);
  const listens = await said(/curl '(.*\/nereid-chat\/stream\/[0-9a-f-]{36}\?wait=25)'/);
  const sends = await said(/curl -X POST '(.*\/nereid-chat\/send\/[0-9a-f-]{36})' .*\n/);
  const body = await said(/curl -X POST .* -d '(.*)'\n/);
  expect(JSON.parse(body)).toMatchObject({ message: { to: [expect.stringMatching(/^guest,/)], text: "Hello, Ben" } });
  const heard = fetch(listens).then((response) => response.text());
  const headers = { "content-type": "application/json" };
  expect((await fetch(sends, { method: "POST", headers, body })).status).toBe(200);
  expect(await heard).toContain('"text":"Hello, Ben"');
  expect(await health(url)).toMatchObject({ status: 200, json: { store: "local" } });
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});

test("where others can reach it, it prints no token", async () => {
  const { child, said } = await run({ HOST: "0.0.0.0" });
  const url = await said(/Serving on (http:\/\/\S+), with /);
  const seen: string[] = [];
  child.stdout?.on("data", (chunk) => seen.push(`${chunk}`));
  expect((await health(url)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGTERM");
  await once(child, "exit");
  expect(seen.join("")).not.toMatch(/token|curl/i);
});

test("what is configured is kept", async () => {
  const secret = "s".repeat(40);
  const { said } = await run({ CHAT_JWT_SECRET: secret, CHAT_GUESTS: "0", CHAT_LOCAL_REDIS: "embedded" });
  const url = await said(/Serving on (http:\/\/\S+), with the embedded Redis/);
  expect((await admit(url)).status).toBe(401);
  const jwt = new SignJWT({ sub: "ann" }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h");
  const authorization = `Bearer ${await jwt.sign(new TextEncoder().encode(secret))}`;
  expect((await fetch(`${url}/nereid-chat/threads`, { headers: { authorization } })).status).toBe(200);
});

test("CHAT_BASE_PATH moves the chat", async () => {
  const { said } = await run({ CHAT_BASE_PATH: "/talk", CHAT_LOCAL_REDIS: "embedded" });
  const url = await said(/Serving on (http:\/\/\S+),/);
  expect((await fetch(`${url}/talk/health`)).status).toBe(200);
  expect((await fetch(`${url}/nereid-chat/health`)).status).toBe(404);
});

test("with a REST API configured it starts no store", async () => {
  const { said } = await run({ KV_REST_API_URL: "http://127.0.0.1:9", KV_REST_API_TOKEN: "secret" });
  const url = await said(/Serving on (http:\/\/\S+), with the REST API at 127.0.0.1:9/);
  expect(await health(url)).toMatchObject({ status: 503, json: { code: "unavailable" } });
  expect(await readdir(`${root}/tmp`)).toEqual([]);
});

test("with its Redis away it serves all the same, and says so", async () => {
  const { said } = await run({ CHAT_LOCAL_REDIS: "redis://127.0.0.1:9" });
  const url = await said(/Serving on (http:\/\/\S+), with the Redis of CHAT_LOCAL_REDIS/);
  await said(/No tokens for a first conversation: the server answered 503/);
  expect((await health(url)).status).toBe(503);
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
    const { token, cursor } = v.parse(Guest, await (await admit(url)).json());
    const held = fetch(`${url}/nereid-chat/stream/${token}?wait=25&cursor=${cursor}`);
    expect(await Promise.race([held, new Promise((resolve) => setTimeout(resolve, 300, "held"))])).toBe("held");
    const begun = performance.now();
    child.kill(signal);
    expect(await (await held).json()).toMatchObject({ prev: cursor, stanzas: [] });
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
