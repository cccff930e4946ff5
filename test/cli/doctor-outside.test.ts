import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { createChat } from "../../lib/chat.js";
import type { DoctorOptions, Surroundings } from "../../lib/cli/doctor.js";
import { createChat as mount } from "../../lib/mount/mounted-chat.js";
import { serve } from "../../local/serve.js";
import { diagnose } from "./examine.js";
import { front, type Tampering } from "./front.js";

// Plants each fault of a deployment, or of the way to it, and expects the doctor to find it, and nothing else.

const secret = randomBytes(32).toString("base64");
const HOST = "https://chat.test";
// A machine that runs many tests is a slow one; a test of its own plants the distance.
const OF_LOAD = "warning round trip";
const PAGES = "https://pages.example";
const stops: (() => unknown)[] = [];

afterAll(async () => {
  for (const stop of stops) await stop();
});

/** Starts a deployment. Each has a chat of its own, with its own rate limits. */
async function deploy(): Promise<string> {
  const environment = {
    ...process.env,
    CHAT_JWT_SECRET: secret,
    CHAT_ORIGINS: PAGES,
    CRON_SECRET: "of the clock",
    CHAT_LOG: "silent",
  };
  const chat = createChat({}, environment);
  const headers = () => ({ "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" });
  const { url, stop } = await serve({
    ...{ host: "127.0.0.1", port: 0, folder: "public", headers },
    chat: { base: "/nereid-chat", fetch: chat.fetch },
  });
  stops.push(() => chat.close(), stop);
  return url;
}

/** Looks at the deployment as if it were at https://chat.test, behind a proxy that ends TLS and does what is asked. */
async function look(
  tampering: Tampering = {},
  options: Partial<DoctorOptions> = {},
  around: Partial<Surroundings> = {},
) {
  const proxied = await front(await deploy(), { ...tampering, up: (headers) => (tampering.up ?? endTls)(headers) });
  stops.push(proxied.stop);
  const through: typeof fetch = async (input, init) => {
    const asked = `${input}`;
    if (asked.startsWith("http://chat.test")) return new Response(null, { status: 308, headers: { location: HOST } });
    return fetch(asked.replace(HOST, proxied.url), init);
  };
  const found = await diagnose(
    { url: HOST, origin: PAGES, ...options },
    { environment: { CHAT_JWT_SECRET: secret }, fetch: through, ...around },
  );
  return { ...found, faults: found.faults.filter((it) => it !== OF_LOAD) };
}

function endTls(headers: Headers): void {
  headers.set("x-forwarded-proto", "https");
  headers.set("x-forwarded-host", "chat.test");
}

const strip =
  (...names: string[]) =>
  (headers: Headers) => {
    for (const name of names) headers.delete(name);
  };

