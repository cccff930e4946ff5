import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_POLICY } from "../../lib/http/admin-page.js";
import { LISTED, STRANGE } from "../contract/responses.js";
import { inProcess } from "../support/in-process.js";
import { somebody } from "../support/outsider.js";
import { session } from "../support/site.js";
import { ENDPOINTS, type Endpoint } from "./endpoints.js";
import { EXAMPLES } from "./examples.js";

// Every operation of the OpenAPI description, asked in every way that is refused or granted: a new one cannot be forgotten.

const SOME_UUID = "6f2f9ad5-5a3c-4c53-9f8e-0d4d2f7d9c11";
const CRON_SECRET = "the secret of the clock";
const IDS: Readonly<Record<string, string>> = {
  token: SOME_UUID,
  code: "x".repeat(22),
  report: "x".repeat(43),
  invite: "x".repeat(43),
  file: "x".repeat(22),
  device: "x".repeat(43),
  id: "nothing",
};
const OPERATIONS = ENDPOINTS.filter(({ file }) => file === undefined).map((endpoint) => ({
  name: `${endpoint.method.toUpperCase()} ${endpoint.path}`,
  endpoint,
}));

const options = { guests: true, origins: [LISTED], cronSecret: CRON_SECRET };
const server = inProcess(options);
const tight = inProcess({ ...options, rateSend: 1, rateStream: 1, rateToken: 1, rateGuest: 1 });
const storeless = inProcess({ ...options, redisUrl: "http://127.0.0.1:1" });
afterAll(() => Promise.all([server, tight, storeless].map((it) => it.stop())));

const credentials = { session: "", server: "", moderator: "" };
beforeAll(async () => {
  credentials.session = await session(somebody("ann"));
  credentials.moderator = await session(somebody("mod"), { role: "moderator" });
  credentials.server = await session("server", { scope: "chat:server" });
});

type Way = { place?: typeof server; method?: string; body?: string; type?: string; headers?: Record<string, string> };

/** Asks an operation with a credential that it takes, and whatever body is given. */
async function ask({ method, path, who, query: asked }: Endpoint, way: Way = {}): Promise<Response> {
  const { place = server, body, type = "application/json", headers = {} } = way;
  const bearer = path === "/cron" ? CRON_SECRET : credentialFor(who, path);
  const sent = {
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(body === undefined ? {} : { "content-type": type }),
    ...headers,
  };
  const real = path.slice(1).replace(/\{(\w+)\}/g, (_, name) => IDS[name] ?? "");
  const query = new URLSearchParams(path.startsWith("/stream") ? { wait: "0" } : {});
  for (const [name, schema] of Object.entries(asked?.schema.entries ?? {}))
    if (!/optional/.test(schema.type)) query.set(name, "tea");
  const init = { method: way.method ?? method.toUpperCase(), headers: sent, ...(body === undefined ? {} : { body }) };
  return place.fetch(`${real}?${query}`, init);
}

function credentialFor(who: Endpoint["who"], path: string): string | undefined {
  if (who === "server") return credentials.server;
  if (who === "staff" || path.startsWith("/reports")) return credentials.moderator;
  return who === "anybody" || who === "token in path" ? undefined : credentials.session;
}

/** Checks what every answer carries, whatever it says (PROFILE §1). */
async function checkGeneral(response: Response): Promise<void> {
  const text = await response.text();
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "cache-control": "private, no-store, no-transform",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": isPage(response) ? ADMIN_POLICY : "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    vary: "Origin, Authorization, Cookie, Accept",
  });
  for (const name of ["etag", "last-modified", "server", "x-powered-by"])
    expect(response.headers.has(name)).toBe(false);
  const { status, headers } = response;
  if (text === "") return;
  expect(headers.get("content-length")).toBe(`${Buffer.byteLength(text)}`);
  if (status >= 400) {
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(text)).toMatchObject({ status, code: expect.stringMatching(/^[a-z_]+$/) });
  }
  expect(headers.has("www-authenticate")).toBe(status === 401);
  expect(headers.has("allow")).toBe(status === 405);
  const seconds = headers.get("retry-after");
  expect(seconds !== null).toBe(status === 429 || status === 503);
  if (seconds !== null) expect(Number(seconds)).toBeGreaterThanOrEqual(1);
}

