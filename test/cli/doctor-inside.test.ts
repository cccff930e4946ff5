import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, describe, expect, inject, it } from "vitest";
import { createChat } from "../../lib/chat.js";
import type { Environment } from "../../lib/cli/checks/settings.js";
import { diagnose } from "./examine.js";
import { type Asked, front, type Tampering } from "./front.js";

// Plants each fault of a set-up before a real store, and expects the doctor to find it, and nothing else.

const store = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "none" };
const secret = randomBytes(32).toString("base64");
const fronts: { stop(): void }[] = [];
afterAll(() => {
  for (const it of fronts) it.stop();
});

const set = (changes: Environment = {}): Environment => ({
  UPSTASH_REDIS_REST_URL: store.url,
  UPSTASH_REDIS_REST_TOKEN: store.token,
  CHAT_PREFIX: "doctor:",
  CHAT_JWT_SECRET: secret,
  ...changes,
});

/** A set-up whose store is behind a proxy. */
async function behind(tampering: Tampering): Promise<Environment> {
  const made = await front(store.url, tampering);
  fronts.push(made);
  return set({ UPSTASH_REDIS_REST_URL: made.url });
}

/** Replies to some commands as Upstash does to a token that may not run them. */
const forbids =
  (...commands: string[]) =>
  ({ path, body }: Asked) => {
    const refused = commands.find((it) => path.startsWith(`/${it.toLowerCase()}/`) || body.startsWith(`["${it}"`));
    if (refused === undefined) return undefined;
    return { status: 400, text: `{"error":"NOPERM this user has no permissions to run the '${refused}' command"}` };
  };

