import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatOptions } from "../../lib/config.js";
import { type InProcess, inProcess } from "../support/in-process.js";
import { session } from "../support/site.js";

type Line = { level: string; event: string; [field: string]: unknown };

let written: string;
const running: InProcess[] = [];
beforeEach(() => {
  written = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((it) => it.stop()));
});

function chat(options: ChatOptions): InProcess {
  const made = inProcess(options);
  running.push(made);
  return made;
}

/** Makes a chat whose store refuses connections. */
const withoutStore = (log: ChatOptions["log"]) =>
  chat({ redisUrl: "http://127.0.0.1:1", redisToken: "none", ...(log && { log }) });

/** Returns the lines of the log, which must all be JSON objects. */
const lines = (): Line[] => {
  const all = written.split("\n");
  expect(all.pop()).toBe("");
  return all.map((line) => JSON.parse(line));
};
const linesOf = (event: string) => lines().filter((it) => it.event === event);

const SECRET_TEXT = "a text that belongs in no log";
const message = { body: { type: "message", message: { to: ["ben"], text: SECRET_TEXT } } };

describe("a request that fails on the server's side", () => {
  it("leaves one line with its route, problem and cause, without its token or text", async () => {
    const { call } = withoutStore("error");
    const token = randomUUID();
    expect(await call("POST", `send/${token}`, message)).toMatchObject({ status: 503 });
    expect(linesOf("request_failed")).toEqual([
      expect.objectContaining({
        ...{ level: "error", method: "POST", route: "/send/:token", status: 503, problem: "unavailable" },
        ...{ ms: expect.any(Number), error: "StoreFailure", code: "connection refused" },
      }),
    ]);
    for (const secret of [token, SECRET_TEXT, "none"]) expect(written).not.toContain(`"${secret}`);
    expect(written).not.toContain(token);
    expect(written).not.toContain(SECRET_TEXT);
  });

  it("leaves no JWT in the log", async () => {
    const { call } = withoutStore("error");
    const jwt = await session("ann");
    await call("GET", "threads", { headers: { authorization: `Bearer ${jwt}` } });
    await call("GET", "threads", { headers: { cookie: `chat_session=${jwt}` } });
    expect(linesOf("request_failed")).toHaveLength(2);
    for (const part of jwt.split(".")) expect(written).not.toContain(part);
  });

  it("leaves one line when the error was unexpected, with its place and not its message", async () => {
    const { call } = chat({
      log: "error",
      user: () => {
        throw new RangeError(SECRET_TEXT);
      },
    });
    expect(await call("GET", "threads")).toMatchObject({ status: 500, json: { code: "internal" } });
    expect(lines()).toEqual([
      expect.objectContaining({
        ...{ event: "request_failed", route: "/threads", status: 500, problem: "internal", error: "RangeError" },
        at: expect.arrayContaining([expect.stringContaining("request-log.test")]),
      }),
    ]);
    expect(written).not.toContain(SECRET_TEXT);
  });
});

describe("a request that is refused", () => {
  it("leaves nothing at level error: the client is told", async () => {
    const { call } = chat({ log: "error" });
    const refused = [
      await call("GET", "threads"),
      await call("GET", "nothing"),
      await call("PUT", "send"),
      await call("POST", `send/${randomUUID()}`, message),
      await call("GET", `stream/${randomUUID()}?cursor=nonsense`),
    ];
    expect(refused.map((it) => it.status)).toEqual([401, 404, 405, 404, 404]);
    expect(lines()).toEqual([]);
  });
});

describe("at level info", () => {
  it("each request leaves one line, and its response has the same timing", async () => {
    const { call, token } = chat({ log: "info" });
    const ann = await token("ann");
    const replies = [
      ["POST", "/send/:token", await call("POST", `send/${ann.token}`, message)],
      ["GET", "/threads", await call("GET", "threads", { headers: { authorization: `Bearer ${ann.token}` } })],
      ["GET", "/threads", await call("GET", "threads")],
      ["PUT", "/send", await call("PUT", "send")],
      ["OPTIONS", "/send", await call("OPTIONS", "send")],
      ["GET", "unknown", await call("GET", `nothing/${ann.token}`)],
    ] as const;
    const [making, ...logged] = linesOf("request");
    expect(making).toMatchObject({ level: "info", method: "POST", route: "/token", status: 200 });
    expect(logged).toEqual(
      replies.map(([method, route, { status, headers }]) =>
        expect.objectContaining({
          ...{ level: "info", method, route, status, ms: expect.any(Number) },
          server_timing: headers.get("server-timing"),
        }),
      ),
    );
    for (const { server_timing } of logged)
      expect(server_timing).toMatch(/^auth;dur=[\d.]+, store;dur=[\d.]+, wait;dur=[\d.]+$/);
    expect(written).not.toContain(ann.token);
    expect(written).not.toContain(SECRET_TEXT);
  });

  it("the timing says how long a request took to authenticate, waited for the store, and was held", async () => {
    const { call, token } = chat({ log: "info" });
    const { token: ben, cursor } = await token("ben");
    const timing = async (method: string, path: string, options = {}) => {
      const { headers } = await call(method, path, options);
      const parts = [...(headers.get("server-timing") ?? "").matchAll(/(\w+);dur=([\d.]+)/g)];
      return Object.fromEntries(parts.map(([, name, ms]) => [name, Number(ms)]));
    };
    const sent = await timing("POST", `send/${ben}`, {
      body: { type: "message", message: { to: ["ann"], text: "Hi" } },
    });
    expect(sent.auth).toBeGreaterThan(0);
    expect(sent.store).toBeGreaterThan(0);
    expect(sent.wait).toBe(0);
    await call("GET", `stream/${ben}?wait=0`);
    const now = await call("GET", `stream/${ben}?wait=0&cursor=${cursor}`);
    const held = await timing("GET", `stream/${ben}?wait=1&cursor=${Object(now.json).cursor}`);
    expect(held.wait).toBeGreaterThan(800);
    expect(held.wait).toBeLessThan(5_000);
  });

  it("a request that fails leaves its failure, too", async () => {
    const { call } = withoutStore("info");
    const { headers } = await call("GET", "health");
    expect(linesOf("request_failed")).toMatchObject([{ route: "/health", status: 503 }]);
    expect(linesOf("request")).toMatchObject([{ route: "/health", status: 503 }]);
    expect(headers.get("server-timing")).toMatch(/^auth;/);
  });
});

describe("below level info", () => {
  it.each(["silent", "error"] as const)("%s: requests that succeed leave nothing, and have no timing", async (log) => {
    const { call, token } = chat({ log });
    const { headers } = await call("POST", `send/${(await token("ann")).token}`, message);
    expect([written, headers.has("server-timing")]).toEqual(["", false]);
  });

  it("silent: requests that fail leave nothing", async () => {
    const { call } = withoutStore("silent");
    expect((await call("GET", "health")).status).toBe(503);
    expect(written).toBe("");
  });
});
