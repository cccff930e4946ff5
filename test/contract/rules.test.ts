import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";
import { LISTED, RESPONSES, STRANGE } from "./responses.js";

// PROFILE §1, sentence by sentence.

const server = inProcess({}, { CHAT_ORIGINS: `${LISTED}, https://other.example` });
let ann: Outsider;
let ben: Outsider;
beforeAll(async () => {
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
});
afterAll(() => server.stop());

const hello = { type: "message", message: { to: ["nobody"], text: "Hello" } };
const problem = (status: number, code: string) => ({ status, json: { status, code } });

describe("every response", () => {
  it.each(Object.entries(RESPONSES))("carries the general headers: %s", async (name, ask) => {
    const { status, headers } = await ask({ server, ann });
    expect(status).toBe(Number(name.slice(0, 3)));
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "private, no-store, no-transform",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      vary: "Origin, Authorization, Cookie, Accept",
    });
    expect(headers.has("etag")).toBe(false);
  });

  it.each(Object.entries(RESPONSES))("announces its length when it has a body: %s", async (_, ask) => {
    const { headers, text } = await ask({ server, ann });
    expect(headers.has("transfer-encoding")).toBe(false);
    if (text !== "") expect(headers.get("content-length")).toBe(`${Buffer.byteLength(text)}`);
  });

  it.each(Object.entries(RESPONSES).filter(([name]) => /^[45]/.test(name) && !name.includes("HEAD")))(
    "is a problem document when it refuses: %s",
    async (name, ask) => {
      const { headers, json } = await ask({ server, ann });
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(json).toMatchObject({
        type: expect.any(String),
        title: expect.any(String),
        status: Number(name.slice(0, 3)),
        detail: expect.any(String),
        code: expect.stringMatching(/^[a-z_]+$/),
      });
    },
  );

  it("has timestamps in RFC 3339, UTC, milliseconds, Z", async () => {
    const { timestamp } = await ann.say({ to: [ben.entity], text: "When?" });
    const answer = await ann.poll("?wait=0");
    for (const it of [timestamp, answer.timestamp, ann.expires])
      expect(it).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });
});

describe("a wrong method", () => {
  it.each([
    ["GET", "send", ["POST"]],
    ["PUT", "threads", ["GET", "POST"]],
    ["POST", "stream", ["GET"]],
    ["DELETE", "threads/t", ["GET", "PATCH"]],
    ["POST", "threads/t/messages", ["GET"]],
    ["GET", "token", ["POST", "DELETE"]],
    ["PATCH", "health", ["GET"]],
    ["POST", "actors", ["GET"]],
  ])("%s %s is refused with the methods that are allowed", async (method, path, allowed) => {
    const reply = await server.call(method, path);
    expect(reply).toMatchObject(problem(405, "method_not_allowed"));
    expect(reply.headers.get("allow")?.split(", ")).toEqual(expect.arrayContaining(allowed));
    expect(reply.headers.get("allow")?.split(", ")).not.toContain(method);
  });

  it("is refused also on the stream as an event stream", async () => {
    const reply = await server.call("POST", `stream/${ann.token}`, { headers: { accept: "text/event-stream" } });
    expect(reply).toMatchObject(problem(405, "method_not_allowed"));
  });
});

