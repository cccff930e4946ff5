import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { StoreFailure } from "../../lib/store/store-fault.js";
import { Rest } from "../../lib/store/upstash-rest.js";
import { type Asked, scriptedStore, type Told } from "./scripted-store.js";

afterEach(() => void vi.useRealTimers());

async function connect(answer?: (asked: Asked) => Told, attemptMs = 20_000) {
  const store = await scriptedStore(answer);
  return { ...store, rest: new Rest(store.url, "a-secret-token", attemptMs) };
}

const requests = (asked: readonly Asked[]) => asked.map(({ path, body }) => ({ path, body }));
const codeOf = (error: unknown) => (error instanceof StoreFailure ? error.code : error);

describe("single commands", () => {
  it("are sent at once, when none is under way", async () => {
    const { asked, rest } = await connect();
    expect(await rest.run(["A"])).toEqual(["A"]);
    expect(requests(asked)).toEqual([{ path: "/", body: ["A"] }]);
  });

  it("that come meanwhile go together, in order, each with its own result", async () => {
    const { asked, rest } = await connect(() => ({ afterMs: 10 }));
    expect(await Promise.all(["A", "B", "C", "D"].map((name) => rest.run([name])))).toEqual([
      ["A"],
      ["B"],
      ["C"],
      ["D"],
    ]);
    expect(requests(asked)).toEqual([
      { path: "/", body: ["A"] },
      { path: "/pipeline", body: [["B"], ["C"], ["D"]] },
    ]);
  });

  it("do not wait for a store that is slow", async () => {
    const { asked, rest } = await connect(({ body }) => ({ afterMs: JSON.stringify(body) === '["A"]' ? 400 : 0 }));
    const slow = rest.run(["A"]);
    await rest.run(["B"]);
    expect(asked).toHaveLength(2);
    await slow;
  });

  it("go in several requests when they are many, or large", async () => {
    const { asked, rest } = await connect();
    const text = "x".repeat(900_000);
    await Promise.all(Array.from({ length: 6 }, () => rest.run(["SET", "key", text])));
    // They go on connections of their own, so which arrives first is chance.
    expect(asked.map(({ path }) => path).sort()).toEqual(["/", "/", "/pipeline", "/pipeline"]);
    asked.length = 0;
    await Promise.all(Array.from({ length: 257 }, () => rest.run(["GET", "key"])));
    expect(asked).toHaveLength(3);
  });

  it("have each their own error", async () => {
    const { rest } = await connect(({ path }) =>
      path === "/pipeline" ? { body: '[{"error":"WRONGTYPE no"},{"result":1}]' } : { afterMs: 20 },
    );
    const [, b, c] = await Promise.allSettled(["A", "B", "C"].map((name) => rest.run([name])));
    expect(b).toMatchObject({ status: "rejected", reason: { code: "command refused", sign: "WRONGTYPE" } });
    expect(c).toEqual({ status: "fulfilled", value: 1 });
  });

  it("are not sent when their deadline has passed while they waited", async () => {
    const { asked, rest } = await connect(
      ({ body }) => (JSON.stringify(body) === '["A"]' ? () => undefined : undefined),
      30,
    );
    const all = await Promise.allSettled(["A", "B", "C"].map((name) => rest.run([name])));
    expect(all.map((it) => it.status === "rejected" && codeOf(it.reason))).toEqual(Array(3).fill("no answer in time"));
    await expect.poll(() => rest.run(["D"]).catch(() => undefined)).toEqual(["D"]);
    expect(JSON.stringify(requests(asked))).not.toMatch(/"[BC]"/);
  });

  it("are carried out after a failure of others", async () => {
    const statuses = [503];
    const { rest } = await connect(() => ({ status: statuses.shift() ?? 200 }));
    const [a, b] = await Promise.allSettled([rest.run(["A"]), rest.run(["B"])]);
    expect(a).toMatchObject({ status: "rejected", reason: { code: "server error", sign: "503" } });
    expect(b).toEqual({ status: "fulfilled", value: ["B"] });
  });
});

describe("a pipeline or transaction", () => {
  const two = {
    path: ["multi-exec"],
    body: [
      ["SET", "key", "a secret text"],
      ["GET", "key"],
    ],
  };

  it("goes at once, and brings back all replies", async () => {
    const { asked, rest } = await connect();
    expect(await rest.request(two)).toEqual([{ result: ["SET", "key", "a secret text"] }, { result: ["GET", "key"] }]);
    expect(asked.map(({ path }) => path)).toEqual(["/multi-exec"]);
  });

  it("of which one command is refused fails, and so does one that is refused as a whole", async () => {
    const replies = [
      '[{"result":"OK"},{"error":"OOM command not allowed"}]',
      '{"error":"ERR max request size exceeded"}',
    ];
    const { rest } = await connect(() => ({ status: replies.length === 2 ? 200 : 400, body: replies.shift() ?? "" }));
    await expect(rest.request(two)).rejects.toMatchObject({ code: "storage full" });
    await expect(rest.request(two)).rejects.toMatchObject({ code: "command refused" });
  });

  it.each(["[]", "[null,null]", '[{"result":1}]', '[{"result":1},{"result":2},{"result":3}]', '{"result":1}', "null"])(
    "is not answered by %s",
    async (body) => {
      const { rest } = await connect(() => ({ body }));
      await expect(rest.request(two)).rejects.toMatchObject({ code: "wrong answer" });
    },
  );
});

