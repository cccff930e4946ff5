import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as v from "valibot";
import { afterAll, expect, test } from "vitest";
import { Sessions } from "../../lib/auth/session.js";
import { parseConfig } from "../../lib/config.js";

const NOW = Date.UTC(2026, 0, 1);
const MINUTES = 60_000;

const pairs = await Promise.all(["RS256", "RS256", "ES256", "RS256"].map((alg) => generateKeyPair(alg)));
const jwks = await Promise.all(pairs.map(({ publicKey }) => exportJWK(publicKey)));
const [first, second, elliptic, stranger] = pairs;

let isUp = true;
let published: unknown[] = jwks.slice(0, 3);
let fetches = 0;
let padding = "";
let isEndless = false;
const server = createServer((_, response) => {
  fetches++;
  if (isEndless) {
    const more = setInterval(() => response.write(" "), 50);
    response.on("close", () => clearInterval(more));
    return;
  }
  response.writeHead(isUp ? 200 : 503).end(JSON.stringify({ keys: published }) + padding);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => new Promise((resolve) => server.close(resolve)));

function sessions(): Sessions {
  isUp = true;
  published = jwks.slice(0, 3);
  fetches = 0;
  padding = "";
  isEndless = false;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const redis = { redisUrl: "http://127.0.0.1:1", redisToken: "none" };
  return new Sessions(parseConfig({ ...redis, jwksUrl: `http://127.0.0.1:${port}/jwks` }, {}));
}

function sign(pair: (typeof pairs)[number] | undefined, alg = "RS256", kid?: string): Promise<string> {
  if (pair === undefined) throw new Error("Cannot sign: there is no key");
  const claims = { sub: "ann", exp: NOW / 1000 + 7 * 86_400 };
  return new SignJWT(claims).setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) }).sign(pair.privateKey);
}

const Refusal = v.object({ extra: v.object({ retryAfter: v.number(), detail: v.string() }) });
const session = expect.objectContaining({ actor: { id: "ann", objectType: "person" } });
const unauthenticated = expect.objectContaining({ code: "unauthenticated" });
const unavailable = expect.objectContaining({ code: "unavailable", status: 503 });

test("each of several keys without a kid is tried, and no other", async () => {
  const it = sessions();
  for (const jwt of [await sign(first), await sign(second), await sign(elliptic, "ES256")])
    expect(await it.verify(jwt, NOW)).toEqual(session);
  await expect(it.verify(await sign(stranger), NOW)).rejects.toThrow(unauthenticated);
});

test("a kid picks the keys of that kid alone, of which there may be none", async () => {
  const it = sessions();
  published = [jwks[0], { ...jwks[1], kid: "second" }, { ...jwks[2], kid: "third" }];
  expect(await it.verify(await sign(second, "RS256", "second"), NOW)).toEqual(session);
  expect(await it.verify(await sign(second), NOW)).toEqual(session);
  for (const kid of ["first", "third", ""])
    await expect(it.verify(await sign(first, "RS256", kid), NOW)).rejects.toThrow(unauthenticated);
});

test("a provider whose keys cannot be read is what the problem names", async () => {
  const it = sessions();
  isUp = false;
  const { extra } = v.parse(Refusal, await it.verify(await sign(first), NOW).catch((error) => error));
  expect(extra).toMatchObject({ retryAfter: 5, detail: expect.stringMatching(/identity provider/) });
});

test("a key that is too short to be used does not hide the others", async () => {
  const it = sessions();
  const short = generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey.export({ format: "jwk" });
  published = [short, ...jwks.slice(0, 2)];
  for (const jwt of [await sign(first), await sign(second)]) expect(await it.verify(jwt, NOW)).toEqual(session);
  await expect(it.verify(await sign(stranger), NOW)).rejects.toThrow(unauthenticated);
});

