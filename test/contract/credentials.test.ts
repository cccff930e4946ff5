import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signGuest } from "../../lib/auth/guest.js";
import { composeChat } from "../support/chat.js";
import { inProcess } from "../support/in-process.js";
import { messages, type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// PROFILE §2, sentence by sentence.

const SECRET = new TextEncoder().encode("a secret of the tests that has 32 bytes or more");
const UNKNOWN = "0d6e7a50-2f0b-4b53-9c56-2f5a3d0c9d11";

const server = inProcess(
  {},
  { CHAT_JWT_ISSUER: "the host", CHAT_JWT_AUDIENCE: "the chat", CHAT_SESSION_COOKIE: "host_session" },
);
const closed = inProcess({}, { CHAT_GUESTS: "0" });
let ann: Outsider;
beforeAll(async () => {
  ann = await outsider(closed, somebody("ann"));
});
afterAll(async () => {
  await Promise.all([server.stop(), closed.stop()]);
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const hello = { type: "message", message: { to: ["nobody"], text: "Hello" } };
const seconds = () => Math.floor(Date.now() / 1_000);

describe("a session", () => {
  it("is good for everything: as a bearer", async () => {
    const entity = somebody();
    const headers = { authorization: `Bearer ${await session(entity)}` };
    expect((await closed.call("POST", "token", { headers })).status).toBe(200);
    expect((await closed.call("POST", "send", { headers, body: hello })).status).toBe(200);
    expect((await closed.call("GET", "stream?wait=0", { headers })).status).toBe(200);
    expect((await closed.call("GET", "threads", { headers })).status).toBe(200);
    expect((await closed.call("DELETE", "token", { headers })).status).toBe(204);
  });

  it("is good for everything: as a cookie", async () => {
    const headers = { cookie: `a=b; chat_session=${await session(somebody())}; c=d` };
    expect((await closed.call("POST", "token", { headers })).status).toBe(200);
    expect((await closed.call("POST", "send", { headers, body: hello })).status).toBe(200);
    expect((await closed.call("GET", "stream?wait=0", { headers })).status).toBe(200);
    expect((await closed.call("GET", "threads", { headers })).status).toBe(200);
  });

  it("comes in the cookie that CHAT_SESSION_COOKIE names", async () => {
    const claims = { iss: "the host", aud: "the chat" };
    const jwt = await session(somebody(), claims);
    expect((await server.call("GET", "threads", { headers: { cookie: `host_session=${jwt}` } })).status).toBe(200);
    const other = await server.call("GET", "threads", { headers: { cookie: `chat_session=${jwt}` } });
    expect(other).toMatchObject(problem(401, "unauthenticated"));
  });

  it.each([
    ["of another issuer", { iss: "another", aud: "the chat" }],
    ["for another audience", { iss: "the host", aud: "another" }],
    ["of no issuer", { aud: "the chat" }],
    ["for no audience", { iss: "the host" }],
  ])("%s is refused where they are set", async (_, claims) => {
    const headers = { authorization: `Bearer ${await session(somebody(), claims)}` };
    expect(await server.call("GET", "threads", { headers })).toMatchObject(problem(401, "unauthenticated"));
  });

  const forged: Record<string, () => Promise<string> | string> = {
    "with alg none": () => new UnsecuredJWT({}).setSubject("ann").setExpirationTime("1h").encode(),
    "signed with another secret": () =>
      new SignJWT({ sub: "ann" })
        .setProtectedHeader({ alg: "HS256" })
        .setExpirationTime("1h")
        .sign(new TextEncoder().encode("another secret that has 32 bytes or more too")),
    "signed by HS512": () =>
      new SignJWT({ sub: "ann" })
        .setProtectedHeader({ alg: "HS512" })
        .setExpirationTime("1h")
        .sign(new Uint8Array(64).fill(1)),
    "signed by a key that nobody listed": async () =>
      new SignJWT({ sub: "ann" })
        .setProtectedHeader({ alg: "RS256" })
        .setExpirationTime("1h")
        .sign((await generateKeyPair("RS256")).privateKey),
    "without exp": () => new SignJWT({ sub: "ann" }).setProtectedHeader({ alg: "HS256" }).sign(SECRET),
    "without sub": () => new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(SECRET),
    "with an empty sub": () => session(""),
    "with a control character in sub": () => session("a\u0000b"),
    "with a sub of 256 characters": () => session("a".repeat(256)),
    "that expired more than a minute ago": () =>
      new SignJWT({ sub: "ann" })
        .setProtectedHeader({ alg: "HS256" })
        .setExpirationTime(seconds() - 61)
        .sign(SECRET),
    "with its signature cut": async () => (await session("ann")).replace(/\.[^.]*$/, "."),
    "that is none": () => "nonsense",
  };
  it.each(Object.entries(forged))("%s is refused, as a bearer and as a cookie", async (_, make) => {
    const jwt = await make();
    for (const headers of [{ authorization: `Bearer ${jwt}` }, { cookie: `chat_session=${jwt}` }]) {
      const reply = await closed.call("POST", "token", { headers });
      expect(reply).toMatchObject(problem(401, "unauthenticated"));
      expect(reply.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
  });

  it("may be as long as 255 characters in sub", async () => {
    expect((await closed.token("é".repeat(255))).entity).toHaveLength(255);
  });
});

describe("the actor", () => {
  const actorOf = async (claims: Record<string, unknown>) => {
    const headers = { authorization: `Bearer ${await session("nereid.user,123", claims)}` };
    return part(await closed.call("POST", "token", { headers }), "actor");
  };

  it("comes from the claims", async () => {
    const claims = { name: "Ann", picture: "https://a.example/p.png", profile: "http://a.example/ann" };
    expect(await actorOf(claims)).toEqual({
      id: "nereid.user,123",
      objectType: "person",
      displayName: "Ann",
      image: { url: "https://a.example/p.png" },
      url: "http://a.example/ann",
    });
  });

  it("keeps extensions to the letter, but not the names that the server owns, nor another id", async () => {
    const owned = {
      seq: 1,
      timestamp: "t",
      sender: "s",
      edited: 1,
      retracted: 1,
      reactions: {},
      entity: "e",
      blocked: 1,
    };
    const extensions = {
      foo2: "some other",
      "x-y": [1, { z: null }],
      objectType: "bot",
      image: { url: "https://a.example/i", width: 250 },
    };
    expect(await actorOf({ actor: { id: "somebody else", ...owned, ...extensions } })).toEqual({
      id: "nereid.user,123",
      displayName: "nereid.user,123",
      ...extensions,
    });
  });

  it("has no link but to http and https", async () => {
    const actor = await actorOf({ picture: "data:image/png;base64,AA", profile: "javascript:alert(1)" });
    expect(actor).toEqual({ id: "nereid.user,123", objectType: "person", displayName: "nereid.user,123" });
  });

  it("is the sender of what it sends", async () => {
    const bot = await outsider(closed, somebody("bot"), { name: "Bot", actor: { objectType: "bot", version: 2 } });
    const sender = { id: "mallory", displayName: "Mallory" };
    await bot.say({ to: ["nobody"], text: "Hi", sender });
    const actor = { id: bot.entity, objectType: "bot", displayName: "Bot", version: 2 };
    expect(messages(await bot.news())).toMatchObject([{ sender: actor }]);
  });
});

describe("contacts", () => {
  it("bound whom their bearer may address or add", async () => {
    const friend = somebody("friend");
    const bound = await outsider(closed, somebody("bound"), { contacts: [friend, "team,*"] });
    const refused = problem(403, "not_a_contact");
    const room = await bound.call("POST", "threads", { kind: "room", members: [friend, "team,1"] });
    expect(room.status).toBe(201);
    const id = part(room, "id");
    for (const reply of [
      await bound.send({ type: "message", message: { to: ["stranger"], text: "Hi" } }),
      await bound.send({ type: "message", message: { to: [friend, "stranger"], text: "Hi" } }),
      await bound.send({ type: "message", message: { thread: "a-new-one", to: ["stranger"], text: "Hi" } }),
      await bound.call("POST", "threads", { kind: "room", members: ["stranger"] }),
      await bound.call("POST", "threads", { kind: "direct", members: ["teams"] }),
      await bound.call("PATCH", `threads/${id}`, { add: ["stranger"] }),
    ])
      expect(reply).toMatchObject(refused);
    expect((await bound.call("PATCH", `threads/${id}`, { add: ["team,2"] })).status).toBe(200);
    expect((await bound.say({ to: [friend, bound.entity], text: "Hi" })).seq).toBe(1);
  });

  it("that are none leave nobody", async () => {
    const bound = await outsider(closed, somebody("bound"), { contacts: [] });
    expect(await bound.send(hello)).toMatchObject(problem(403, "not_a_contact"));
  });

  it("do not keep their bearer from answering in a thread of others", async () => {
    const bound = await outsider(closed, somebody("bound"), { contacts: [] });
    const { thread } = await ann.say({ to: [bound.entity], text: "Hi" });
    expect((await bound.say({ thread, text: "Hi yourself" })).seq).toBe(2);
  });
});

describe("a chat token", () => {
  it("is good for the chat: in the path, and as a bearer", async () => {
    expect((await closed.call("POST", `send/${ann.token}`, { body: hello })).status).toBe(200);
    expect((await closed.call("GET", `stream/${ann.token}?wait=0`)).status).toBe(200);
    for (const [method, path, body] of [
      ["POST", "send", hello],
      ["GET", "stream?wait=0", undefined],
      ["GET", "threads", undefined],
      ["POST", "threads", { kind: "room", members: [] }],
    ] as const)
      expect((await ann.call(method, path, body)).status).toBeLessThan(300);
  });

  it("makes no tokens", async () => {
    expect(await ann.call("POST", "token")).toMatchObject(problem(403, "token_not_allowed"));
    expect(await ann.call("POST", "token", { displayName: "Ann" })).toMatchObject(problem(403, "token_not_allowed"));
    expect(await ann.call("DELETE", "token")).toMatchObject(problem(403, "token_not_allowed"));
  });

  it("is no cookie", async () => {
    const headers = { cookie: `chat_session=${ann.token}` };
    expect(await closed.call("GET", "threads", { headers })).toMatchObject(problem(401, "unauthenticated"));
  });

  it.each([UNKNOWN, "nonsense", "%00", "..%2F..", "a".repeat(500)])(
    "that is unknown is not found in the path: %s",
    async (token) => {
      expect(await closed.call("GET", `stream/${token}?wait=0`)).toMatchObject(problem(404, "token_unknown"));
      expect(await closed.call("POST", `send/${token}`, { body: hello })).toMatchObject(problem(404, "token_unknown"));
    },
  );

  it("that is unknown is no credential in the header", async () => {
    const headers = { authorization: `Bearer ${UNKNOWN}` };
    for (const [method, path, body] of [
      ["POST", "send", hello],
      ["GET", "stream?wait=0", undefined],
      ["GET", "threads", undefined],
      ["PATCH", "threads/some", { subject: "s" }],
    ] as const) {
      const reply = await closed.call(method, path, { headers, body });
      expect(reply).toMatchObject(problem(401, "token_unknown"));
      expect(reply.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
  });

  it("in the path counts, whatever the header says", async () => {
    const headers = { authorization: `Bearer ${await session(somebody())}` };
    const reply = await closed.call("GET", `stream/${UNKNOWN}?wait=0`, { headers });
    expect(reply).toMatchObject(problem(404, "token_unknown"));
  });
});

describe("no credential", () => {
  it.each([
    ["POST", "token", undefined],
    ["DELETE", "token", undefined],
    ["POST", "send", hello],
    ["GET", "stream?wait=0", undefined],
    ["GET", "threads", undefined],
    ["POST", "threads", { kind: "room", members: [] }],
    ["GET", "threads/some", undefined],
    ["PATCH", "threads/some", { subject: "s" }],
    ["GET", "threads/some/messages", undefined],
  ])("is unauthenticated: %s %s", async (method, path, body) => {
    const reply = await closed.call(method, path, { body });
    expect(reply).toMatchObject(problem(401, "unauthenticated"));
    expect(reply.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  it.each(["Bearer", "Bearer ", "bearer", "Bearer a b", "Bearer é", "Bearer nonsense"])(
    "is what an Authorization of %j brings, whatever the cookie",
    async (authorization) => {
      const cookie = `chat_session=${await session("ann")}`;
      const reply = await closed.call("GET", "threads", { headers: { authorization, cookie } });
      expect(reply).toMatchObject(problem(401, "unauthenticated"));
    },
  );

  it.each(["", "Basic YTpi", "nonsense", "Bearerish x", "Digest username=Bearer"])(
    "is not what an Authorization of another scheme brings, such as %j: the cookie counts",
    async (authorization) => {
      const cookie = `chat_session=${await session("ann")}`;
      expect((await closed.call("GET", "threads", { headers: { authorization, cookie } })).status).toBe(200);
      expect(await closed.call("GET", "threads", { headers: { authorization } })).toMatchObject(
        problem(401, "unauthenticated"),
      );
    },
  );
});

describe("a guest", () => {
  it("comes by a name, gets a token and a session in a cookie", async () => {
    const first = await server.call("POST", "token", { body: { displayName: "Zoë" } });
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({
      token: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      actor: { id: expect.stringMatching(/^guest,[0-9a-f-]{36}$/), objectType: "guest", displayName: "Zoë" },
    });
    const [pair = "", ...attributes] = first.headers.get("set-cookie")?.split("; ") ?? [];
    expect(attributes).toEqual(expect.arrayContaining(["HttpOnly", "SameSite=Lax"]));
    expect(attributes).not.toContain("Secure");
    const again = await server.call("POST", "token", { headers: { cookie: pair } });
    expect(again.status).toBe(200);
    expect(part(again, "actor")).toEqual(part(first, "actor"));
    expect(again.headers.has("set-cookie")).toBe(false);
  });

  it.each([
    ["of a former secret", "another secret of the tests, of 32 bytes or more", 0],
    ["that has expired", undefined, 31 * 86_400_000],
    ["of a former secret", undefined, undefined],
  ])("is a new one after a cookie %s, which is replaced", async (_, jwtSecret, age) => {
    const { config } = composeChat(jwtSecret === undefined ? {} : { jwtSecret });
    const signed = await signGuest({ config }, "Ann", Date.now() - (age ?? 0));
    const jwt = age === undefined ? `${signed.jwt.slice(0, -4)}AAAA` : signed.jwt;
    const headers = { cookie: `host_session=${jwt}` };
    expect(await server.call("POST", "token", { headers })).toMatchObject(problem(401, "unauthenticated"));
    expect(await server.call("GET", "threads", { headers })).toMatchObject(problem(401, "unauthenticated"));
    const reply = await server.call("POST", "token", { body: { displayName: "Zoë" }, headers });
    expect(reply).toMatchObject({ status: 200, json: { actor: { displayName: "Zoë" } } });
    expect(part(reply, "actor", "id")).not.toBe(signed.session.actor.id);
    const [cookie = ""] = reply.headers.get("set-cookie")?.split("; ") ?? [];
    expect(await server.call("POST", "token", { headers: { cookie } })).toMatchObject({ status: 200 });
  });

  it("is not made in place of one whose session is a bearer, or from a page of another origin", async () => {
    const { config } = composeChat({ jwtSecret: "another secret of the tests, of 32 bytes or more" });
    const { jwt } = await signGuest({ config }, "Ann", Date.now());
    const ask = (headers: Record<string, string>) =>
      server.call("POST", "token", { body: { displayName: "Zoë" }, headers });
    expect(await ask({ authorization: `Bearer ${jwt}` })).toMatchObject(problem(401, "unauthenticated"));
    const foreign = { cookie: `host_session=${jwt}`, origin: "https://elsewhere.example" };
    expect(await ask(foreign)).toMatchObject(problem(403, "origin_not_allowed"));
  });

  it("gets a secure cookie on https", async () => {
    const headers = { "x-forwarded-proto": "https" };
    const reply = await server.call("POST", "token", { body: { displayName: "Zoë" }, headers });
    expect(reply.headers.get("set-cookie")).toMatch(/; Secure(;|$)/);
  });

  it("is somebody else each time", async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => server.call("POST", "token", { body: { displayName: "Zoë" } })),
    );
    expect(part(one, "actor", "id")).not.toBe(part(two, "actor", "id"));
  });

  it("does not come without a name, which is all that is missing", async () => {
    for (const body of [undefined, {}, { name: "Zoë" }, { displayName: null }]) {
      const reply = await server.call("POST", "token", { body });
      expect(reply).toMatchObject(problem(401, "unauthenticated"));
      expect(reply).toMatchObject({ json: { guests: true } });
    }
  });

  it("is not invited by another refusal", async () => {
    const headers = { cookie: "host_session=nonsense" };
    for (const reply of [
      await closed.call("POST", "token"),
      await server.call("POST", "token", { headers }),
      await server.call("GET", "threads"),
    ])
      expect(part(reply, "guests")).toBeUndefined();
  });

  it("cannot come with a name that is none", async () => {
    for (const displayName of [1, {}, [], "x".repeat(10_000)]) {
      expect(await server.call("POST", "token", { body: { displayName } })).toMatchObject(problem(400, "invalid"));
    }
  });

  it("does not come where guests are not let in", async () => {
    const reply = await closed.call("POST", "token", { body: { displayName: "Zoë" } });
    expect(reply).toMatchObject(problem(401, "unauthenticated"));
    expect(reply.headers.has("set-cookie")).toBe(false);
  });

  it("does not come by a session that went bad", async () => {
    const headers = { cookie: "host_session=nonsense" };
    const reply = await server.call("POST", "token", { body: { displayName: "Zoë" }, headers });
    expect(reply).toMatchObject(problem(401, "unauthenticated"));
  });
});
