import { setTimeout as sleep } from "node:timers/promises";
import { v4 as uuid } from "uuid";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { bridge } from "../../local/upstash/rest-api.js";
import { type Between, proxy } from "../support/proxy.js";
import { Reader, say, somebody } from "../support/reader.js";
import { type Site, session, site } from "../support/site.js";

const store = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "", redis: "redis://127.0.0.1:1" };
const { token } = store;

/** A server whose store may go: the REST API itself, or the Redis behind it. */
let server: Site;
let toRest: Between;
let toRedis: Between;
let rest: Awaited<ReturnType<typeof bridge>>;
beforeAll(async () => {
  toRedis = await proxy({ host: "127.0.0.1", port: Number(new URL(store.redis).port) });
  rest = await bridge({ redis: `redis://127.0.0.1:${toRedis.port}`, token });
  toRest = await proxy({ host: "127.0.0.1", port: Number(new URL(rest.url).port) });
  server = await site({ url: toRest.url, token });
});
afterAll(async () => {
  await server.stop();
  await toRest.stop();
  await rest.stop();
  await toRedis.stop();
});

afterEach(() => {
  for (const way of [toRest, toRedis]) {
    way.refuse(false);
    way.freeze(false);
    way.stall("none");
  }
});

const close = (way: () => Between) => (closed: boolean) => {
  way().refuse(closed);
  if (closed) way().cut();
};

describe("bounded: while the store is away,", () => {
  it.each<[string, (away: boolean) => void]>([
    ["Redis is stopped", close(() => toRedis)],
    ["the REST API is closed", close(() => toRest)],
    ["the REST API is frozen", (away) => toRest.freeze(away)],
    ["the REST API says nothing", (away) => toRest.stall(away ? "both" : "none")],
  ])(
    "%s: refusals come within 3 s, held polls end by their deadline, and all is well 5 s after its return",
    async (_, go) => {
      const [ann, ben] = await Promise.all([somebody(server, "ann"), somebody(server, "ben")]);
      const reader = new Reader(ben);
      const { thread } = await say(server, ann, { thread: uuid(), to: [ben.entity], text: "hello" });
      await reader.until(
        () => server,
        (told) => told.includes("hello"),
        10_000,
      );

      const timed = async (call: Promise<{ status: number; headers: Headers; text: string }>) => {
        const began = Date.now();
        const { status, headers, text } = await call;
        return {
          status,
          retryAfter: headers.get("retry-after"),
          took: Date.now() - began,
          code: /"code":"(\w+)"/.exec(text)?.[1],
        };
      };
      const held = timed(reader.ask(server, 6));
      await sleep(300);
      go(true);
      const message = { thread, id: uuid(), text: "meanwhile" };
      const jwt = await session(ann.entity);
      const refused = await Promise.all([
        timed(server.call("POST", `send/${ann.token}`, { body: { type: "message", message } })),
        timed(server.call("POST", "token", { headers: { authorization: `Bearer ${jwt}` } })),
        timed(server.call("GET", `stream/${ann.token}?wait=0`)),
        timed(server.call("GET", "threads", { headers: { authorization: `Bearer ${jwt}` } })),
        timed(server.call("GET", "health")),
      ]);
      for (const { status, retryAfter, took, code } of refused) {
        expect([status, code, Number(retryAfter) > 0]).toEqual([503, "unavailable", true]);
        expect(took).toBeLessThan(3_500);
      }
      const ended = await held;
      expect([200, 503]).toContain(ended.status);
      expect(ended.took).toBeLessThan(7_500);

      go(false);
      const returned = Date.now();
      for (let sent = false; !sent; ) sent = (await say(server, ann, message).catch(() => sleep(100))) !== undefined;
      await reader.until(
        () => server,
        (told) => told.includes("meanwhile"),
        10_000,
      );
      expect(Date.now() - returned).toBeLessThan(5_000);
      expect(reader.told).toEqual(["created", "hello", "meanwhile"]);
    },
    40_000,
  );
});
