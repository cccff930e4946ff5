import { existsSync } from "node:fs";
import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import { findRedis, onPath } from "../../local/redis.js";

const missing = !onPath("redis-server");
if (process.env.CI === "true" && missing) throw new Error("CI has no redis-server");

/** Asks a Redis for one of its settings; nothing when it is away. */
async function ask(url: string, setting: string): Promise<string | undefined> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } });
  client.on("error", () => {});
  try {
    await client.connect();
    const [, value] = await client.sendCommand<string[]>(["CONFIG", "GET", setting]);
    return value;
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

test("a Redis of this machine is used as it is, and left alone", async () => {
  for (const url of ["redis://127.0.0.1:7777", "redis://localhost:7777", "redis://[::1]:7777"]) {
    const redis = await findRedis(url);
    expect(redis).toMatchObject({ url, kind: "given" });
    await redis.stop();
  }
});

test("a Redis anywhere else is refused, without repeating its password", async () => {
  for (const url of ["redis://:pass@redis.example.org:6379", "redis://10.0.0.1", "redis://127.0.0.1.example.org"]) {
    await expect(findRedis(url)).rejects.toThrow(/^Cannot use the Redis at [\w.]+: only 127.0.0.1/);
  }
  for (const text of ["rediss://127.0.0.1", "https://127.0.0.1", "memory", "redis:", "127.0.0.1:6379"]) {
    await expect(findRedis(text)).rejects.toThrow(/^Cannot use /);
  }
});

test("REDIS_URL is never read", async () => {
  process.env.REDIS_URL = "redis://production.example.org:6379";
  const redis = await findRedis("embedded");
  expect(redis.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
  await redis.stop();
  delete process.env.REDIS_URL;
});

test("the embedded Redis ends when stopped", async () => {
  const redis = await findRedis("embedded");
  expect(redis.kind).toBe("embedded");
  expect(await ask(redis.url, "appendonly")).toBe("no");
  await redis.stop();
  expect(await ask(redis.url, "appendonly")).toBeUndefined();
});

test("without a redis-server on PATH the embedded one is found", async () => {
  const path = process.env.PATH;
  process.env.PATH = "/nowhere";
  const redis = await findRedis("auto").finally(() => {
    process.env.PATH = path;
  });
  expect(redis.kind).toBe("embedded");
  await redis.stop();
});

describe.skipIf(missing)("a redis-server on PATH", () => {
  test("is started on a port and a folder of its own, and ends with both when stopped", async () => {
    const [one, two] = await Promise.all([findRedis(undefined), findRedis("auto")]);
    expect([one.kind, two.kind]).toEqual(["redis-server", "redis-server"]);
    expect(one.url).not.toBe(two.url);
    const dir = await ask(one.url, "dir");
    expect(dir).not.toBe(await ask(two.url, "dir"));
    expect(await ask(one.url, "appendonly")).toBe("yes");
    expect(await ask(one.url, "save")).toBe("");
    expect(await ask(one.url, "bind")).toBe("127.0.0.1");
    await one.stop();
    await one.stop();
    expect(await ask(one.url, "dir")).toBeUndefined();
    expect(existsSync(`${dir}`)).toBe(false);
    expect(await ask(two.url, "appendonly")).toBe("yes");
    await two.stop();
  });
});