describe("a body", () => {
  const padded = (bytes: number) => `{"type":"unknown","pad":"${"x".repeat(bytes - 27)}"}`;
  const post = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const response = await server.fetch(`send/${ann.token}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    return { status: response.status, json: await response.json() };
  };

  it("of 64 KiB is read", async () => {
    expect(padded(65_536)).toHaveLength(65_536);
    expect(await post(padded(65_536))).toMatchObject(problem(400, "unsupported_stanza"));
  });

  it("of one byte more is too large", async () => {
    expect(await post(padded(65_537))).toMatchObject(problem(413, "too_large"));
  });

  it("is too large before it is malformed", async () => {
    expect(await post("{".repeat(65_537))).toMatchObject(problem(413, "too_large"));
  });

  it("that is chunked and too large is refused, too", async () => {
    const chunk = new TextEncoder().encode("x".repeat(1_000));
    let left = 5_000;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
    });
    const headers = { "content-type": "application/json" };
    const init: RequestInit = { method: "POST", headers, body, duplex: "half" };
    expect((await server.fetch(`send/${ann.token}`, init)).status).toBe(413);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"])(
    "of the type %s is refused",
    async (type) => {
      expect(await post(JSON.stringify(hello), { "content-type": type })).toMatchObject(
        problem(415, "unsupported_media_type"),
      );
    },
  );

  it("may say that it is UTF-8", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect(await post(JSON.stringify(hello), headers)).toMatchObject({ status: 200 });
  });

  it.each(["", "{", "{'a': 1}", "nonsense", '{"type":"message",}'])("that is not JSON is refused: %j", async (body) => {
    expect(await post(body)).toMatchObject({ ...problem(400, "invalid"), json: { issues: [{ path: "" }] } });
  });

  it("that is not UTF-8 is refused", async () => {
    expect(await post(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject(problem(400, "invalid"));
  });

  const nested = (levels: number) => {
    // The stanza and its message are two of them.
    const value = `${'{"a":'.repeat(levels - 2)}1${"}".repeat(levels - 2)}`;
    return `{"type":"message","message":{"to":["nobody"],"extension":${value}}}`;
  };

  it("may be 8 levels deep", async () => {
    expect(await post(nested(8))).toMatchObject({ status: 200 });
  });

  it("must not be 9 levels deep", async () => {
    const issues = [{ path: expect.stringContaining("message.extension"), message: expect.any(String) }];
    expect(await post(nested(9))).toMatchObject({ status: 400, json: { code: "invalid", issues } });
  });

  it("of endless depth is refused like any other", async () => {
    expect(await post("[".repeat(60_000))).toMatchObject(problem(400, "invalid"));
    expect(await post(`${"[".repeat(30_000)}${"]".repeat(30_000)}`)).toMatchObject(problem(400, "invalid"));
  });

  it.each(["__proto__", "constructor", "prototype"])("must not have a key named %s, however deep", async (key) => {
    const body = `{"type":"message","message":{"to":["nobody"],"extension":[{"${key}":1}]}}`;
    const issues = [{ path: expect.stringContaining(key), message: expect.any(String) }];
    expect(await post(body)).toMatchObject({ status: 400, json: { code: "invalid", issues } });
  });

  it("with fields of the wrong shape is told which", async () => {
    const message = {
      to: ["nobody"],
      text: 1,
      attachments: [{ url: "https://a.example" }, { url: "ftp://b.example" }],
    };
    const { json } = await ann.send({ type: "message", message });
    expect(json).toMatchObject({ code: "invalid" });
    expect(json).toHaveProperty(
      "issues",
      expect.arrayContaining([
        { path: "message.text", message: expect.any(String) },
        { path: "message.attachments.1.url", message: expect.any(String) },
      ]),
    );
  });

  it.each([
    ["a list", []],
    ["a text", "text"],
    ["a number", 1],
    ["nothing", null],
  ])("whose message is %s has the wrong shape", async (_, message) => {
    expect(await ann.send({ type: "message", message })).toMatchObject(problem(400, "invalid"));
  });

  it.each([
    ["a list", [hello]],
    ["a text", "text"],
    ["null", null],
  ])("that is %s has the wrong shape", async (_, body) => {
    expect(await ann.send(body)).toMatchObject(problem(400, "invalid"));
  });
});

describe("an unknown stanza", () => {
  it.each(["unknown", "Message", "resync", "problem", "toString", ""])("is unsupported: %j", async (type) => {
    expect(await ann.send({ type, [type]: {} })).toMatchObject(problem(400, "unsupported_stanza"));
  });

  it("has at least a type", async () => {
    expect(await ann.send({})).toMatchObject(problem(400, "invalid"));
    expect(await ann.send({ type: 1 })).toMatchObject(problem(400, "invalid"));
  });
});

describe("CORS", () => {
  it("echoes a listed origin and allows credentials", async () => {
    const { headers } = await ann.call("GET", "threads", undefined, { origin: LISTED });
    expect(headers.get("access-control-allow-origin")).toBe(LISTED);
    expect(headers.get("access-control-allow-credentials")).toBe("true");
  });

  it.each([STRANGE, "null", "https://listed.example.evil.example", "http://listed.example"])(
    "never reflects another origin: %s",
    async (origin) => {
      const { headers, status } = await ann.call("GET", "threads", undefined, { origin });
      expect(status).toBe(200);
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    },
  );

  it("reaches a listed origin also with a refusal", async () => {
    for (const path of ["threads", "nothing"]) {
      const { headers } = await server.call("GET", path, { headers: { origin: LISTED } });
      expect(headers.get("access-control-allow-origin")).toBe(LISTED);
    }
    const wrong = await server.call("PUT", "send", { headers: { origin: LISTED } });
    expect(wrong.headers.get("access-control-allow-origin")).toBe(LISTED);
  });

  it.each([
    ["stream", "GET"],
    ["send", "POST"],
    ["token", "POST"],
    ["token", "DELETE"],
    ["threads", "POST"],
    ["threads/some", "PATCH"],
    ["threads/some/messages", "GET"],
  ])("answers a preflight for %s: %s", async (path, method) => {
    const asked = { "access-control-request-method": method, "access-control-request-headers": "authorization" };
    const { status, headers, text } = await server.call("OPTIONS", path, { headers: { origin: LISTED, ...asked } });
    expect({ status, text }).toEqual({ status: 204, text: "" });
    expect(headers.get("access-control-allow-origin")).toBe(LISTED);
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(headers.get("access-control-allow-methods")?.split(", ")).toContain(method);
    const allowed = headers.get("access-control-allow-headers")?.toLowerCase().split(", ");
    expect(allowed).toEqual(expect.arrayContaining(["authorization", "content-type", "last-event-id"]));
  });

  it("allows nothing by a preflight from elsewhere", async () => {
    const asked = { origin: STRANGE, "access-control-request-method": "POST" };
    const { headers } = await server.call("OPTIONS", "send", { headers: asked });
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("a cookie", () => {
  const withCookie = async (method: string, path: string, headers: Record<string, string>, body?: unknown) => {
    const cookie = `theme=dark; chat_session=${await session(ann.entity)}`;
    return server.call(method, path, { headers: { cookie, ...headers }, body });
  };
  const own = () => new URL(server.url).origin;

  it.each([STRANGE, "null"])("does not write, nor read a stream, from %s", async (origin) => {
    const refused = problem(403, "origin_not_allowed");
    expect(await withCookie("POST", "send", { origin }, hello)).toMatchObject(refused);
    expect(await withCookie("POST", "token", { origin })).toMatchObject(refused);
    expect(await withCookie("DELETE", "token", { origin })).toMatchObject(refused);
    expect(await withCookie("POST", "threads", { origin }, { kind: "room", members: [] })).toMatchObject(refused);
    expect(await withCookie("PATCH", "threads/some", { origin }, { subject: "s" })).toMatchObject(refused);
    expect(await withCookie("GET", "stream?wait=0", { origin })).toMatchObject(refused);
  });

  it("is refused the stream from elsewhere as an event stream, too", async () => {
    const headers = { origin: STRANGE, accept: "text/event-stream" };
    expect(await withCookie("GET", "stream?wait=0", headers)).toMatchObject(problem(403, "origin_not_allowed"));
  });

  it("reads what is safe from anywhere: a page elsewhere is not shown it", async () => {
    const reply = await withCookie("GET", "threads", { origin: STRANGE });
    expect(reply.status).toBe(200);
    expect(reply.headers.has("access-control-allow-origin")).toBe(false);
  });

  it("writes and streams from the own origin, from a listed one, and from what is no browser", async () => {
    for (const headers of [{ origin: own() }, { origin: LISTED }, {}]) {
      expect((await withCookie("POST", "send", headers, hello)).status).toBe(200);
      expect((await withCookie("GET", "stream?wait=0", headers)).status).toBe(200);
    }
  });

  it("is not what a bearer is: that one writes from anywhere", async () => {
    expect((await ann.call("POST", "send", hello, { origin: STRANGE })).status).toBe(200);
    expect((await server.call("GET", `stream/${ann.token}?wait=0`, { headers: { origin: "null" } })).status).toBe(200);
  });
});

describe("health", () => {
  it("tells that the store answers", async () => {
    const { status, json } = await server.call("GET", "health");
    expect(status).toBe(200);
    expect(json).toEqual({
      status: "ok",
      store: expect.stringMatching(/^(upstash|local)$/),
      roundTripMs: expect.any(Number),
    });
  });
});

describe("without a store", () => {
  const alone = inProcess({ redisUrl: "http://127.0.0.1:1", redisToken: "none" });
  afterAll(() => alone.stop());

  it.each([
    ["GET", "health", undefined],
    ["GET", "stream?wait=0", undefined],
    ["GET", "threads", undefined],
    ["POST", "send", hello],
    ["POST", "token", undefined],
    ["POST", "threads", { kind: "room", members: [] }],
  ])("%s %s is unavailable, with the time to wait", async (method, path, body) => {
    const authorization = `Bearer ${await session("ann")}`;
    const reply = await alone.call(method, path, { headers: { authorization }, body });
    expect(reply).toMatchObject(problem(503, "unavailable"));
    expect(reply.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  });

  it("tells an EventSource so by an event and a longer retry, since it would never come back", async () => {
    const authorization = `Bearer ${await session("ann")}`;
    const headers = { authorization, accept: "text/event-stream" };
    const reply = await alone.call("GET", "stream?wait=0", { headers });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(reply.headers.get("content-length")).toBe(`${Buffer.byteLength(reply.text)}`);
    expect(Number(/^retry: (\d+)$/m.exec(reply.text)?.[1])).toBeGreaterThan(100);
    expect(reply.text).toMatch(/^event: problem\ndata: \{.*"code":"unavailable".*\}\n\n/m);
  });
});
