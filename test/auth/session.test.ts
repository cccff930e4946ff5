import { createServer, type Server } from "node:http";
import {
  base64url,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

const SECRET = "a secret of the host application, long enough";
const NOW = Date.UTC(2026, 0, 1);
const SECONDS = NOW / 1000;

type SessionModule = typeof import("../../lib/auth/session.js") & typeof import("../../lib/auth/guest.js");

/** Loads the module anew under an environment: it reads its keys at import. */
async function load(environment: Record<string, string>): Promise<SessionModule> {
  vi.resetModules();
  const cleared = {
    CHAT_GUESTS: undefined,
    CHAT_JWT_SECRET: undefined,
    CHAT_JWKS_URL: undefined,
    CHAT_JWT_ISSUER: undefined,
    CHAT_JWT_AUDIENCE: undefined,
  };
  const store = { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1", UPSTASH_REDIS_REST_TOKEN: "x" };
  for (const [name, value] of Object.entries({ ...cleared, ...store, ...environment })) vi.stubEnv(name, value);
  return { ...(await import("../../lib/auth/session.js")), ...(await import("../../lib/auth/guest.js")) };
}
afterEach(() => vi.unstubAllEnvs());

type Key = CryptoKey | Uint8Array;
const bytes = (text: string) => new TextEncoder().encode(text);

function sign(
  claims: JWTPayload,
  { key = bytes(SECRET), alg = "HS256", kid }: { key?: Key; alg?: string; kid?: string } = {},
) {
  return new SignJWT(claims).setProtectedHeader(kid === undefined ? { alg } : { alg, kid }).sign(key);
}

const claims = { sub: "nereid.user,123", exp: SECONDS + 3_600 };
const unauthenticated = expect.objectContaining({ code: "unauthenticated", status: 401, cause: undefined });

describe("HS256", () => {
  let session: SessionModule;
  beforeEach(async () => {
    session = await load({ CHAT_JWT_SECRET: SECRET });
  });
  const verify = async (claims: JWTPayload, as?: Parameters<typeof sign>[1]) =>
    session.verifySession(await sign(claims, as), NOW);

  test("a session says who it is and until when", async () => {
    expect(await verify(claims)).toEqual({
      actor: { id: "nereid.user,123", objectType: "person" },
      expires: NOW + 3_600_000,
    });
  });

  test("the leeway is at most 60 s", async () => {
    await expect(verify({ ...claims, exp: SECONDS - 20 })).resolves.toBeDefined();
    await expect(verify({ ...claims, exp: SECONDS - 61 })).rejects.toThrow(unauthenticated);
    await expect(verify({ ...claims, nbf: SECONDS + 20 })).resolves.toBeDefined();
    await expect(verify({ ...claims, nbf: SECONDS + 61 })).rejects.toThrow(unauthenticated);
  });

  test("an end beyond all dates is the last date", async () => {
    const { expires } = await verify({ ...claims, exp: 1e300 });
    expect(new Date(expires).toISOString()).toBe("+275760-09-13T00:00:00.000Z");
  });

  test.each([
    ["no exp", { sub: "ann" }],
    ["no sub", { exp: claims.exp }],
    ["an exp that is no number", { ...claims, exp: `${claims.exp}` }],
    ["an empty sub", { ...claims, sub: "" }],
    ["a numeric sub", { ...claims, sub: 123 }],
    ["a sub with a control character", { ...claims, sub: "a\nb" }],
    ["a sub that is no Unicode", { ...claims, sub: "a\ud800" }],
    ["a sub of 256 characters", { ...claims, sub: "a".repeat(256) }],
    ["contacts that are no list", { ...claims, contacts: "*" }],
    ["contacts that are null", { ...claims, contacts: null }],
    ["contacts that are no strings", { ...claims, contacts: ["ann", 1] }],
  ])("refused: %s", async (_, claims) => {
    const signed = await sign(JSON.parse(JSON.stringify(claims)));
    await expect(session.verifySession(signed, NOW)).rejects.toThrow(unauthenticated);
  });

  test.each(["", "x", "a.b", "a.b.c", "..", "a.b.c.d.e", "ä.ö.ü", "{}.{}.{}"])("no JWT: %j", async (jwt) => {
    await expect(session.verifySession(jwt, NOW)).rejects.toThrow(unauthenticated);
  });

  test("another secret, a changed payload, a cut signature are refused", async () => {
    await expect(verify(claims, { key: bytes(`${SECRET}!`) })).rejects.toThrow(unauthenticated);
    const [header, , signature] = (await sign(claims)).split(".");
    const changed = base64url.encode(JSON.stringify({ ...claims, sub: "root" }));
    for (const jwt of [`${header}.${changed}.${signature}`, `${header}.${changed}.`, `${header}.${changed}`]) {
      await expect(session.verifySession(jwt, NOW)).rejects.toThrow(unauthenticated);
    }
  });

  test("alg none is refused in any case", async () => {
    await expect(session.verifySession(new UnsecuredJWT(claims).encode(), NOW)).rejects.toThrow(unauthenticated);
    for (const alg of ["none", "None", "NONE", "nOnE", "", null, ["HS256"]]) {
      const header = base64url.encode(JSON.stringify({ alg, typ: "JWT" }));
      for (const signature of ["", "AAAA"]) {
        const jwt = `${header}.${base64url.encode(JSON.stringify(claims))}.${signature}`;
        await expect(session.verifySession(jwt, NOW)).rejects.toThrow(unauthenticated);
      }
    }
  });

  test("other algorithms are refused, of the same secret and of key pairs", async () => {
    const secret64 = new Uint8Array(64).fill(97);
    session = await load({ CHAT_JWT_SECRET: "a".repeat(64) });
    for (const alg of ["HS384", "HS512"])
      await expect(verify(claims, { key: secret64, alg })).rejects.toThrow(unauthenticated);
    const { privateKey } = await generateKeyPair("ES256");
    await expect(verify(claims, { key: privateKey, alg: "ES256" })).rejects.toThrow(unauthenticated);
  });

  test("the error does not carry the JWT", async () => {
    const jwt = await sign({ ...claims, exp: 1 });
    const fault = await session.verifySession(jwt, NOW).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "unauthenticated" });
    expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toMatch(/eyJ|nereid\.user/);
  });
});

