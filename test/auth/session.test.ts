import { createServer, type Server } from "node:http";
import {
  base64url,
  CompactSign,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { signGuest } from "../../lib/auth/guest.js";
import { Sessions } from "../../lib/auth/session.js";
import { type ChatOptions, parseConfig } from "../../lib/config.js";

const SECRET = "a secret of the host application, long enough";
const NOW = Date.UTC(2026, 0, 1);
const SECONDS = NOW / 1000;

const redis = { redisUrl: "http://127.0.0.1:1", redisToken: "none" };
const configure = (options: ChatOptions) => parseConfig({ ...redis, ...options }, {});
const sessionsOf = (options: ChatOptions) => new Sessions(configure(options));

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
  const sessions = sessionsOf({ jwtSecret: SECRET });
  const verify = async (claims: JWTPayload, as?: Parameters<typeof sign>[1]) =>
    sessions.verify(await sign(claims, as), NOW);

  test("a session names its user and its end", async () => {
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

  test("an expiry beyond the range of dates becomes the last date", async () => {
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
    ["a contact that is empty", { ...claims, contacts: ["ann", ""] }],
    ["a contact that no entity can be", { ...claims, contacts: ["\u200b"] }],
    ["a contact with half a character", { ...claims, contacts: ["\ud800*"] }],
  ])("refused: %s", async (_, claims) => {
    const signed = await sign(JSON.parse(JSON.stringify(claims)));
    await expect(sessions.verify(signed, NOW)).rejects.toThrow(unauthenticated);
  });

  test.each(["", "x", "a.b", "a.b.c", "..", "a.b.c.d.e", "ä.ö.ü", "{}.{}.{}"])(
    "a text that is not a JWT is refused: %j",
    async (jwt) => {
      await expect(sessions.verify(jwt, NOW)).rejects.toThrow(unauthenticated);
    },
  );

  test("another secret, a changed payload and a truncated signature are refused", async () => {
    await expect(verify(claims, { key: bytes(`${SECRET}!`) })).rejects.toThrow(unauthenticated);
    const [header, , signature] = (await sign(claims)).split(".");
    const changed = base64url.encode(JSON.stringify({ ...claims, sub: "root" }));
    for (const jwt of [`${header}.${changed}.${signature}`, `${header}.${changed}.`, `${header}.${changed}`]) {
      await expect(sessions.verify(jwt, NOW)).rejects.toThrow(unauthenticated);
    }
  });

  test("alg none is refused in any case", async () => {
    await expect(sessions.verify(new UnsecuredJWT(claims).encode(), NOW)).rejects.toThrow(unauthenticated);
    for (const alg of ["none", "None", "NONE", "nOnE", "", null, ["HS256"]]) {
      const header = base64url.encode(JSON.stringify({ alg, typ: "JWT" }));
      for (const signature of ["", "AAAA"]) {
        const jwt = `${header}.${base64url.encode(JSON.stringify(claims))}.${signature}`;
        await expect(sessions.verify(jwt, NOW)).rejects.toThrow(unauthenticated);
      }
    }
  });

  test("other algorithms are refused, with the same secret and with key pairs", async () => {
    const secret64 = new Uint8Array(64).fill(97);
    const sessions = sessionsOf({ jwtSecret: "a".repeat(64) });
    const { privateKey } = await generateKeyPair("ES256");
    await expect(sessions.verify(await sign(claims, { key: secret64 }), NOW)).resolves.toBeDefined();
    for (const key of [
      { key: secret64, alg: "HS384" },
      { key: secret64, alg: "HS512" },
      { key: privateKey, alg: "ES256" },
    ]) {
      await expect(sessions.verify(await sign(claims, key), NOW)).rejects.toThrow(unauthenticated);
    }
  });

  test("the error does not carry the JWT", async () => {
    const jwt = await sign({ ...claims, exp: 1 });
    const fault = await sessions.verify(jwt, NOW).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "unauthenticated" });
    expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toMatch(/eyJ|nereid\.user/);
  });
});

