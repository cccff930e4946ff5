import { createHash } from "node:crypto";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findRedis, type LocalRedis, onPath } from "../../../local/redis.js";
import { bridge } from "../../../local/upstash/rest-api.js";
import { follow } from "./follow.js";

const TOKEN = "secret";
const SHEBANG = "#!lua flags=allow-key-locking\n";

if (process.env.CI === "true" && !onPath("redis-server")) throw new Error("CI has no redis-server");

describe.each([
  ["embedded", false],
  ["auto", !onPath("redis-server")],
])("The bridge before a Redis (%s)", (setting, skip) => {
  let redis: LocalRedis;
  let served: { url: string; stop(): Promise<void> };

  beforeAll(async () => {
    if (skip) return;
    redis = await findRedis(setting);
    served = await bridge({ redis: redis.url, token: TOKEN });
  });
  afterAll(async () => {
    await served?.stop();
    await redis?.stop();
  });

  const call = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${served.url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(body === undefined ? undefined : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    return { status: response.status, answer };
  };
  const run = async (...command: (string | number)[]) => (await call("/", command)).answer;

  describe.skipIf(skip)("over REST", () => {
    test("runs a command and answers integers as numbers, nothing as null, lists as lists", async () => {
      expect(await run("SET", "a", "1")).toEqual({ result: "OK" });
      expect(await run("GET", "a")).toEqual({ result: "1" });
      expect(await run("GET", "none")).toEqual({ result: null });
      expect(await run("INCR", "a")).toEqual({ result: 2 });
      expect(await run("RPUSH", "l", "ä", 2)).toEqual({ result: 2 });
      expect(await run("LRANGE", "l", 0, -1)).toEqual({ result: ["ä", "2"] });
      expect(await run("EVAL", "return {1, {'OK', {'x'}}}", 0)).toEqual({ result: [1, ["OK", ["x"]]] });
    });

    test.skipIf(setting === "embedded")(
      "tells how much memory a key takes, and nothing else about memory",
      async () => {
        await run("SET", "measured", "1");
        expect(await run("MEMORY", "USAGE", "measured")).toEqual({ result: expect.any(Number) });
        expect(await run("MEMORY", "DOCTOR")).toMatchObject({ error: expect.stringContaining("not available") });
      },
    );

    test("gives a sync token with each answer, by which a client reads its own writes", async () => {
      const ask = () => fetch(`${served.url}/set/synced/1`, { headers: { authorization: `Bearer ${TOKEN}` } });
      const tokens = [await ask(), await ask()].map(({ headers }) => headers.get("upstash-sync-token"));
      expect(tokens).toEqual([expect.stringMatching(/^[\w+/]+=*$/), expect.stringMatching(/^[\w+/]+=*$/)]);
      expect(tokens[0]).not.toBe(tokens[1]);
      const client = new Redis({ url: served.url, token: TOKEN, readYourWrites: true });
      await client.set("synced", "2");
      expect(await client.get("synced")).toBe(2);
    });

    test("takes a command as a path, too", async () => {
      expect(await call("/set/p%C3%A4th/b%2Fr")).toEqual({ status: 200, answer: { result: "OK" } });
      expect(await call("/get/p%C3%A4th")).toEqual({ status: 200, answer: { result: "b/r" } });
      expect(await call("/set/timed?EX=100", "as the body")).toEqual({ status: 200, answer: { result: "OK" } });
      expect(await call("/get/timed")).toEqual({ status: 200, answer: { result: "as the body" } });
      expect(await call("/ttl/timed")).toEqual({ status: 200, answer: { result: 100 } });
      expect((await call("/get/%zz")).status).toBe(200);
    });

    test("asks for the token, in the header or the query", async () => {
      const refused = { status: 401, answer: { error: "Unauthorized" } };
      expect(await call("/", ["PING"], { authorization: "Bearer other" })).toEqual(refused);
      expect(await call("/ping", undefined, { authorization: "" })).toEqual(refused);
      expect(await call(`/ping?_token=${TOKEN}`, undefined, { authorization: "" })).toMatchObject({ status: 200 });
      expect(await call("/pipeline", [["PING"]], { authorization: "" })).toEqual(refused);
      expect(await call("/subscribe/x", undefined, { authorization: "" })).toEqual(refused);
    });

    test("answers a failing command with 400 and what Redis said", async () => {
      await run("HSET", "hash", "f", "v");
      expect(await call("/", ["INCR", "hash"])).toEqual({
        status: 400,
        answer: { error: expect.stringMatching(/^WRONGTYPE /) },
      });
      expect(await call("/", ["GET"])).toEqual({
        status: 400,
        answer: { error: "ERR wrong number of arguments for 'get' command" },
      });
    });

    test("answers a malformed body with 400", async () => {
      for (const body of ["", "{", "{}", "[]", "[{}]", '["GET", null]', '["GET", ["a"]]', '"PING"']) {
        expect(await call("/", body)).toMatchObject({ status: 400, answer: { error: expect.any(String) } });
      }
      for (const path of ["/pipeline", "/multi-exec"]) {
        for (const body of ["{", "[]", '["PING"]', '[["PING"], []]', "[1]"]) {
          expect(await call(path, body)).toMatchObject({ status: 400, answer: { error: expect.any(String) } });
        }
      }
    });

    test("answers a body over 10 MB with 413 and goes on", async () => {
      const value = "x".repeat(10 * 1024 * 1024);
      expect(await call("/", ["SET", "big", value])).toMatchObject({
        status: 413,
        answer: { error: expect.any(String) },
      });
      expect(await run("PING")).toEqual({ result: "PONG" });
    });

    test("refuses what blocks, what belongs to a connection, and what belongs to the operator", async () => {
      const refused = [
        ["BLPOP", "l", "0"],
        ["bzpopmin", "z", "0"],
        ["XREAD", "COUNT", "1", "block", "0", "STREAMS", "s", "0"],
        ["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">"],
        ["WAIT", "1", "0"],
        ["SUBSCRIBE", "c"],
        ["MULTI"],
        ["EXEC"],
        ["WATCH", "k"],
        ["MONITOR"],
        ["CONFIG", "GET", "*"],
        ["SHUTDOWN"],
        ["DEBUG", "SLEEP", "1"],
        ["SELECT", "1"],
        ["CLIENT", "REPLY", "OFF"],
      ];
      const error = expect.stringMatching(/^ERR Command is not available: /);
      for (const command of refused) {
        expect(await call("/", command)).toEqual({ status: 400, answer: { error } });
        expect(await call("/pipeline", [command, ["PING"]])).toEqual({
          status: 200,
          answer: [{ error }, { result: "PONG" }],
        });
        expect(await call("/multi-exec", [["PING"], command])).toEqual({ status: 400, answer: { error } });
      }
      await run("XADD", "block", "1-0", "f", "v");
      expect(await run("XREAD", "STREAMS", "block", "0")).toEqual({ result: [["block", [["1-0", ["f", "v"]]]]] });
    });

    test("runs a pipeline in order, each with its own outcome", async () => {
      expect(
        await call("/pipeline", [
          ["SET", "n", 1],
          ["INCR", "n"],
          ["INCR", "hash"],
          ["GET", "n"],
        ]),
      ).toEqual({
        status: 200,
        answer: [{ result: "OK" }, { result: 2 }, { error: expect.stringMatching(/^WRONGTYPE/) }, { result: "2" }],
      });
    });

    test("runs a transaction with nothing of others in between", async () => {
      await run("SET", "count", 0);
      const incr = Array.from({ length: 50 }, () => ["INCR", "count"]);
      const several = await Promise.all([
        ...Array.from({ length: 20 }, () => call("/multi-exec", incr)),
        ...Array.from({ length: 20 }, () => call("/", ["INCR", "count"])),
      ]);
      for (const { status, answer } of several.slice(0, 20)) {
        expect(status).toBe(200);
        const results = Array.isArray(answer) ? answer.map((it) => it.result) : [];
        expect(results).toEqual(incr.map((_, i) => results[0] + i));
      }
      expect(await run("GET", "count")).toEqual({ result: `${20 * 50 + 20}` });
    });

    test("answers each failure inside a transaction, and rejects one that Redis discards", async () => {
      expect(
        await call("/multi-exec", [
          ["SET", "t", 1],
          ["INCR", "hash"],
          ["GET", "t"],
        ]),
      ).toEqual({
        status: 200,
        answer: [{ result: "OK" }, { error: expect.stringMatching(/^WRONGTYPE/) }, { result: "1" }],
      });
      expect(await call("/multi-exec", [["SET", "t", 2], ["GET"]])).toEqual({
        status: 400,
        answer: { error: expect.stringMatching(/^EXECABORT/) },
      });
      expect(await run("GET", "t")).toEqual({ result: "1" });
    });

    test("encodes strings in base64 on demand, all but a bare OK", async () => {
      const base64 = { "upstash-encoding": "base64" };
      const encoded = (text: string) => Buffer.from(text).toString("base64");
      await run("SET", "word", "OK");
      await run("SET", "text", "größe");
      expect((await call("/", ["SET", "x", "1"], base64)).answer).toEqual({ result: "OK" });
      expect((await call("/", ["GET", "word"], base64)).answer).toEqual({ result: "OK" });
      expect((await call("/", ["GET", "text"], base64)).answer).toEqual({ result: encoded("größe") });
      expect((await call("/", ["MGET", "word", "none", "text"], base64)).answer).toEqual({
        result: [encoded("OK"), null, encoded("größe")],
      });
      expect((await call("/", ["EVAL", "return {1, 'OK', {'OK'}}", 0], base64)).answer).toEqual({
        result: [1, encoded("OK"), [encoded("OK")]],
      });
      expect(
        (
          await call(
            "/multi-exec",
            [
              ["SET", "x", 1],
              ["GET", "text"],
            ],
            base64,
          )
        ).answer,
      ).toEqual([{ result: "OK" }, { result: encoded("größe") }]);
    });

    test("runs scripts with a #!lua line, known by the SHA of what was sent", async () => {
      const script = `${SHEBANG}return {KEYS[1], ARGV[1]}`;
      const sha = createHash("sha1").update(script).digest("hex");
      expect(await run("EVALSHA", sha, 1, "k", "v")).toEqual({ error: expect.stringMatching(/^NOSCRIPT /) });
      expect(await run("EVAL", script, 1, "k", "v")).toEqual({ result: ["k", "v"] });
      expect(await run("EVALSHA", sha, 1, "k", "v")).toEqual({ result: ["k", "v"] });
      expect(await run("EVALSHA", sha.toUpperCase(), 1, "k", "v")).toEqual({ result: ["k", "v"] });
      expect(await run("SCRIPT", "EXISTS", sha, "0".repeat(40))).toEqual({ result: [1, 0] });
      await run("SCRIPT", "FLUSH");
      expect(await run("EVALSHA", sha, 1, "k", "v")).toEqual({ error: expect.stringMatching(/^NOSCRIPT /) });
      expect(await run("SCRIPT", "LOAD", script)).toEqual({ result: sha });
      expect(
        (
          await call("/multi-exec", [
            ["EVALSHA", sha, 1, "k", "v"],
            ["SCRIPT", "LOAD", script],
          ])
        ).answer,
      ).toEqual([{ result: ["k", "v"] }, { result: sha }]);
    });

    test("streams a channel to each subscriber, once Redis has confirmed", async () => {
      const streams = await Promise.all([follow(served.url, TOKEN, "room"), follow(served.url, TOKEN, "room")]);
      const other = await follow(served.url, TOKEN, "hall");
      for (const stream of streams) expect(await stream.next()).toBe("subscribe,room,1");
      expect(await other.next()).toBe("subscribe,hall,1");
      expect(await run("PUBLISH", "room", "hello, you")).toEqual({ result: 1 });
      for (const stream of streams) expect(await stream.next()).toBe("message,room,hello, you");
      streams[0]?.close();
      await run("PUBLISH", "room", "still there");
      await run("PUBLISH", "hall", "echo");
      expect(await streams[1]?.next()).toBe("message,room,still there");
      expect(await other.next()).toBe("message,hall,echo");
      streams[1]?.close();
      other.close();
      await expect.poll(() => run("PUBLISH", "room", "nobody")).toEqual({ result: 0 });
    });

    test("subscribes anew while the last subscriber is just leaving", async () => {
      for (let i = 0; i < 30; i++) {
        const stream = await follow(served.url, TOKEN, "door");
        expect(await stream.next()).toBe("subscribe,door,1");
        await run("PUBLISH", "door", `${i}`);
        expect(await stream.next()).toBe(`message,door,${i}`);
        stream.close();
      }
    });
  });

  describe.skipIf(skip).each([false, true])("through @upstash/redis (base64: %s)", (base64) => {
    const client = () =>
      new Redis({
        url: served.url,
        token: TOKEN,
        automaticDeserialization: false,
        responseEncoding: base64 && "base64",
      });

    test("sets and gets", async () => {
      expect(await client().set("k", "OK")).toBe("OK");
      expect(await client().get("k")).toBe("OK");
      expect(await client().mget("k", "none")).toEqual(["OK", null]);
      expect(await client().hset("h", { a: "1", b: "ß" })).toBeTypeOf("number");
      expect(await client().hmget("h", "a", "b")).toEqual(["1", "ß"]);
    });

    test("runs scripts", async () => {
      expect(await client().eval("return {'OK', 1, ARGV[1]}", [], ["x"])).toEqual(["OK", 1, "x"]);
      const script = client().createScript<string>(`${SHEBANG}return ARGV[1] .. '${base64}'`);
      expect(await script.exec([], ["x"])).toBe(`x${base64}`);
      expect(await script.exec([], ["y"])).toBe(`y${base64}`);
    });

    test("runs pipelines and transactions", async () => {
      expect(await client().pipeline().set("k", "1").incr("k").get("k").exec()).toEqual(["OK", 2, "2"]);
      expect(await client().multi().set("k", "1").incr("k").get("k").exec()).toEqual(["OK", 2, "2"]);
      await expect(client().multi().set("k", "3").eval("return nonsense(", [], []).exec()).rejects.toThrow();
      await expect(client().incr("h")).rejects.toThrow(/WRONGTYPE/);
    });

    test("subscribes", async () => {
      const channel = `sdk-${base64}`;
      const subscriber = client().subscribe<string>(channel);
      const heard = new Promise((resolve) => subscriber.on("message", ({ message }) => resolve(message)));
      await new Promise<void>((resolve) => subscriber.on("subscribe", () => resolve()));
      await client().publish(channel, "hi");
      expect(`${await heard}`).toBe("hi");
      await subscriber.unsubscribe();
    });
  });
});

test("A bridge takes a Redis of this machine only", async () => {
  await expect(bridge({ redis: "redis://redis.example.org:6379", token: TOKEN })).rejects.toThrow(/only 127.0.0.1/);
});
