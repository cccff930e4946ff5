import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.js";
import { outsider, somebody } from "../support/outsider.js";
import { service } from "../support/service.js";
import { session } from "../support/site.js";

const chat = inProcess();
const server = await service(chat);
afterAll(() => chat.stop());

const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
const text = (message: object) => ({ type: "message", message });
const asUser = (entity: string) => `as=${encodeURIComponent(entity)}`;
const SYSTEM = "nereid-chat:system";

describe("a service credential", () => {
  test.each([
    ["chat:server", 200],
    ["openid chat:server", 200],
    ["chat:server profile", 200],
    ["chat:servers", 403],
    ["chat", 403],
    [["openid", "chat:server"], 200],
    [["chat"], 403],
    [[["chat:server"]], 403],
    [{ 0: "chat:server" }, 403],
    [undefined, 403],
  ])("of the scope %j is answered by %i", async (scope, status) => {
    const jwt = await session("server", scope === undefined ? {} : { scope });
    const { status: got, json } = await chat.call("GET", "server/bans", { headers: bearer(jwt) });
    expect(got).toBe(status);
    if (status === 403) expect(json).toMatchObject({ code: "forbidden" });
  });

  test("is never taken from a cookie", async () => {
    const jwt = await session("server", { scope: "chat:server" });
    const headers = { cookie: `chat_session=${jwt}`, origin: chat.url };
    expect((await chat.call("GET", "server/bans", { headers })).status).toBe(401);
  });

  test("is no chat token, no nonsense, and not left out", async () => {
    const { token } = await chat.token(somebody("ann"));
    const refused = await chat.call("GET", "server/bans", { headers: bearer(token) });
    expect([refused.status, refused.json]).toMatchObject([403, { code: "token_not_allowed" }]);
    for (const bearerOf of [token, randomUUID()]) {
      const malformed = await chat.call("POST", "server/bans", { headers: bearer(bearerOf), body: {} });
      expect([malformed.status, malformed.json]).toMatchObject([403, { code: "token_not_allowed" }]);
    }
    expect((await chat.call("GET", "server/bans", { headers: bearer("a.b.c") })).status).toBe(401);
    expect((await chat.call("GET", "server/bans")).status).toBe(401);
  });

  test("is no session: it makes no token and reads no threads", async () => {
    const headers = bearer(await session("server", { scope: "chat:server" }));
    for (const [method, path] of [
      ["POST", "token"],
      ["GET", "threads"],
      ["GET", "stream?wait=0"],
      ["DELETE", "token"],
    ] as const)
      expect((await chat.call(method, path, { headers })).status).toBe(401);
  });

  test("cannot be a guest's session, and nobody logs in as the system", async () => {
    const guests = inProcess({ guests: true });
    const made = await guests.call("POST", "token", { body: { displayName: "Gus", scope: "chat:server" } });
    const jwt = /chat_session=([^;]+)/.exec(made.headers.get("set-cookie") ?? "")?.[1] ?? "";
    expect((await guests.call("GET", "server/bans", { headers: bearer(jwt) })).status).toBe(403);
    expect((await chat.call("POST", "token", { headers: bearer(await session(SYSTEM)) })).status).toBe(401);
    await guests.stop();
  });

  test("has the issuer and the audience that sessions must have", async () => {
    const strict = inProcess({ jwtIssuer: "https://host.test", jwtAudience: "chat" });
    const claims = { scope: "chat:server", iss: "https://host.test", aud: "chat" };
    const ask = async (of: object) =>
      (await strict.call("GET", "server/bans", { headers: bearer(await session("server", { ...claims, ...of })) }))
        .status;
    expect([await ask({}), await ask({ aud: "other" }), await ask({ iss: "other" })]).toEqual([200, 401, 401]);
    await strict.stop();
  });
});

