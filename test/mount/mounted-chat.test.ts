import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createChat, type MountOptions } from "../../lib/mount/mounted-chat.js";
import { chat as mountInNext } from "../../lib/mount/next.js";

type Context = { name: string };

/** A mounted chat, and a call of a path below where it is mounted. */
function mounted(options: MountOptions<Context> = {}) {
  const chat = createChat<Context>({ log: "silent", ...options });
  const base = options.basePath ?? "/nereid-chat";
  const call = (method: string, path: string, headers: Record<string, string> = {}, context?: Context) =>
    chat.fetch(new Request(`http://app.test${base}/${path}`, { method, headers }), context);
  return { call, close: () => chat.close() };
}

const SAME_ORIGIN = { origin: "http://app.test" };

describe("the session of the application", () => {
  test("makes chat tokens of the page's own origin, and of no other", async () => {
    const { call } = mounted({ user: () => ({ id: "ann", displayName: null }) });
    expect((await call("POST", "token", SAME_ORIGIN)).status).toBe(200);
    const foreign = await call("POST", "token", { origin: "http://evil.test" });
    expect([foreign.status, await foreign.json()]).toMatchObject([403, { code: "origin_not_allowed" }]);
    expect((await call("POST", "token", { "sec-fetch-site": "cross-site" })).status).toBe(403);
  });

  test("is found behind a proxy that forwards the host", async () => {
    const { call } = mounted({ user: () => ({ id: "ann" }) });
    const forwarded = { "x-forwarded-host": "www.shop.example", "x-forwarded-proto": "https" };
    expect((await call("POST", "token", { origin: "https://www.shop.example", ...forwarded })).status).toBe(200);
    expect((await call("POST", "token", { origin: "https://evil.example", ...forwarded })).status).toBe(403);
  });

  test("of nobody is 401, or lets a guest in", async () => {
    const nobody = mounted({ user: () => undefined });
    expect((await nobody.call("POST", "token", SAME_ORIGIN)).status).toBe(401);
    const chat = createChat({ log: "silent", user: () => null, guests: true });
    const headers = { ...SAME_ORIGIN, "content-type": "application/json" };
    const body = JSON.stringify({ displayName: "Gus" });
    const admitted = await chat.fetch(
      new Request("http://app.test/nereid-chat/token", { method: "POST", headers, body }),
    );
    expect(await admitted.json()).toMatchObject({ actor: { displayName: "Gus", objectType: "guest" } });
  });

  test("may be in the context that comes with a request", async () => {
    const { call } = mounted({ user: (_, context) => context && { id: context.name } });
    const [ann, nobody] = await Promise.all([
      call("POST", "token", SAME_ORIGIN, { name: "ann" }),
      call("POST", "token", SAME_ORIGIN),
    ]);
    expect(await ann.json()).toMatchObject({ actor: { id: "ann" } });
    expect(nobody.status).toBe(401);
  });
});

