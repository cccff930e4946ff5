import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findRedis, type LocalRedis } from "../../../local/redis.js";
import { bridge } from "../../../local/upstash/rest-api.js";

const LAG = 300;
let redis: LocalRedis;
let served: { url: string; stop(): Promise<void> };

beforeAll(async () => {
  redis = await findRedis(undefined);
  served = await bridge({ redis: redis.url, token: "secret", lagMs: LAG });
});
afterAll(async () => {
  await served.stop();
  await redis.stop();
});

const call = async (path: string, body: unknown): Promise<unknown> => {
  const response = await fetch(`${served.url}${path}`, {
    method: "POST",
    headers: { authorization: "Bearer secret" },
    body: JSON.stringify(body),
  });
  return await response.json();
};
const run = (...command: (string | number)[]) => call("/", command);

test("plain reads are answered from the past, and catch up", async () => {
  await run("SET", "a", "1");
  expect(await run("GET", "a")).toEqual({ result: null });
  await delay(LAG + 50);
  expect(await run("GET", "a")).toEqual({ result: "1" });
  await run("SET", "a", "2");
  expect(await run("GET", "a")).toEqual({ result: "1" });
  expect(
    await call("/pipeline", [
      ["INCR", "a"],
      ["GET", "a"],
    ]),
  ).toEqual([{ result: 3 }, { result: "1" }]);
  await expect.poll(() => run("GET", "a")).toEqual({ result: "3" });
});

test("scripts and transactions are answered from the present", async () => {
  await run("SET", "b", "1");
  expect(await run("EVAL", "return redis.call('GET', KEYS[1])", 1, "b")).toEqual({ result: "1" });
  expect(await call("/multi-exec", [["GET", "b"]])).toEqual([{ result: "1" }]);
  expect(await run("GET", "b")).toEqual({ result: null });
});

test("what scripts, transactions and failing scripts wrote arrives, too", async () => {
  const script =
    "#!lua flags=allow-key-locking\nredis.call('RPUSH', KEYS[1], ARGV[1]); return redis.call(ARGV[2], KEYS[1])";
  const loaded = await run("SCRIPT", "LOAD", script);
  const sha = typeof loaded === "object" && loaded !== null && "result" in loaded ? `${loaded.result}` : "";
  expect(await run("EVALSHA", sha, 1, "l", "first", "LLEN")).toEqual({ result: 1 });
  expect(await run("EVALSHA", sha, 1, "l", "second", "INCR")).toMatchObject({ error: expect.any(String) });
  await call("/multi-exec", [
    ["RPUSH", "l", "third"],
    ["XADD", "s", "5-0", "f", "v"],
  ]);
  expect(await run("LRANGE", "l", 0, -1)).toEqual({ result: [] });
  await expect.poll(() => run("LRANGE", "l", 0, -1)).toEqual({ result: ["first", "second", "third"] });
  expect(await run("XREAD", "STREAMS", "s", "0")).toEqual({ result: [["s", [["5-0", ["f", "v"]]]]] });
});