describe.concurrent("the doctor", () => {
  it("finds nothing on a good set-up", async () => {
    const { faults, findings } = await diagnose({}, { environment: set() });
    expect(faults).toEqual([]);
    expect(findings.map(({ subject }) => subject)).toEqual([
      ...["version", "variables", "prefix", "secret", "session", "store", "round trip", "writes"],
      ...["scripts", "clock", "subscription", "silence"],
    ]);
    expect(findings.every(({ verdict }) => verdict === "good")).toBe(true);
  });

  it("leaves no key behind", async () => {
    const prefix = `d${randomBytes(4).toString("hex")}:`;
    await diagnose({}, { environment: set({ CHAT_PREFIX: prefix }) });
    const headers = { authorization: `Bearer ${store.token}` };
    const keys = await fetch(store.url, { method: "POST", headers, body: JSON.stringify(["KEYS", `${prefix}*`]) });
    expect(await keys.json()).toEqual({ result: [] });
  });

  it("finds another deployment under the same prefix, which made a secret for itself", async () => {
    const prefix = `d${randomBytes(4).toString("hex")}:`;
    const headers = { authorization: `Bearer ${store.token}` };
    const keep = (value: string) =>
      fetch(store.url, { method: "POST", headers, body: JSON.stringify(["HSET", `${prefix}secret`, "value", value]) });
    await keep("another");
    const { faults, text } = await diagnose({}, { environment: set({ CHAT_PREFIX: prefix }) });
    expect([faults, text("prefix")]).toEqual([
      ["warning prefix"],
      expect.stringMatching(/another deployment.*of its own/),
    ]);
    await keep(secret);
    expect((await diagnose({}, { environment: set({ CHAT_PREFIX: prefix }) })).faults).toEqual([]);
  });

  it("finds another deployment under the same prefix, which was given another secret", async () => {
    const prefix = `d${randomBytes(4).toString("hex")}:`;
    const serve = async (jwtSecret: string) => {
      const chat = createChat({ guests: true, log: "silent", jwtSecret }, set({ CHAT_PREFIX: prefix }));
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: `{"displayName":"Ann"}` };
      expect((await chat.fetch(new Request("http://chat.test/nereid-chat/token", init))).status).toBe(200);
      chat.close();
    };
    await serve(secret);
    expect((await diagnose({}, { environment: set({ CHAT_PREFIX: prefix }) })).faults).toEqual([]);
    await serve(randomBytes(32).toString("base64"));
    const { faults, text } = await diagnose({}, { environment: set({ CHAT_PREFIX: prefix }) });
    expect([faults, text("prefix")]).toEqual([
      ["warning prefix"],
      expect.stringMatching(/another CHAT_JWT_SECRET uses the same prefix, at 20.*of its own/),
    ]);
  });

  it("says nothing of secrets", async () => {
    const { findings } = await diagnose(
      {},
      { environment: set({ CHAT_JWT_SECRET: "hunter2 is the name of a secret that is long" }) },
    );
    expect(JSON.stringify(findings)).not.toContain("hunter2");
    expect(JSON.stringify(findings)).not.toContain(store.token);
  });

  it.each<[string, Environment, string[], string, RegExp]>([
    [
      "another token of the store",
      { UPSTASH_REDIS_REST_TOKEN: "wrong" },
      ["bad store"],
      "store",
      /credential refused \(401\).*token again/,
    ],
    [
      "a token with a line break in it",
      { UPSTASH_REDIS_REST_TOKEN: "a\nb" },
      ["bad store"],
      "store",
      /without quotation marks and line breaks/,
    ],
    [
      "a host that does not exist",
      { UPSTASH_REDIS_REST_URL: "https://gone.invalid" },
      ["bad store"],
      "store",
      /gone\.invalid cannot be used: unknown host.*Copy/,
    ],
    [
      "no store",
      { UPSTASH_REDIS_REST_URL: undefined },
      ["bad variables"],
      "variables",
      /UPSTASH_REDIS_REST_URL .*missing.*Storage tab/,
    ],
    [
      "keys that a preview shares with production",
      { VERCEL_ENV: "preview" },
      ["warning prefix"],
      "prefix",
      /"doctor:" in this preview environment.*for production alone/,
    ],
    [
      "a bucket without its name",
      { CHAT_S3_ENDPOINT: "https://s3.example", CHAT_S3_BUCKET: "a bucket" },
      ["bad variables", "bad variables"],
      "variables",
      /Correct CHAT_S3_BUCKET.*Set CHAT_S3_BUCKET, and deploy again/,
    ],
    [
      "webhooks that no clock sends",
      { CHAT_WEBHOOK_URL: "https://host.example/hooks" },
      ["warning cron"],
      "cron",
      /webhooks wait.*openssl rand/,
    ],
    ["no secret", { CHAT_JWT_SECRET: undefined }, ["bad secret"], "secret", /so no session is accepted.*openssl rand/],
    [
      "a short secret",
      { CHAT_JWT_SECRET: "short" },
      ["bad variables"],
      "variables",
      /CHAT_JWT_SECRET must have at least 32 bytes/,
    ],
    [
      "a secret that can be guessed",
      { CHAT_JWT_SECRET: "0123456789".repeat(1).padEnd(40, "0") },
      ["bad secret"],
      "secret",
      /can be guessed.*openssl/,
    ],
    [
      "a secret of words",
      { CHAT_JWT_SECRET: "my very own secret, which nobody can know" },
      ["warning secret"],
      "secret",
      /contains a word/,
    ],
    ["a secret in quotation marks", { CHAT_JWT_SECRET: `"${secret}"` }, ["warning secret"], "secret", /quotation mark/],
    [
      "wrong origins",
      { CHAT_ORIGINS: "example.org" },
      ["bad variables"],
      "variables",
      /CHAT_ORIGINS must list origins.*deploy again/,
    ],
    [
      "a variable that is not read",
      { CHAT_ORIGIN: "https://a.example" },
      ["warning variables"],
      "variables",
      /CHAT_ORIGIN is not a variable.*CHAT_ORIGINS/,
    ],
    [
      "two stores",
      { KV_REST_API_TOKEN: "old" },
      ["warning variables"],
      "variables",
      /UPSTASH_REDIS_REST_TOKEN and KV_REST_API_TOKEN differ/,
    ],
    [
      "a key set that is not there",
      { CHAT_JWKS_URL: "http://127.0.0.1:1/keys" },
      ["bad key set"],
      "key set",
      /cannot be fetched/,
    ],
  ])("finds %s", async (_, changes, expected, subject, said) => {
    const { faults, text } = await diagnose({}, { environment: set(changes) });
    expect(faults).toEqual(expected);
    expect(text(subject)).toMatch(said);
  });

  it("finds every variable that is wrong", async () => {
    const wrong = { CHAT_ORIGINS: "example.org", CHAT_TOKEN_TTL: "never", CHAT_GUESTS: "yes" };
    const { faults, text } = await diagnose({}, { environment: set(wrong) });
    expect(faults).toEqual(["bad variables", "bad variables", "bad variables"]);
    for (const name of Object.keys(wrong)) expect(text("variables")).toContain(name);
  });

  it("finds the secret that a deployment made for itself, and whether its owner has seen it", async () => {
    const environment = set({ CHAT_PREFIX: `d${randomBytes(4).toString("hex")}:`, CHAT_JWT_SECRET: undefined });
    expect((await diagnose({}, { environment })).faults).toEqual(["bad secret"]);
    const chat = createChat({ guests: true, log: "silent" }, environment);
    const post = (path: string, body: unknown) => {
      const headers = { "content-type": "application/json" };
      return chat.fetch(
        new Request(`http://chat.test/nereid-chat/${path}`, { method: "POST", headers, body: JSON.stringify(body) }),
      );
    };
    await post("token", { displayName: "Ann" });
    expect((await diagnose({}, { environment })).faults).toEqual(["warning secret"]);
    await post("setup", { token: store.token });
    expect((await diagnose({}, { environment })).faults).toEqual([]);
    chat.close();
  });

  it("asks for no secret where the application knows the users", async () => {
    const { faults } = await diagnose({ mounted: true }, { environment: set({ CHAT_JWT_SECRET: undefined }) });
    expect(faults).toEqual([]);
  });

  it("only warns of a missing store where a mounted chat brings its own in development, and not of half a store", async () => {
    const none = await diagnose({ mounted: true }, { environment: {} });
    expect(none.faults).toEqual(["warning variables"]);
    expect(none.text("variables")).toMatch(/No store is configured.*Before you deploy/);
    for (const environment of [
      { NODE_ENV: "production" },
      { VERCEL_ENV: "production" },
      { UPSTASH_REDIS_REST_URL: store.url },
    ]) {
      expect((await diagnose({ mounted: true }, { environment })).faults).toEqual(["bad variables"]);
    }
    expect((await diagnose({}, { environment: {} })).faults).toContain("bad variables");
  });

  it.each([
    [3_000, ["warning clock"]],
    [-60_000, ["bad clock"]],
  ])("finds a clock that is off by %d ms", async (off, expected) => {
    const { faults, text } = await diagnose({}, { environment: set(), now: () => Date.now() + off });
    expect(faults).toEqual(expected);
    expect(text("clock")).toMatch(/differ by (3|60)\.\d s.*NTP/);
  });

  it.each([
    ["20.18.3", ["bad version"]],
    ["18.20.0", ["bad version"]],
    ["20.19.0", []],
    ["23.1.0", ["warning version"]],
  ])("judges Node %s", async (node, expected) => {
    const { faults } = await diagnose({}, { environment: set(), versions: { own: "0.1.0", node } });
    expect(faults).toEqual(expected);
  });

  it.each<[string, Tampering, string[], string, RegExp]>([
    [
      "a token that may only read",
      { reply: forbids("SET", "DEL", "EVAL", "EVALSHA") },
      ["bad writes", "bad scripts"],
      "writes",
      /credential refused \(NOPERM\).*not the read-only one/,
    ],
    [
      "a token that may run no scripts",
      { reply: forbids("EVAL") },
      ["bad scripts"],
      "scripts",
      /every write of the chat is one: credential refused/,
    ],
    [
      "a token that may run no scripts by their hash",
      { reply: forbids("EVALSHA") },
      ["bad scripts"],
      "scripts",
      /EVALSHA/,
    ],
    [
      "a token that may not publish",
      { reply: forbids("PUBLISH") },
      ["bad subscription"],
      "subscription",
      /Nothing can be published.*PUBLISH/,
    ],
    [
      "a subscription that is refused",
      { reply: forbids("subscribe") },
      ["bad subscription"],
      "subscription",
      /does not open: wrong answer.*SUBSCRIBE/,
    ],
    [
      "a subscription that is buffered",
      { buffers: /^\/subscribe/ },
      ["bad subscription"],
      "subscription",
      /nothing came within 5 s.*buffers/,
    ],
    [
      "a subscription that is cut",
      { cuts: { path: /^\/subscribe/, afterMs: 700 } },
      ["bad silence"],
      "silence",
      /cut after 0\.\d s.*above 210 s/,
    ],
    [
      "a page in place of the store",
      { reply: () => ({ status: 200, text: "<h1>Welcome</h1>" }) },
      ["bad store"],
      "store",
      /wrong answer.*Check the URL/,
    ],
    [
      "a quota that is used up",
      { reply: () => ({ status: 400, text: `{"error":"ERR max requests limit exceeded. Limit: 500000"}` }) },
      ["bad store"],
      "store",
      /quota exhausted.*larger plan/,
    ],
  ])("finds %s", async (_, tampering, expected, subject, said) => {
    const { faults, text } = await diagnose({}, { environment: await behind(tampering) });
    expect(faults).toEqual(expected);
    expect(text(subject)).toMatch(said);
  });

  it("finds a store that is far from the functions", async () => {
    const environment = { ...(await behind({ reply: () => void wait(40) })), VERCEL_REGION: "fra1" };
    const { faults, text } = await diagnose({}, { environment });
    expect(faults).toContain("warning round trip");
    expect(text("round trip")).toMatch(/from the region fra1: it is far away.*regions/);
  });
});

describe("a key set", () => {
  it("with keys is good", async () => {
    const server = createServer((_, response) => response.end(`{"keys":[{"kty":"RSA"}]}`)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const { faults, text } = await diagnose(
      {},
      { environment: set({ CHAT_JWT_SECRET: undefined, CHAT_JWKS_URL: `http://127.0.0.1:${port}/keys` }) },
    );
    server.close();
    expect(faults).toEqual([]);
    expect(text("key set")).toContain("returns 1 keys");
  });
});

/** Keeps the proxy, and with it each command, busy. */
function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