describe("issuer and audience", () => {
  const iss = "https://host.example";
  const aud = "chat";

  test("are checked when configured", async () => {
    const sessions = sessionsOf({ jwtSecret: SECRET, jwtIssuer: iss, jwtAudience: aud });
    const verify = async (more: JWTPayload) => sessions.verify(await sign({ ...claims, ...more }), NOW);
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

  test("are ignored otherwise", async () => {
    const sessions = sessionsOf({ jwtSecret: SECRET });
    await expect(sessions.verify(await sign({ ...claims, iss, aud }), NOW)).resolves.toBeDefined();
  });
});

describe("the actor", () => {
  const sessions = sessionsOf({ jwtSecret: SECRET });
  const actor = async (more: JWTPayload) => (await sessions.verify(await sign({ ...claims, ...more }), NOW)).actor;
  const id = claims.sub;

  test("has a name that others can see, or none", async () => {
    expect(await actor({ name: " A\u200bnn\u202e " })).toMatchObject({ displayName: "Ann" });
    expect(await actor({ actor: { displayName: "\u200b" } })).not.toHaveProperty("displayName");
    expect(await actor({ actor: { displayName: 1 } })).not.toHaveProperty("displayName");
  });

  test("has no number that would not come back to the letter, at any depth", async () => {
    const signed = (number: string) => {
      const payload = `{"sub":"${id}","exp":${claims.exp},"actor":{"n":${number},"deep":{"few":[1,${number}]},"kept":1.5}}`;
      return new CompactSign(bytes(payload)).setProtectedHeader({ alg: "HS256" }).sign(bytes(SECRET));
    };
    for (const number of ["-0", "9007199254740993", "1e400"])
      expect((await sessions.verify(await signed(number), NOW)).actor).toEqual({ id, objectType: "person", kept: 1.5 });
    expect((await sessions.verify(await signed("7"), NOW)).actor).toMatchObject({ n: 7, deep: { few: [1, 7] } });
  });

  test("keeps link and picture when its extensions are too large", async () => {
    const [url, picture] = ["https://example.org/ann", "https://example.org/a.png"];
    const slim = await actor({ name: "Ann", profile: url, picture, actor: { more: "x".repeat(4_096) } });
    expect(slim).toEqual({ id, objectType: "person", displayName: "Ann", url, image: { url: picture } });
    expect(await actor({ actor: { more: "x".repeat(4_096) } })).toEqual({ id, objectType: "person" });
  });

  test("has at most 4,096 bytes", async () => {
    const rest = Buffer.byteLength(JSON.stringify({ id, objectType: "person", more: "" }));
    expect(await actor({ actor: { more: "x".repeat(4_096 - rest) } })).toHaveProperty("more");
    expect(await actor({ actor: { more: "x".repeat(4_097 - rest) } })).not.toHaveProperty("more");
  });

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

  test("loses invalid links and names, but can still log in", async () => {
    for (const url of ["javascript:alert(1)", "data:text/html,x", "/ann", "", 1, null, {}]) {
      expect(await actor({ picture: url, profile: url, name: 1 })).toEqual({ id, objectType: "person" });
    }
  });

  test("prefers properties of the actor claim to derived ones, except for the id", async () => {
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

  test("drops malformed standard properties of the claim", async () => {
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

  test("has at most 4 KiB: extensions are dropped before standard properties", async () => {
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

  test("contacts are kept", async () => {
    const { contacts } = await sessions.verify(await sign({ ...claims, contacts: ["ann", "team,*"] }), NOW);
    expect(contacts).toEqual(["ann", "team,*"]);
  });
});

describe("the user function of the host", () => {
  const request = new Request("http://chat.test/");
  const ask = (user?: NonNullable<ChatOptions["user"]>) =>
    sessionsOf({ ...(user && { user }), tokenTtl: 60 }).ask(request, NOW);

  test("says who sends a request, for as long as a chat token lives", async () => {
    const asked: Request[] = [];
    const user = {
      ...{ id: "ann", displayName: "Ann", image: "https://a.b/c", url: "https://a.b/ann", contacts: ["team,*"] },
      actor: { team: "blue", id: "root" },
    };
    for (const given of [user, Promise.resolve(user)]) {
      const session = await ask((request) => {
        asked.push(request);
        return given;
      });
      expect(session).toEqual({
        actor: {
          ...{ id: "ann", objectType: "person", displayName: "Ann", url: "https://a.b/ann", team: "blue" },
          image: { url: "https://a.b/c" },
        },
        contacts: ["team,*"],
        expires: NOW + 60_000,
      });
    }
    expect(asked).toEqual([request, request]);
  });

  test("may say that nobody is logged in, or be missing", async () => {
    for (const nobody of [undefined, null]) expect(await ask(() => nobody)).toBeUndefined();
    expect(await ask()).toBeUndefined();
  });

  test("keeps an empty list of contacts, which allows nobody", async () => {
    expect(await ask(() => ({ id: "ann", contacts: [] }))).toMatchObject({ contacts: [] });
  });

  test.each(["", "a\nb", "a".repeat(256)])("fails for the id %j, which no entity has", async (id) => {
    await expect(ask(() => ({ id }))).rejects.toMatchObject({ code: "internal", status: 500 });
  });
});

describe("guests", () => {
  const iss = "https://host.example";

  test("hold a session that verifies for 30 days", async () => {
    const config = configure({ jwtSecret: SECRET, jwtIssuer: iss, jwtAudience: "chat" });
    const sessions = new Sessions(config);
    const { jwt, session } = await signGuest({ config }, "Ann", NOW + 999);
    expect(session).toEqual({
      actor: {
        id: expect.stringMatching(/^guest,[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        objectType: "guest",
        displayName: "Ann",
      },
      expires: NOW + 30 * 86_400_000,
    });
    expect(await sessions.verify(jwt, NOW)).toEqual(session);
    await expect(sessions.verify(jwt, NOW + 31 * 86_400_000)).rejects.toThrow(unauthenticated);
  });

  test("get a new id each time", async () => {
    const config = configure({ jwtSecret: SECRET });
    const [one, two] = [await signGuest({ config }, "Ann", NOW), await signGuest({ config }, "Ann", NOW)];
    expect(one.session.actor.id).not.toBe(two.session.actor.id);
  });

  test("are not created without a secret", async () => {
    const config = configure({ jwksUrl: "http://127.0.0.1:1/jwks" });
    await expect(signGuest({ config }, "Ann", NOW)).rejects.toThrow(unauthenticated);
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

  test("keys of several kinds verify, and are fetched once", async () => {
    const sessions = sessionsOf({ jwksUrl: url });
    for (const alg of pairs.keys()) {
      expect((await sessions.verify(await signAs(alg), NOW)).actor.id).toBe(claims.sub);
    }
    expect(fetches).toBe(1);
  });

  test("the secret continues to verify beside it", async () => {
    const sessions = sessionsOf({ jwksUrl: url, jwtSecret: SECRET });
    await expect(sessions.verify(await sign(claims), NOW)).resolves.toBeDefined();
    expect(fetches).toBe(0);
    await expect(sessions.verify(await signAs("ES256"), NOW)).resolves.toBeDefined();
  });

  test("an unknown kid is refused without asking again and again", async () => {
    const sessions = sessionsOf({ jwksUrl: url });
    for (let i = 0; i < 3; i++)
      await expect(sessions.verify(await signAs("ES256", "other"), NOW)).rejects.toThrow(unauthenticated);
    expect(fetches).toBe(1);
  });

  test("another key under a known kid is refused", async () => {
    const sessions = sessionsOf({ jwksUrl: url });
    const { privateKey } = await generateKeyPair("ES256");
    await expect(
      sessions.verify(await sign(claims, { key: privateKey, alg: "ES256", kid: "ES256" }), NOW),
    ).rejects.toThrow(unauthenticated);
  });

  test("a public key is no secret: confusion is refused", async () => {
    for (const environment of [{ jwksUrl: url }, { jwksUrl: url, jwtSecret: SECRET }]) {
      const sessions = sessionsOf(environment);
      const pair = pairs.get("RS256");
      if (pair === undefined) throw new Error("no pair");
      const pem = await exportSPKI(pair.publicKey);
      for (const key of [pem, pem.trim(), JSON.stringify(pair.jwk), pair.jwk.n ?? ""]) {
        const jwt = await sign(claims, { key: bytes(key), kid: "RS256" });
        await expect(sessions.verify(jwt, NOW)).rejects.toThrow(unauthenticated);
      }
      await expect(sessions.verify(new UnsecuredJWT(claims).encode(), NOW)).rejects.toThrow(unauthenticated);
    }
  });

  test("a key in the header is not trusted", async () => {
    const sessions = sessionsOf({ jwksUrl: url });
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    const jwt = await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", jwk, jku: "http://evil.example" })
      .sign(privateKey);
    await expect(sessions.verify(jwt, NOW)).rejects.toThrow(unauthenticated);
  });

  test("expiry, sub and audience are checked here, too", async () => {
    const sessions = sessionsOf({ jwksUrl: url, jwtAudience: "chat" });
    const key = pairs.get("ES256")?.privateKey ?? bytes("");
    const signed = (more: JWTPayload) => sign(more, { key, alg: "ES256", kid: "ES256" });
    await expect(sessions.verify(await signed({ ...claims, aud: "chat" }), NOW)).resolves.toBeDefined();
    await expect(sessions.verify(await signed(claims), NOW)).rejects.toThrow(unauthenticated);
    await expect(sessions.verify(await signed({ ...claims, aud: "chat", exp: SECONDS - 61 }), NOW)).rejects.toThrow(
      unauthenticated,
    );
    await expect(sessions.verify(await signed({ exp: claims.exp, aud: "chat" }), NOW)).rejects.toThrow(unauthenticated);
  });

  test.each([
    ["answers 500", () => ({ status: 500, body: "" })],
    ["answers no JSON", () => ({ status: 200, body: "<html>" })],
    ["answers no key set", () => ({ status: 200, body: "{}" })],
  ])("unavailable while it %s, and available again afterwards", async (_, broken) => {
    const sessions = sessionsOf({ jwksUrl: url });
    const working = respond;
    respond = broken;
    const unavailable = { code: "unavailable", status: 503, extra: { retryAfter: 5 } };
    await expect(sessions.verify(await signAs("ES256"), NOW)).rejects.toMatchObject(unavailable);
    respond = working;
    await expect(sessions.verify(await signAs("ES256"), NOW)).resolves.toBeDefined();
  });

  test("unavailable when nothing listens, but an HS256 token is still refused", async () => {
    const sessions = sessionsOf({ jwksUrl: "http://127.0.0.1:1/jwks.json" });
    await expect(sessions.verify(await signAs("ES256"), NOW)).rejects.toMatchObject({
      code: "unavailable",
      status: 503,
    });
    await expect(sessions.verify(await sign(claims), NOW)).rejects.toThrow(unauthenticated);
  });
});

test("without secret and key set every session is refused", async () => {
  const sessions = sessionsOf({});
  const { privateKey } = await generateKeyPair("ES256");
  await expect(sessions.verify(await sign(claims), NOW)).rejects.toThrow(unauthenticated);
  await expect(sessions.verify(await sign(claims, { key: privateKey, alg: "ES256" }), NOW)).rejects.toThrow(
    unauthenticated,
  );
});