describe("issuer and audience", () => {
  const iss = "https://host.example";
  const aud = "chat";

  test("are checked when configured", async () => {
    const { verifySession } = await load({ CHAT_JWT_SECRET: SECRET, CHAT_JWT_ISSUER: iss, CHAT_JWT_AUDIENCE: aud });
    const verify = async (more: JWTPayload) => verifySession(await sign({ ...claims, ...more }), NOW);
    await expect(verify({ iss, aud })).resolves.toBeDefined();
    await expect(verify({ iss, aud: ["shop", aud] })).resolves.toBeDefined();
    for (const more of [
      {},
      { iss },
      { aud },
      { iss: "https://evil.example", aud },
      { iss, aud: "shop" },
      { iss, aud: [] },
    ]) {
      await expect(verify(more)).rejects.toThrow(unauthenticated);
    }
  });

  test("do not matter otherwise", async () => {
    const { verifySession } = await load({ CHAT_JWT_SECRET: SECRET });
    await expect(verifySession(await sign({ ...claims, iss, aud }), NOW)).resolves.toBeDefined();
  });
});

describe("the actor", () => {
  let session: SessionModule;
  beforeEach(async () => {
    session = await load({ CHAT_JWT_SECRET: SECRET });
  });
  const actor = async (more: JWTPayload) =>
    (await session.verifySession(await sign({ ...claims, ...more }), NOW)).actor;
  const id = claims.sub;

  test("comes from the standard claims", async () => {
    const more = {
      name: "Ann",
      picture: "https://example.org/a.png",
      profile: "http://example.org/ann",
      email: "a@b.c",
    };
    expect(await actor(more)).toEqual({
      id,
      objectType: "person",
      displayName: "Ann",
      image: { url: "https://example.org/a.png" },
      url: "http://example.org/ann",
    });
  });

  test("loses what is no link and no name, but may still log in", async () => {
    for (const url of ["javascript:alert(1)", "data:text/html,x", "/ann", "", 1, null, {}]) {
      expect(await actor({ picture: url, profile: url, name: 1 })).toEqual({ id, objectType: "person" });
    }
  });

  test("takes the claim's properties over the derived ones, but its own id", async () => {
    const more = {
      name: "Ann",
      profile: "https://example.org/ann",
      actor: {
        id: "root",
        displayName: "Annie",
        objectType: "bot",
        team: { color: "blue" },
        image: { url: "https://a.b/c", width: 64 },
      },
    };
    expect(await actor(more)).toEqual({
      id,
      objectType: "bot",
      displayName: "Annie",
      url: "https://example.org/ann",
      image: { url: "https://a.b/c", width: 64 },
      team: { color: "blue" },
    });
  });

  test("drops misshapen standard properties of the claim", async () => {
    const more = {
      name: "Ann",
      profile: "https://example.org/ann",
      actor: { displayName: null, objectType: 1, url: "javascript:alert(1)", image: "https://a.b/c", team: 1 },
    };
    expect(await actor(more)).toEqual({
      id,
      objectType: "person",
      displayName: "Ann",
      url: "https://example.org/ann",
      team: 1,
    });
  });

  test("drops what the server owns, what reaches prototypes, what cannot be stored", async () => {
    const claim = JSON.parse(
      `{"__proto__":{"admin":true},"constructor":1,"prototype":1,"nested":{"__proto__":{"admin":true}},"seq":1,"timestamp":1,
        "sender":1,"edited":1,"retracted":1,"reactions":1,"entity":1,"blocked":1,"text":"\\ud800","\\udc00":1,
        "deep":${"[".repeat(8)}${"]".repeat(8)},"fine":{"a":[1]}}`,
    );
    const made = await actor({ actor: claim });
    expect(made).toEqual({ id, objectType: "person", fine: { a: [1] } });
    expect(made.admin).toBeUndefined();
  });

  test.each([
    ["a list", [1]],
    ["a string", "ann"],
    ["null", null],
    ["empty", {}],
  ])("a claim that is %s adds nothing", async (_, claim) => {
    expect(await actor({ actor: claim })).toEqual({ id, objectType: "person" });
  });

  test("has at most 4 KiB, standard properties before extensions", async () => {
    const image = { url: "https://a.b/c", note: "x".repeat(100) };
    const standard = { id, objectType: "person", displayName: "Ann", image: { url: image.url } };
    expect(await actor({ name: "Ann", actor: { image, fits: "x".repeat(3_500) } })).toMatchObject({
      image,
      fits: expect.any(String),
    });
    expect(await actor({ name: "Ann", actor: { image, big: "ä".repeat(2_048) } })).toEqual(standard);
    const longUrl = `https://a.b/${"c".repeat(5_000)}`;
    expect(await actor({ name: "Ann", picture: longUrl })).toEqual({ id, objectType: "person", displayName: "Ann" });
    expect(await actor({ name: "A".repeat(5_000), actor: { objectType: "x".repeat(5_000) } })).toEqual({
      id,
      objectType: "person",
    });
  });

  test("contacts come along", async () => {
    const { contacts } = await session.verifySession(await sign({ ...claims, contacts: ["ann", "team,*"] }), NOW);
    expect(contacts).toEqual(["ann", "team,*"]);
  });
});