describe("what the store answers is named:", () => {
  it.each<[string, number, string]>([
    ["wrong answer", 200, "<!doctype html><title>Back soon</title>"],
    ["wrong answer", 200, ""],
    ["wrong answer", 200, '"OK"'],
    ["wrong answer", 204, ""],
    ["wrong answer", 404, "<html>"],
    ["credential refused", 401, '{"error":"Unauthorized"}'],
    ["credential refused", 403, "<html>"],
    ["credential refused", 400, '{"error":"WRONGPASS invalid or missing auth token"}'],
    ["credential refused", 200, '{"error":"NOPERM this user has no permissions to run the \'evalsha\' command"}'],
    ["server error", 500, '{"error":"ERR internal"}'],
    ["server error", 503, '{"error":"ERR Redis is not available: Socket closed"}'],
    ["server error", 502, "<html>"],
    ["rate limited", 429, "slow down"],
    [
      "quota exhausted",
      400,
      '{"error":"ERR max daily request limit exceeded. Limit: 10000, Usage: 10000. See https://…"}',
    ],
    ["quota exhausted", 429, '{"error":"ERR max requests limit exceeded. Limit: 500000, Usage: 500000"}'],
    ["quota exhausted", 400, '{"error":"ERR max monthly bandwidth limit exceeded"}'],
    ["storage full", 400, '{"error":"OOM command not allowed when used memory > \'maxmemory\'."}'],
    ["storage full", 400, '{"error":"ERR DB capacity quota exceeded"}'],
    ["storage full", 400, '{"error":"ERR max single record size exceeded"}'],
    [
      "command refused",
      400,
      '{"error":"ERR max request size exceeded. Limit: 10485760 bytes, Actual: 20971520 bytes"}',
    ],
    ["command refused", 400, '{"error":"ERR max key size exceeded. Limit: 32768 bytes"}'],
    ["command refused", 400, '{"error":"ERR unknown command, with args beginning with: a secret text"}'],
  ])("%s: %i %s", async (code, status, body) => {
    const { rest } = await connect(() => ({ status, body }));
    const error = await rest.run(["SET", "key", "a secret text"]).catch((it: unknown) => it);
    expect(codeOf(error)).toBe(code);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("secret");
  });

  it("a redirect is not followed: the credential is meant for one host", async () => {
    const other = await scriptedStore();
    const { rest } = await connect(() => ({ status: 307, headers: { Location: other.url }, body: "" }));
    await expect(rest.run(["A"])).rejects.toMatchObject({ code: "wrong answer", sign: "307" });
    expect(other.asked).toEqual([]);
  });
});

describe("Retry-After of a 429", () => {
  it("is passed on, and until then the store is not asked again", async () => {
    const { asked, rest } = await connect(() =>
      asked.length === 1 ? { status: 429, headers: { "Retry-After": "20" } } : undefined,
    );
    await expect(rest.run(["A"])).rejects.toMatchObject({ code: "rate limited", retryAfter: 20 });
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 15_000);
    await expect(rest.run(["B"])).rejects.toMatchObject({ code: "rate limited", retryAfter: 5 });
    expect(asked).toHaveLength(1);
    vi.setSystemTime(Date.now() + 5_000);
    expect(await rest.run(["C"])).toEqual(["C"]);
  });

  it("silences an instance for a minute at most, whatever it says", async () => {
    const { asked, rest } = await connect(() =>
      asked.length === 1 ? { status: 429, headers: { "Retry-After": "86400" } } : undefined,
    );
    await expect(rest.run(["A"])).rejects.toMatchObject({ retryAfter: 86_400 });
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 60_000);
    expect(await rest.run(["B"])).toEqual(["B"]);
  });

  it("silences no instance whose clock was set back", async () => {
    const { asked, rest } = await connect(() =>
      asked.length === 1 ? { status: 429, headers: { "Retry-After": "20" } } : undefined,
    );
    await expect(rest.run(["A"])).rejects.toMatchObject({ retryAfter: 20 });
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await rest.run(["B"])).toEqual(["B"]);
  });
});
