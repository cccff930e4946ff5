import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findRedis, type LocalRedis } from "../../../local/redis.js";
import { bridge } from "../../../local/upstash/rest-api.js";
import { type Between, proxy } from "../../support/proxy.js";
import { follow } from "./follow.js";

let redis: LocalRedis;
let between: Between;
let served: { url: string; stop(): Promise<void> };

beforeEach(async () => {
  redis = await findRedis(undefined);
  between = await proxy({ host: "127.0.0.1", port: Number(new URL(redis.url).port) });
  served = await bridge({ redis: `redis://127.0.0.1:${between.port}`, token: "secret", heartbeatMs: 50 });
});

afterEach(async () => {
  await served.stop();
  await between.stop();
  await redis.stop();
});

const publish = (payload: string) =>
  fetch(`${served.url}/publish/room/${payload}`, { headers: { authorization: "Bearer secret" } });

test("every stream ends when the connection to Redis is lost, and a new one hears again", async () => {
  const streams = await Promise.all([follow(served.url, "secret", "room"), follow(served.url, "secret", "hall")]);
  expect(await streams[0]?.next()).toBe("subscribe,room,1");
  expect(await streams[1]?.next()).toBe("subscribe,hall,1");
  between.cut();
  for (const stream of streams) while ((await stream.next()) !== undefined);
  const again = await follow(served.url, "secret", "room");
  expect(await again.next()).toBe("subscribe,room,1");
  await expect.poll(async () => (await publish("back")).status).toBe(200);
  let heard = await again.next();
  while (heard === ": heartbeat") heard = await again.next();
  expect(heard).toBe("message,room,back");
  again.close();
});

test("a pattern brings what is said in each channel that matches, with its name", async () => {
  const [pattern, name] = [
    await follow(served.url, "secret", "r*m", "psubscribe"),
    await follow(served.url, "secret", "room"),
  ];
  const next = async (stream: typeof name) => {
    for (let frame = await stream.next(); ; frame = await stream.next()) if (frame !== ": heartbeat") return frame;
  };
  expect([await next(pattern), await next(name)]).toEqual(["psubscribe,r*m,1", "subscribe,room,1"]);
  await publish("one,two");
  expect([await next(pattern), await next(name)]).toEqual(["pmessage,r*m,room,one,two", "message,room,one,two"]);
  pattern.close();
  await publish("three");
  expect(await next(name)).toBe("message,room,three");
  name.close();
});

test("a subscription is told only when Redis has confirmed it", async () => {
  between.freeze(true);
  let told = false;
  const opening = follow(served.url, "secret", "room").finally(() => {
    told = true;
  });
  await delay(200);
  expect(told).toBe(false);
  between.freeze(false);
  const stream = await opening;
  expect(await stream.next()).toBe("subscribe,room,1");
  stream.close();
});

test("streams carry comment lines where wanted", async () => {
  const stream = await follow(served.url, "secret", "room");
  expect(await stream.next()).toBe("subscribe,room,1");
  expect(await stream.next()).toBe(": heartbeat");
  expect(await stream.next()).toBe(": heartbeat");
  stream.close();
});

test("a stream outlives a silence on its channel", { timeout: 10_000 }, async () => {
  const quiet = await bridge({ redis: redis.url, token: "secret" });
  const stream = await follow(quiet.url, "secret", "room");
  expect(await stream.next()).toBe("subscribe,room,1");
  await delay(6_500);
  await publish("after");
  expect(await stream.next()).toBe("message,room,after");
  stream.close();
  await quiet.stop();
});

test("stopping the bridge ends the streams", async () => {
  const stream = await follow(served.url, "secret", "room");
  await served.stop();
  const ended = (async () => {
    while ((await stream.next()) !== undefined);
  })();
  await ended.catch(() => {});
});