describe("guests", () => {
  const iss = "https://host.example";

  test("hold a session that verifies for 30 days", async () => {
    const { signGuest, verifySession } = await load({
      CHAT_JWT_SECRET: SECRET,
      CHAT_JWT_ISSUER: iss,
      CHAT_JWT_AUDIENCE: "chat",
    });
    const { jwt, session } = await signGuest("Ann", NOW + 999);
    expect(session).toEqual({
      actor: {
        id: expect.stringMatching(/^guest,[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        objectType: "guest",
        displayName: "Ann",
      },
      expires: NOW + 30 * 86_400_000,
    });
    expect(await verifySession(jwt, NOW)).toEqual(session);
    await expect(verifySession(jwt, NOW + 31 * 86_400_000)).rejects.toThrow(unauthenticated);
  });

  test("are somebody else each time", async () => {
    const { signGuest } = await load({ CHAT_JWT_SECRET: SECRET });
    const [one, two] = [await signGuest("Ann", NOW), await signGuest("Ann", NOW)];
    expect(one.session.actor.id).not.toBe(two.session.actor.id);
  });

  test("are not made without a secret", async () => {
    const { signGuest } = await load({ CHAT_JWKS_URL: "http://127.0.0.1:1/jwks" });
    await expect(signGuest("Ann", NOW)).rejects.toThrow(unauthenticated);
  });
});

describe("key set", () => {
  let server: Server;
  let url: string;
  let respond: () => { status: number; body: string };
  let fetches = 0;
  const pairs = new Map<string, { publicKey: CryptoKey; privateKey: CryptoKey; jwk: JWK }>();

  beforeAll(async () => {
    for (const alg of ["ES256", "RS256", "EdDSA"]) {
      const pair = await generateKeyPair(alg, { extractable: true });
      pairs.set(alg, { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid: alg, alg, use: "sig" } });
    }
    server = createServer((_, response) => {
      fetches++;
      const { status, body } = respond();
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/jwks.json`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    fetches = 0;
    respond = () => ({ status: 200, body: JSON.stringify({ keys: [...pairs.values()].map(({ jwk }) => jwk) }) });
  });

  function signAs(alg: string, kid = alg) {
    return sign(claims, { key: pairs.get(alg)?.privateKey ?? bytes(SECRET), alg, kid });
  }

  test("keys of several kinds verify, fetched once", async () => {
    const { verifySession } = await load({ CHAT_JWKS_URL: url });
    for (const alg of pairs.keys()) {
      expect((await verifySession(await signAs(alg), NOW)).actor.id).toBe(claims.sub);
    }
    expect(fetches).toBe(1);
  });

  test("the secret goes on verifying beside it", async () => {
    const { verifySession } = await load({ CHAT_JWKS_URL: url, CHAT_JWT_SECRET: SECRET });
    await expect(verifySession(await sign(claims), NOW)).resolves.toBeDefined();
    expect(fetches).toBe(0);
    await expect(verifySession(await signAs("ES256"), NOW)).resolves.toBeDefined();
  });

  test("an unknown kid is refused without asking again and again", async () => {
    const { verifySession } = await load({ CHAT_JWKS_URL: url });
    for (let i = 0; i < 3; i++)
      await expect(verifySession(await signAs("ES256", "other"), NOW)).rejects.toThrow(unauthenticated);
    expect(fetches).toBe(1);
  });

  test("another key under a known kid is refused", async () => {
    const { verifySession } = await load({ CHAT_JWKS_URL: url });
    const { privateKey } = await generateKeyPair("ES256");
    await expect(
      verifySession(await sign(claims, { key: privateKey, alg: "ES256", kid: "ES256" }), NOW),
    ).rejects.toThrow(unauthenticated);
  });

  test("a public key is no secret: confusion is refused", async () => {
    for (const environment of [{ CHAT_JWKS_URL: url }, { CHAT_JWKS_URL: url, CHAT_JWT_SECRET: SECRET }]) {
      const { verifySession } = await load(environment);
      const pair = pairs.get("RS256");
      if (pair === undefined) throw new Error("no pair");
      const pem = await exportSPKI(pair.publicKey);
      for (const key of [pem, pem.trim(), JSON.stringify(pair.jwk), pair.jwk.n ?? ""]) {
        const jwt = await sign(claims, { key: bytes(key), kid: "RS256" });
        await expect(verifySession(jwt, NOW)).rejects.toThrow(unauthenticated);
      }
      await expect(verifySession(new UnsecuredJWT(claims).encode(), NOW)).rejects.toThrow(unauthenticated);
    }
  });

  test("a key in the header is not trusted", async () => {
    const { verifySession } = await load({ CHAT_JWKS_URL: url });
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    const jwt = await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", jwk, jku: "http://evil.example" })
      .sign(privateKey);
    await expect(verifySession(jwt, NOW)).rejects.toThrow(unauthenticated);
  });

  test("expiry, sub and audience count here, too", async () => {
    const { verifySession } = await load({ CHAT_JWKS_URL: url, CHAT_JWT_AUDIENCE: "chat" });
    const key = pairs.get("ES256")?.privateKey ?? bytes("");
    const signed = (more: JWTPayload) => sign(more, { key, alg: "ES256", kid: "ES256" });
    await expect(verifySession(await signed({ ...claims, aud: "chat" }), NOW)).resolves.toBeDefined();
    await expect(verifySession(await signed(claims), NOW)).rejects.toThrow(unauthenticated);
    await expect(verifySession(await signed({ ...claims, aud: "chat", exp: SECONDS - 61 }), NOW)).rejects.toThrow(
      unauthenticated,
    );
    await expect(verifySession(await signed({ exp: claims.exp, aud: "chat" }), NOW)).rejects.toThrow(unauthenticated);
  });

  test.each([
    ["answers 500", () => ({ status: 500, body: "" })],
    ["answers no JSON", () => ({ status: 200, body: "<html>" })],
    ["answers no key set", () => ({ status: 200, body: "{}" })],
  ])("unavailable while it %s, and then not", async (_, broken) => {
    const { verifySession } = await load({ CHAT_JWKS_URL: url });
    const working = respond;
    respond = broken;
    const unavailable = { code: "unavailable", status: 503, extra: { retryAfter: 5 } };
    await expect(verifySession(await signAs("ES256"), NOW)).rejects.toMatchObject(unavailable);
    respond = working;
    await expect(verifySession(await signAs("ES256"), NOW)).resolves.toBeDefined();
  });

  test("unavailable when nobody listens, but an HS256 token is refused all the same", async () => {
    const { verifySession } = await load({ CHAT_JWKS_URL: "http://127.0.0.1:1/jwks.json" });
    await expect(verifySession(await signAs("ES256"), NOW)).rejects.toMatchObject({ code: "unavailable", status: 503 });
    await expect(verifySession(await sign(claims), NOW)).rejects.toThrow(unauthenticated);
  });
});

test("without secret and key set nobody is let in", async () => {
  const { verifySession } = await load({});
  const { privateKey } = await generateKeyPair("ES256");
  await expect(verifySession(await sign(claims), NOW)).rejects.toThrow(unauthenticated);
  await expect(verifySession(await sign(claims, { key: privateKey, alg: "ES256" }), NOW)).rejects.toThrow(
    unauthenticated,
  );
});