test("what is no key is ignored beside the keys", async () => {
  const it = sessions();
  published = [{ kid: "no-kty" }, null, "none", { kty: "EC", crv: "P-0" }, { kty: "RSA" }, ...jwks.slice(0, 2)];
  for (const jwt of [await sign(first), await sign(second)]) expect(await it.verify(jwt, NOW)).toEqual(session);
  await expect(it.verify(await sign(stranger), NOW)).rejects.toThrow(unauthenticated);
});

test("known keys go on for a day while the provider is down", async () => {
  const it = sessions();
  const jwt = await sign(first);
  await it.verify(jwt, NOW);
  isUp = false;
  for (const after of [15, 60, 23 * 60]) expect(await it.verify(jwt, NOW + after * MINUTES)).toEqual(session);
  await expect(it.verify(jwt, NOW + 25 * 60 * MINUTES)).rejects.toThrow(unavailable);
  isUp = true;
  expect(await it.verify(jwt, NOW + 25 * 60 * MINUTES)).toEqual(session);
});

test("a set without a key does not replace known keys", async () => {
  const it = sessions();
  const jwt = await sign(first);
  await it.verify(jwt, NOW);
  published = [];
  expect(await it.verify(jwt, NOW + 15 * MINUTES)).toEqual(session);
});

test("a provider that is down is asked every 30 s, not with every request", async () => {
  const it = sessions();
  await it.verify(await sign(first), NOW);
  isUp = false;
  for (let s = 0; s < 60; s++) await it.verify(await sign(first), NOW + 15 * MINUTES + s * 1_000);
  expect(fetches).toBe(3);
  for (let s = 0; s < 20; s++)
    await expect(it.verify(await sign(first, "RS256", "new"), NOW + 16 * MINUTES + s * 1_000)).rejects.toThrow(
      unavailable,
    );
  expect(fetches).toBe(4);
});

test("a key that the provider withdraws is refused after ten minutes, a new one is found", async () => {
  const it = sessions();
  await it.verify(await sign(first), NOW);
  published = jwks.slice(1);
  await expect(it.verify(await sign(first), NOW + 10 * MINUTES)).rejects.toThrow(unauthenticated);
  expect(await it.verify(await sign(stranger), NOW + 11 * MINUTES)).toEqual(session);
});

test("a new key is found after the clock was set back, too", async () => {
  const it = sessions();
  await it.verify(await sign(first), NOW);
  published = jwks;
  expect(fetches).toBe(1);
  await it.verify(await sign(first), NOW - 60 * MINUTES);
  expect(fetches).toBe(2);
});

test("a set of more than 256 KiB is none, and the known keys go on", async () => {
  const it = sessions();
  const size = JSON.stringify({ keys: published }).length;
  padding = " ".repeat(256 * 1024 - size);
  expect(await it.verify(await sign(first), NOW)).toEqual(session);
  padding += " ";
  expect(await it.verify(await sign(first), NOW + 11 * MINUTES)).toEqual(session);
  expect(fetches).toBe(2);
  await expect(it.verify(await sign(stranger, "RS256", "other"), NOW + 11 * MINUTES)).rejects.toThrow(unavailable);
  const fresh = sessions();
  padding = " ".repeat(256 * 1024);
  await expect(fresh.verify(await sign(first), NOW)).rejects.toThrow(unavailable);
});

test("a set of more than 100 keys is none", async () => {
  const it = sessions();
  published = [...Array.from({ length: 98 }, () => jwks[1]), jwks[0], { what: "no key" }, jwks[2]];
  expect(await it.verify(await sign(first), NOW)).toEqual(session);
  const fresh = sessions();
  published = Array.from({ length: 101 }, () => jwks[0]);
  await expect(fresh.verify(await sign(first), NOW)).rejects.toThrow(unavailable);
});

test("a set without an end is given up after three seconds", async () => {
  const it = sessions();
  isEndless = true;
  const began = Date.now();
  await expect(it.verify(await sign(first), NOW)).rejects.toThrow(unavailable);
  expect(Date.now() - began).toBeLessThan(4_500);
});