describe("the host's server", () => {
  test("sends as a user who was never here, as often as it likes only once", async () => {
    const [ann, ben] = [somebody("ann"), await outsider(chat, somebody("ben"))];
    const stanza = text({ id: randomUUID(), to: [ben.entity], text: "Hi" });
    const first = await server("POST", `send?${asUser(ann)}`, stanza);
    const again = await server("POST", `send?${asUser(ann)}`, stanza);
    expect([first.status, again.json]).toMatchObject([200, { results: [{ duplicate: true }] }]);
    const { stanzas } = await ben.poll();
    expect(stanzas.filter(({ type }) => type === "message")).toMatchObject([{ message: { sender: { id: ann } } }]);
  });

  test("sends as the system into a room that it is no member of, and retracts what others said there", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    const id = randomUUID();
    const said = await ann.say({ thread: id, to: [ben.entity], text: "Rude" });
    const notice = await server("POST", "send", text({ thread: id, text: "Be kind" }));
    expect(notice.json).toMatchObject({ results: [{ seq: 2 }] });
    const retracted = await server("POST", "send", { type: "retract", retract: { thread: id, id: said.id } });
    expect(retracted.status).toBe(200);
    const read = await server("GET", `threads/${id}/messages`);
    expect(read.json).toMatchObject({
      messages: [{ retracted: expect.any(String) }, { text: "Be kind", sender: { id: SYSTEM, objectType: "service" } }],
    });
    const { json } = await server("GET", `threads/${id}`);
    expect(json).toMatchObject({ memberCount: 2, unread: 0 });
    expect(JSON.stringify(json)).not.toContain(`"entity":"${SYSTEM}"`);
  });

  test.each(["member", "visitor"])(
    "has the system's rights in a room whose members have made it a %s",
    async (role) => {
      const ann = await outsider(chat, somebody("ann"));
      const id = randomUUID();
      await ann.call("POST", "threads", { kind: "room", id, members: [somebody("ben")], history: "joined" });
      const said = [await ann.say({ thread: id, text: "Rude" }), await ann.say({ thread: id, text: "Very rude" })];
      expect((await ann.call("PATCH", `threads/${id}`, { add: [SYSTEM] })).status).toBe(200);
      expect((await ann.call("PATCH", `threads/${id}`, { role: { entity: SYSTEM, role } })).status).toBe(200);
      const read = await server("GET", `threads/${id}/messages`);
      expect(read.json).toMatchObject({ first: 1, messages: [{ text: "Rude" }, { text: "Very rude" }] });
      expect((await server("GET", `threads/${id}`)).json).toMatchObject({ last: { text: "Very rude" } });
      for (const { id: message } of said)
        expect((await server("POST", "send", { type: "retract", retract: { thread: id, id: message } })).status).toBe(
          200,
        );
      expect((await server("POST", "send", text({ thread: id, text: "Be kind" }))).status).toBe(200);
      expect((await server("PATCH", `threads/${id}`, { slow: 60, remove: [ann.entity] })).status).toBe(204);
      expect((await server("DELETE", `threads/${id}`)).status).toBe(204);
      expect((await server("GET", `threads/${id}`)).status).toBe(404);
    },
  );

  test("reacts and types as the system in any room, but has neither a read position nor settings there", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    const thread = randomUUID();
    const { id } = await ann.say({ thread, to: [ben.entity], text: "Hi" });
    await ann.news();
    const reaction = { type: "reaction", reaction: { thread, id, emoji: "👍" } };
    const state = { type: "state", state: { thread, state: "composing" } };
    for (const stanza of [reaction, state]) expect((await server("POST", "send", stanza)).status).toBe(200);
    expect(await ann.news()).toMatchObject([
      { type: "thread" },
      { type: "message" },
      { reaction: { entity: SYSTEM, emoji: "👍" } },
      { state: { entity: SYSTEM, state: "composing" } },
    ]);
    expect((await ann.thread(thread)).last).toMatchObject({ reactions: { "👍": [SYSTEM] } });
    for (const stanza of [
      { type: "receipt", receipt: { thread, seq: 1 } },
      { type: "setting", setting: { thread, muted: true } },
    ])
      expect((await server("POST", "send", stanza)).json).toMatchObject({ code: "thread_not_found" });
    const outside = { type: "reaction", reaction: { thread: "none", id, emoji: "👍" } };
    expect((await server("POST", "send", outside)).json).toMatchObject({ code: "thread_not_found" });
  });

  test("is not found in a thread that does not exist", async () => {
    for (const [method, path, body] of [
      ["GET", "threads/none", undefined],
      ["GET", "threads/none/messages", undefined],
      ["PATCH", "threads/none", { subject: "Tea" }],
      ["POST", "send", text({ thread: "none", text: "Hi" })],
    ] as const)
      expect((await server(method, path, body)).json).toMatchObject({ code: "thread_not_found" });
  });

  test("makes a room once by its id, and changes members and roles without being one", async () => {
    const [ann, ben, cid] = ["ann", "ben", "cid"].map(somebody);
    const id = randomUUID();
    const room = { kind: "room", id, members: [ben], subject: "Tea" };
    const made = await server("POST", `threads?${asUser(ann ?? "")}`, room);
    const again = await server("POST", `threads?${asUser(ann ?? "")}`, room);
    expect([made.status, again.status]).toEqual([201, 200]);
    expect((await server("POST", `threads?${asUser(cid ?? "")}`, room)).json).toMatchObject({
      code: "thread_conflict",
    });
    const change = { add: [cid], role: { entity: ben, role: "owner" }, subject: "Coffee" };
    expect((await server("PATCH", `threads/${id}`, change)).status).toBe(204);
    const { json } = await server("GET", `threads/${id}?${asUser(cid ?? "")}`);
    expect(json).toMatchObject({ subject: "Coffee", memberCount: 3 });
    expect((await server("GET", `threads?${asUser(ben ?? "")}`)).json).toMatchObject({ threads: [{ id }] });
  });

  test("reaches more people than its users may, and whom CHAT_REACH keeps from them", async () => {
    const closed = inProcess({ reach: "contacts", rateReach: 1 });
    const [ann, ...others] = ["ann", "ben", "cid", "dan"].map(somebody);
    const asked = await (await service(closed))("POST", `threads?${asUser(ann ?? "")}`, {
      kind: "room",
      members: others,
    });
    expect(asked.status).toBe(201);
    await closed.stop();
  });

  test("is bounded all the same, together for all users", async () => {
    const slow = inProcess({ rateSend: 1 });
    const ask = await service(slow);
    const answers = await Promise.all(
      Array.from({ length: 150 }, (_, i) => ask("GET", `threads?${asUser(`user,${i}`)}`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    await slow.stop();
  });

  test("writes the description of a user, which others see at once", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), somebody("ben")];
    await ann.say({ to: [ben], text: "Hi" });
    const profile = { id: ben, displayName: "Ben", image: "https://host.test/ben.png", actor: { team: "blue" } };
    const written = await server("POST", "profiles", profile);
    const described = { id: ben, displayName: "Ben", image: { url: "https://host.test/ben.png" }, team: "blue" };
    expect(written.json).toMatchObject(described);
    const { json } = await chat.call("GET", `actors?ids=${encodeURIComponent(ben)}`, { headers: bearer(ann.token) });
    expect(json).toMatchObject({ actors: [described] });
    const missing = encodeURIComponent(somebody("nobody"));
    const read = await server("GET", `profiles?ids=${encodeURIComponent(ben)}&ids=${missing}`);
    expect(read.json).toEqual({ actors: [{ objectType: "person", ...described }] });
  });

  test("writes an image as a URL or with its size, and describes the system, which stays a service", async () => {
    const image = { url: "https://host.test/logo.png", width: 64 };
    const written = await server("POST", "profiles", { id: SYSTEM, displayName: "Support", image });
    const described = { id: SYSTEM, objectType: "service", displayName: "Support", image };
    expect(written.json).toEqual(described);
    const ben = await outsider(chat, somebody("ben"));
    await server("POST", "send", text({ to: [ben.entity], text: "Welcome" }));
    expect((await ben.news()).at(-1)).toMatchObject({ message: { sender: described } });
  });

  test.each([
    [{ displayName: "Ben" }],
    [{ id: "ben", image: "javascript:alert(1)" }],
    [{ id: "ben", displayName: "\u200b" }],
    [{ id: "ben", actor: { displayName: "\u200b" } }],
    [{ id: "ben", actor: { image: 1 } }],
    [{ id: "ben", actor: [] }],
    [{ id: "ben", image: { width: 1 } }],
    [{ id: "ben", actor: { more: "x".repeat(5_000) } }],
  ])("is refused the description %j", async (profile) => {
    expect((await server("POST", "profiles", profile)).json).toMatchObject({ code: "invalid" });
  });

  test("makes a user unavailable until they say otherwise, and revokes their tokens", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    await ann.say({ to: [ben.entity], text: "Hi" });
    await ben.say({ to: [ann.entity], text: "Hi" });
    await ben.poll();
    expect((await server("DELETE", `presence?entity=${encodeURIComponent(ben.entity)}`)).status).toBe(204);
    await chat.call("GET", `stream/${ben.token}?wait=0`);
    const { json } = await chat.call("GET", "friends", { headers: bearer(ann.token) });
    expect(json).toMatchObject({ friends: [{ entity: ben.entity, available: false }] });
    expect((await server("DELETE", `tokens?entity=${encodeURIComponent(ben.entity)}`)).status).toBe(204);
    expect((await chat.call("GET", `stream/${ben.token}?wait=0`)).json).toMatchObject({ code: "token_unknown" });
  });
});