/** Whether a response is the page for moderators, the only one that a function serves. */
function isPage({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("text/html") === true;
}

/** Whether a status is one of those that an operation is said to have; a wrong method is said once, for all. */
function isDescribed({ answers, who, query, body, problems = [] }: Endpoint, status: number): boolean {
  if (Object.hasOwn(answers, status) || status === 429 || status === 503) return true;
  if (status === 400) return query !== undefined || body !== undefined;
  if (status === 413 || status === 415) return body !== undefined;
  if (status === 401) return who !== "token in path" || problems.includes("unauthenticated");
  return status === 403 || status === 404;
}

describe.each(OPERATIONS)("$name", ({ endpoint }) => {
  const { method, body, who } = endpoint;

  it("has the general headers with a credential, without one, and with a wrong one", async () => {
    for (const headers of [
      {},
      { authorization: "" },
      { authorization: `Bearer ${SOME_UUID}` },
      { authorization: "x" },
    ]) {
      const response = await ask(endpoint, { headers });
      expect([response.status, isDescribed(endpoint, response.status)]).toEqual([response.status, true]);
      await checkGeneral(response);
    }
  });

  it("lets a page of a listed origin read the answer and how long to wait, and no other page", async () => {
    const granted = await ask(endpoint, { headers: { origin: LISTED } });
    expect(Object.fromEntries(granted.headers)).toMatchObject({
      "access-control-allow-origin": LISTED,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "Allow, Retry-After, WWW-Authenticate",
    });
    await checkGeneral(granted);
    for (const origin of [STRANGE, "null"]) {
      const response = await ask(endpoint, { headers: { origin } });
      expect([...response.headers.keys()].filter((it) => it.startsWith("access-control-"))).toEqual([]);
      await checkGeneral(response);
    }
  });

  it("is allowed by a preflight of a listed origin for ten minutes", async () => {
    const headers = { origin: LISTED, "access-control-request-method": method.toUpperCase(), authorization: "" };
    const response = await ask(endpoint, { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")?.split(", ")).toContain(method.toUpperCase());
    expect(response.headers.get("access-control-allow-headers")).toBe("Authorization, Content-Type, Last-Event-ID");
    expect(response.headers.get("access-control-max-age")).toBe("600");
    await checkGeneral(response);
    const strange = await ask(endpoint, { method: "OPTIONS", headers: { ...headers, origin: STRANGE } });
    expect(strange.status).toBe(204);
    expect(strange.headers.has("access-control-allow-origin")).toBe(false);
    await checkGeneral(strange);
  });

  it("names the methods of its path to any other, HEAD included", async () => {
    for (const wrong of ["HEAD", "PROPFIND"]) {
      const response = await ask(endpoint, { method: wrong });
      expect(response.status).toBe(405);
      const allowed = response.headers.get("allow")?.split(", ");
      expect(allowed).toEqual(expect.arrayContaining([method.toUpperCase(), "OPTIONS"]));
      expect(allowed).not.toContain(wrong);
      await checkGeneral(response);
    }
  });

  it.runIf(body !== undefined)("refuses a body that is malformed, too large or of another type", async () => {
    const ways: readonly [number, Way][] = [
      [400, { body: "{" }],
      [400, { body: '"x"' }],
      [413, { body: `"${"x".repeat(70_000)}"` }],
      [415, { body: "{}", type: "text/plain" }],
    ];
    for (const [status, way] of ways) {
      const response = await ask(endpoint, way);
      // A chat token that is none is refused before the body is read.
      const expected = who === "token in path" ? [status, 404] : [status];
      expect(expected).toContain(response.status);
      await checkGeneral(response);
    }
  });

  it.skipIf(endpoint.unrationed)("says how long to wait when there are too many requests, or no store", async () => {
    const whole = body === undefined ? {} : { body: JSON.stringify(EXAMPLES[body.schema]) };
    // The host's server may ask a hundred times at once.
    const count = who === "server" ? 120 : 20;
    const all = await Promise.all(Array.from({ length: count }, () => ask(endpoint, { ...whole, place: tight })));
    expect(all.map(({ status }) => status)).toContain(429);
    for (const response of all) await checkGeneral(response);
    const failed = await ask(endpoint, { ...whole, place: storeless });
    // What is no credential at all, a clock that finds nothing to do, what was counted here, and a page for a secret that was given need no store.
    const others: Readonly<Record<string, number>> = { "/cron": 200, "/metrics": 200, "/setup": 404 };
    expect([503, 401, others[endpoint.path]]).toContain(failed.status);
    await checkGeneral(failed);
  });
});