describe.concurrent("the doctor", () => {
  it("finds nothing on a good deployment", async () => {
    const { faults, findings } = await look();
    expect(faults).toEqual([]);
    expect(findings.map(({ subject }) => subject)).toEqual([
      ...["deployment", "round trip", "clock", "caching", "version", "https", "files", "cors", "other origins", "cron"],
      ...["session", "cookie", "route", "live stream", "held poll"],
    ]);
    expect(findings.map(({ verdict }) => verdict)).not.toContain("skipped");
  });

  it("follows the stream as a guest where it cannot sign a session", async () => {
    const { faults, text } = await look({}, {}, { environment: {} });
    expect(faults).toEqual([]);
    expect(text("held poll")).toMatch(/is held for 1/);
  });

  it("follows the stream of a mounted chat by the cookie of a user, and knows when that is nobody's", async () => {
    const user = ({ headers }: Request) => (headers.get("cookie") === "session=ann" ? { id: "ann" } : undefined);
    const chat = mount({ user, guests: false, log: "silent" });
    const { url, stop } = await serve({
      ...{ host: "127.0.0.1", port: 0, folder: "public", headers: () => ({}) },
      chat: { base: "/nereid-chat", fetch: chat.fetch },
    });
    stops.push(() => chat.close(), stop);
    const known = await diagnose({ url, cookie: "session=ann" }, {});
    expect([known.text("session"), known.text("held poll")]).toEqual([
      expect.stringMatching(/knows the user/),
      expect.stringMatching(/is held for 1/),
    ]);
    const nobody = await diagnose({ url, cookie: "session=ben" }, {});
    expect(nobody.faults).toContain("bad session");
    expect(nobody.text("session")).toMatch(/status 401.*what `user` returns/);
    expect(nobody.text("route")).toMatch(/^Paths and methods arrive as they were sent →/);
    const without = await diagnose({ url }, {});
    expect(without.text("stream")).toMatch(/--cookie/);
  });

  it("revokes the tokens that it made", async () => {
    const calls: string[] = [];
    await look({ down: (_, { method, path }) => void calls.push(`${method} ${path.split("?")[0]}`) });
    const revoked = calls.filter((it) => it.startsWith("DELETE /nereid-chat/token/"));
    expect(calls.filter((it) => it === "POST /nereid-chat/token")).toHaveLength(2);
    expect(new Set(revoked).size).toBe(2);
  });

  it.each<[string, Tampering, string[], string, RegExp]>([
    [
      "an origin that is not listed",
      {
        up: (headers) => {
          endTls(headers);
          headers.delete("origin");
        },
      },
      ["bad cors", "bad cookie"],
      "cors",
      /https:\/\/pages\.example is not allowed.*CHAT_ORIGINS/,
    ],
    [
      "a proxy that takes CORS headers away",
      { down: strip("access-control-allow-credentials") },
      ["bad cors"],
      "cors",
      /lacks access-control-allow-credentials.*alone answer CORS/,
    ],
    [
      "a proxy that allows every origin",
      { down: (headers) => headers.set("access-control-allow-origin", "*") },
      ["bad cors", "bad other origins"],
      "other origins",
      /Any origin is allowed \(\*\).*Remove/,
    ],
    ["a proxy that hides TLS", { up: () => {} }, ["bad cookie"], "cookie", /lacks Secure.*X-Forwarded-Proto/],
    [
      "a proxy that takes HttpOnly away",
      { down: (headers) => rewrite(headers, "set-cookie", /; HttpOnly/, "") },
      ["bad cookie"],
      "cookie",
      /lacks HttpOnly/,
    ],
    ["a proxy that takes cookies away", { down: strip("set-cookie") }, ["bad cookie"], "cookie", /sets no cookie/],
    ["a cache", { down: (headers) => headers.set("age", "7") }, ["bad caching"], "caching", /came from a cache/],
    [
      "a proxy that lets browsers cache",
      { down: (headers) => headers.set("cache-control", "max-age=60") },
      ["bad caching"],
      "caching",
      /Cache-Control is max-age=60/,
    ],
    [
      "files that other pages cannot load",
      { down: (headers, { path }) => path.endsWith("client.js") && headers.delete("cross-origin-resource-policy") },
      ["warning files"],
      "files",
      /cross-origin-resource-policy: none/,
    ],
    [
      "files that were not built",
      { reply: ({ path }) => (path.endsWith("client.js") ? { status: 404, text: "" } : undefined) },
      ["bad files"],
      "files",
      /status 404.*npm run build/,
    ],
    [
      "another secret",
      {
        reply: ({ headers }) =>
          headers.get("authorization")?.startsWith("Bearer ey") ? { status: 401, text: "{}" } : undefined,
      },
      ["bad session"],
      "session",
      /refuses a session.*the same CHAT_JWT_SECRET/,
    ],
    [
      "another version",
      {
        reply: ({ path }) =>
          path === "/openapi.json"
            ? { status: 200, text: `{"info":{"title":"nereid-chat","version":"9.0.0"}}` }
            : undefined,
      },
      ["warning version"],
      "version",
      /is nereid-chat 9\.0\.0, this is 0\.1\.0/,
    ],
    [
      "a store that is away",
      {
        reply: () => ({
          status: 503,
          text: `{"code":"unavailable","detail":"The store cannot be used: unknown host"}`,
        }),
      },
      ["bad deployment"],
      "deployment",
      /unknown host.*without a URL/,
    ],
    [
      "a function that does not start",
      { reply: () => ({ status: 500, text: "FUNCTION_INVOCATION_FAILED" }) },
      ["bad deployment"],
      "deployment",
      /responds with 500.*log of the function/,
    ],
    [
      "a page in place of the chat",
      { reply: () => ({ status: 200, text: "<h1>Welcome</h1>", headers: { "content-type": "text/html" } }) },
      ["bad deployment"],
      "deployment",
      /200 \(text\/html\), which is not the chat.*Mount/,
    ],
    [
      "a rewrite of paths of one part",
      {
        reply: ({ path }) =>
          /^\/nereid-chat\/[^/]+\/./.test(path)
            ? { status: 404, text: "", headers: { "content-type": "text/html" } }
            : undefined,
      },
      ["bad route"],
      "route",
      /several parts gets status 404 \(text\/html\).*:path\*/,
    ],
    [
      "a rewrite that loses the query",
      { to: (path) => path.replace(/\?.*/, "") },
      ["bad route"],
      "route",
      /query of a request does not arrive.*is_args/,
    ],
    [
      "a route that exports no PUT",
      { reply: ({ method }) => (method === "PUT" ? { status: 405, text: "" } : undefined) },
      ["bad route"],
      "route",
      /PUT does not reach the chat: status 405.*export each/,
    ],
    [
      "a proxy that takes Authorization away",
      {
        up: (headers) => {
          endTls(headers);
          headers.delete("authorization");
        },
      },
      ["bad session", "bad route"],
      "route",
      /Authorization does not arrive/,
    ],
    [
      "a page of the application in place of a file",
      {
        reply: ({ path }) =>
          path.endsWith("client.js")
            ? { status: 200, text: "<!doctype html>", headers: { "content-type": "text/html" } }
            : undefined,
      },
      ["bad files"],
      "files",
      /client\.js is no script: its content-type is text\/html.*in place of the file/,
    ],
    [
      "a login in front of the chat",
      { reply: () => ({ status: 302, text: "", headers: { location: "/login" } }) },
      ["bad deployment"],
      "deployment",
      /protection/,
    ],
  ])("finds %s", async (_, tampering, expected, subject, said) => {
    const { faults, text } = await look(tampering);
    expect(faults).toEqual(expected);
    expect(text(subject)).toMatch(said);
  });

  it("finds nothing where an application takes changes without a type for forms of other sites", async () => {
    const refuses: Tampering["reply"] = ({ method, headers }) =>
      !/^(GET|OPTIONS)$/.test(method) && !headers.has("content-type")
        ? { status: 403, text: `Cross-site ${method} form submissions are forbidden` }
        : undefined;
    expect((await look({ reply: refuses })).faults).toEqual([]);
    const asGuest = await look({ reply: refuses }, {}, { environment: {} });
    expect(asGuest.faults).toEqual([]);
  });

  it("finds a proxy that buffers", async () => {
    const { faults, text } = await look({ buffers: /live=1/ }, { hold: 4 });
    expect(faults).toEqual(["bad live stream"]);
    expect(text("live stream")).toMatch(
      /buffered on the way: its first bytes came after [34][.\d]* s.*proxy_buffering off/,
    );
  });

  it("finds a proxy that cuts at 10 s", async () => {
    const { faults, text } = await look({ cuts: { path: /stream/, afterMs: 10_000 } }, { hold: 14 });
    expect(faults).toEqual(["bad live stream", "bad held poll"]);
    expect(text("live stream")).toMatch(/cut after (9\.9|1\d[.\d]*) s: the connection was cut/);
    expect(text("held poll")).toMatch(/cut after (9\.9|1\d[.\d]*) s.*proxy_read_timeout/);
  });

  it("finds a proxy that gives up with a page of its own", async () => {
    const gives = ({ path }: { path: string }) =>
      /stream.*wait=1&cursor/.test(path) ? { status: 504, text: "Gateway Timeout" } : undefined;
    const { faults, text } = await look({ reply: gives });
    expect(faults).toEqual(["bad held poll"]);
    expect(text("held poll")).toContain("status 504");
  });

  it.each([
    [10_000, ["warning clock"]],
    [120_000, ["bad clock", "bad session"]],
  ])("finds a clock that is off by %d ms", async (off, expected) => {
    const { faults } = await look({}, {}, { now: () => Date.now() - off });
    expect(faults).toEqual(expected);
  });

  it("finds another secret of the clock, and a deployment without one", async () => {
    const environment = { CHAT_JWT_SECRET: secret, CRON_SECRET: "of another clock" };
    const other = await look({}, {}, { environment });
    expect([other.faults, other.text("cron")]).toEqual([
      ["bad cron"],
      expect.stringMatching(/refuses.*the same CRON_SECRET/),
    ]);
    const known = { environment: { ...environment, CRON_SECRET: "of the clock" } };
    const asked: string[] = [];
    const same = await look({ down: (_, { path }) => path.includes("/cron") && asked.push(path) }, {}, known);
    expect([same.faults, same.text("cron")]).toEqual([[], expect.stringMatching(/accepts this CRON_SECRET/)]);
    // A diagnosis does nothing of what waits.
    expect(asked).toEqual(["/nereid-chat/cron?check=1", "/nereid-chat/cron?check=1"]);
    const none = { status: 404, text: `{"code":"not_found","detail":""}` };
    const lacking = await look(
      { reply: ({ path }) => (path.includes("/cron") ? none : undefined) },
      {},
      { environment },
    );
    expect([lacking.faults, lacking.text("cron")]).toEqual([
      ["warning cron"],
      expect.stringMatching(/no CRON_SECRET.*crons/),
    ]);
  });

  it("finds a store that is far from the functions", async () => {
    const far = { status: 200, text: `{"status":"ok","store":"upstash","roundTripMs":120}` };
    const { text } = await look({ reply: ({ path }) => (path.endsWith("/health") ? far : undefined) });
    expect(text("round trip")).toMatch(/answers the deployment in 120 ms.*region/);
  });

  it("finds a host that does not exist, and one that refuses", async () => {
    const gone = await diagnose({ url: "https://gone.invalid" }, {});
    expect([gone.faults, gone.text("deployment")]).toEqual([["bad deployment"], expect.stringMatching(/unknown host/)]);
    const refused = await diagnose({ url: "http://127.0.0.1:1" }, {});
    expect(refused.text("deployment")).toMatch(/cannot be reached/);
  });

  it("finds a chat that is served over plain http", async () => {
    const url = await deploy();
    const plain: typeof fetch = (input, init) => fetch(`${input}`.replace("http://chat.test", url), init);
    const { faults } = await diagnose({ url: "http://chat.test", origin: PAGES }, { fetch: plain });
    expect(faults).toContain("bad https");
    const both: typeof fetch = (input, init) => plain(`${input}`.replace("https:", "http:"), init);
    const { text } = await diagnose({ url: HOST }, { fetch: both });
    expect(text("https")).toMatch(/also responds over plain http.*308/);
  });

  it("looks at the path that it is given, with or without a slash", async () => {
    const url = await deploy();
    const { faults } = await diagnose({ url: `${url}/nereid-chat/` }, { environment: { CHAT_JWT_SECRET: secret } });
    expect(faults.filter((it) => it !== OF_LOAD)).toEqual([]);
    const elsewhere = await diagnose({ url: `${url}/elsewhere` }, {});
    expect(elsewhere.text("deployment")).toMatch(/elsewhere\/health responds with 404/);
  });
});

function rewrite(headers: Headers, name: string, pattern: RegExp, replacement: string): void {
  const value = headers.get(name);
  if (value !== null) headers.set(name, value.replace(pattern, replacement));
}