describe("the client's files", () => {
  test("come as scripts for any page, revalidated by their tag", async () => {
    const { call } = mounted();
    const { status, headers } = await call("GET", "client.js?v=1");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(headers.get("cache-control")).toBe("public, max-age=0, must-revalidate");
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    const etag = headers.get("etag") ?? "";
    for (const tags of [etag, `"other", W/${etag}`, "*"]) {
      const again = await call("GET", "client.js", { "if-none-match": tags });
      expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
    }
    expect((await call("GET", "client.js", { "if-none-match": '"other"' })).status).toBe(200);
  });

  test("have a HEAD of the same length, and no other method or name", async () => {
    const { call } = mounted();
    const [got, head] = [await call("GET", "widget.js"), await call("HEAD", "widget.js")];
    expect(head.headers.get("content-length")).toBe(`${(await got.arrayBuffer()).byteLength}`);
    expect(await head.text()).toBe("");
    for (const name of ["other.js", "constructor.js", "threads/client.js", "%63lient.js", "client.js/"])
      expect((await call("GET", name)).headers.get("content-type")).toBe("application/problem+json");
    const posted = await call("POST", "client.js");
    expect([posted.status, posted.headers.get("allow"), await posted.json()]).toMatchObject([
      405,
      "GET, HEAD",
      { code: "method_not_allowed" },
    ]);
    expect((await call("POST", "other.js")).status).toBe(404);
  });

  test.each([
    ["gzip, deflate, br", "br", brotliDecompressSync],
    ["gzip;q=1.0, br;q=0", "gzip", gunzipSync],
    ["*", "br", brotliDecompressSync],
    ["*, br;q=0", "gzip", gunzipSync],
  ] as const)("are compressed where the browser accepts %j", async (accepted, coding, decompress) => {
    const { call } = mounted();
    const plain = await call("GET", "chat.js");
    const bytes = Buffer.from(await plain.arrayBuffer());
    expect([plain.headers.get("content-encoding"), plain.headers.get("vary")]).toEqual([null, "Accept-Encoding"]);
    const coded = await call("GET", "chat.js", { "accept-encoding": accepted });
    const { headers } = coded;
    const body = Buffer.from(await coded.arrayBuffer());
    expect([headers.get("content-encoding"), headers.get("vary")]).toEqual([coding, "Accept-Encoding"]);
    expect(headers.get("content-length")).toBe(`${body.length}`);
    expect(body.length).toBeLessThan(bytes.length / 2);
    expect(decompress(body).equals(bytes)).toBe(true);
    const tag = headers.get("etag") ?? "";
    expect(tag).not.toBe(plain.headers.get("etag"));
    const again = await call("GET", "chat.js", { "accept-encoding": accepted, "if-none-match": tag });
    expect([again.status, again.headers.get("etag"), again.headers.get("content-encoding")]).toEqual([304, tag, null]);
    const head = await call("HEAD", "chat.js", { "accept-encoding": accepted });
    expect(head.headers.get("content-length")).toBe(`${body.length}`);
  });

  test.each(["", "identity", "gzip;q=0, br;q=0.000", "deflate, zstd", "*;q=0"])(
    "come as they are where the browser accepts %j",
    async (accepted) => {
      const { headers } = await mounted().call("GET", "chat.js", { "accept-encoding": accepted });
      expect(headers.get("content-encoding")).toBeNull();
    },
  );

  test("know another path where the chat is mounted", async () => {
    const [usual, other] = [mounted(), mounted({ basePath: "/api/chat" })];
    const text = await (await other.call("GET", "client.js")).text();
    expect(text).toContain('"/api/chat"');
    expect(text).not.toContain('"/nereid-chat"');
    const tags = [usual, other].map(async ({ call }) => (await call("GET", "client.js")).headers.get("etag"));
    expect(new Set(await Promise.all(tags)).size).toBe(2);
    expect((await other.call("GET", "health")).status).toBe(200);
  });
});

describe("a path", () => {
  test.each(["health", "health/", "health?x=1"])("is found as %s", async (path) => {
    expect((await mounted().call("GET", path)).status).toBe(200);
  });

  test("of the application beside the chat is not found", async () => {
    const response = await createChat({ log: "silent" }).fetch(new Request("http://app.test/nereid-chats/health"));
    expect([response.status, await response.json()]).toMatchObject([404, { code: "not_found" }]);
  });
});

describe("the handlers of a route of Next.js", () => {
  test("respond to every method of the chat", async () => {
    const handlers = mountInNext({ log: "silent", user: () => ({ id: "ann" }) });
    expect(Object.keys(handlers).sort()).toEqual(["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT", "server"]);
    const response = await handlers.POST(
      new Request("http://app.test/nereid-chat/token", { method: "POST", headers: SAME_ORIGIN }),
    );
    expect(await response.json()).toMatchObject({ actor: { id: "ann" } });
  });

  test("need the settings of production when it starts, and not while it is built", () => {
    const production = { NODE_ENV: "production" };
    expect(() => mountInNext({}, production)).toThrow("UPSTASH_REDIS_REST_URL");
    expect(() => mountInNext({}, { ...production, NEXT_PHASE: "phase-production-build" })).not.toThrow();
  });
});
