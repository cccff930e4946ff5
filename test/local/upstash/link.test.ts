import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "redis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findRedis, type LocalRedis } from "../../../local/redis.js";
import { bridge } from "../../../local/upstash/rest-api.js";
import { type Between, proxy } from "../../support/proxy.js";

let redis: LocalRedis;
let between: Between;
let served: { url: string; stop(): Promise<void> };

beforeEach(async () => {
  redis = await findRedis(undefined);
  between = await proxy({ host: "127.0.0.1", port: Number(new URL(redis.url).port) });
});

afterEach(async () => {
  await served.stop();
  await between.stop();
  await redis.stop();
});

const start = async () => {
  served = await bridge({ redis: `redis://127.0.0.1:${between.port}`, token: "secret" });
};

const run = async (path: string, body: unknown) => {
  const begun = performance.now();
  const response = await fetch(`${served.url}${path}`, {
    method: "POST",
    headers: { authorization: "Bearer secret" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer, ms: performance.now() - begun };
};

const away = { status: 503, answer: { error: expect.stringMatching(/^ERR Redis is not available/) } };

test("while Redis is away every request is told so at once, and none is kept for later", async () => {
  await start();
  expect(await run("/", ["SET", "n", "1"])).toMatchObject({ status: 200 });
  between.refuse(true);
  between.cut();
  for (let i = 0; i < 20; i++) {
    for (const answer of [
      await run("/", ["INCR", "n"]),
      await run("/pipeline", [["INCR", "n"]]),
      await run("/multi-exec", [["INCR", "n"]]),
      await run("/subscribe/c", []),
    ]) {
      expect(answer).toMatchObject(away);
      // At once, on a machine whose every core is taken, too.
      expect(answer.ms).toBeLessThan(1_500);
    }
  }
  between.refuse(false);
  await expect.poll(async () => (await run("/", ["GET", "n"])).answer).toEqual({ result: "1" });
});

test("what was under way when Redis went is told so, too", async () => {
  await start();
  await run("/", ["PING"]);
  between.stall("down");
  const waiting = [run("/", ["INCR", "n"]), run("/multi-exec", [["INCR", "n"]]), run("/pipeline", [["INCR", "n"]])];
  await delay(100);
  between.cut();
  between.stall("none");
  for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject(away);
});

test("a full Redis still answers a transaction that only reads, and discards one that writes with the reason, although EXEC has none", async ({
  skip,
}) => {
  if (redis.kind !== "redis-server") skip();
  await start();
  const client = await createClient({ url: redis.url }).connect();
  await client.set("n", "1");
  await client.hSet("h", { a: "b" });
  await client.configSet("maxmemory", "1");
  for (const command of [
    ["SET", "n", "2"],
    ["DEL", "n"],
  ])
    expect(await run("/multi-exec", [["GET", "other"], command])).toMatchObject({
      status: 400,
      answer: { error: expect.stringMatching(/^EXECABORT .*OOM command not allowed/) },
    });
  const reads = [
    ["GET", "other"],
    ["GET", "n"],
    ["HGETALL", "h"],
    ["HMGET", "h", "none", "a"],
    ["EXISTS", "n"],
  ];
  const { answer } = await run("/multi-exec", reads);
  expect(answer).toEqual([null, "1", ["a", "b"], [null, "b"], 1].map((result) => ({ result })));
  client.destroy();
});

test("a bridge can start before its Redis", async () => {
  between.refuse(true);
  await start();
  expect(await run("/", ["PING"])).toMatchObject(away);
  between.refuse(false);
  await expect.poll(async () => (await run("/", ["PING"])).answer).toEqual({ result: "PONG" });
});

test("a Redis that has fallen silent is given up within some seconds", { timeout: 20_000 }, async () => {
  await start();
  await run("/", ["PING"]);
  between.stall("both");
  const answer = await run("/", ["INCR", "n"]);
  expect(answer).toMatchObject(away);
  expect(answer.ms).toBeLessThan(8_000);
  between.stall("none");
  await expect.poll(async () => (await run("/", ["PING"])).answer, { timeout: 5_000 }).toEqual({ result: "PONG" });
});
