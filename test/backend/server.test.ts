import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { decodeJwt } from "jose/jwt/decode";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ServerError, server } from "../../lib/backend/server.js";
import { createChat } from "../../lib/mount/mounted-chat.js";
import { chat as nextChat } from "../../lib/mount/next.js";
import { chat as nodeChat } from "../../lib/mount/node.js";
import { somebody } from "../support/outsider.js";
import { SECRET } from "../support/site.js";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let answers: Answer[] = [];
let asked: { url: string; body: string; claims: ReturnType<typeof decodeJwt> }[] = [];

// A deployment, or what stands in for one that fails.
const handler = nodeChat({ log: "silent" });
const site = createServer(async (request, response) => {
  const claims = decodeJwt(`${request.headers.authorization}`.slice("Bearer ".length));
  const answer = answers.shift();
  if (answer === undefined) return handler(request, response);
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  asked.push({ url: `${request.url}`, body, claims });
  answer(request, response);
});
await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
const bound = site.address();
const url = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
const mounted = createChat({ log: "silent" });

beforeEach(() => {
  answers = [];
  asked = [];
});
afterAll(() => {
  vi.unstubAllEnvs();
  site.closeAllConnections();
  site.close();
  handler.close();
  mounted.close();
});

const OLD = [{ id: randomUUID(), sender: "user,1", timestamp: "2020-01-01T00:00:00Z", text: "Hi" }];
const failing: Answer = (_, response) => response.writeHead(503, { "Retry-After": "0" }).end();
const empty: Answer = (_, response) => response.end(JSON.stringify({ timestamp: "", results: [] }));

describe.each([
  ["over HTTP", server({ url, secret: SECRET })],
  ["in the process of a mounted chat", mounted.server],
  ["of Node's handler", handler.server],
  ["of a route of Next.js", nextChat({ log: "silent" }).server],
])("the server API %s", (_, chat) => {
  test("sends, reads, administers and deletes", async () => {
    const [ann = "", ben = "", cid = ""] = ["ann", "ben", "cid"].map(somebody);
    await chat.writeProfile({ id: ann, displayName: "Ann" });
    expect(await chat.profiles([ann, ben])).toMatchObject([{ id: ann, displayName: "Ann" }]);
    const { id } = await chat.createThread({ kind: "room", members: [ben], subject: "Tea" }, { as: ann });
    const [sent] = await chat.send({ type: "message", message: { thread: id, text: "Hi" } }, { as: ann });
    expect(sent).toMatchObject({ type: "message", thread: id, seq: 1 });
    await chat.send([{ type: "message", message: { thread: id, text: "Welcome" } }]);
    await chat.changeThread(id, { add: [cid], role: { entity: ben, role: "owner" } });
    expect(await chat.thread(id)).toMatchObject({ memberCount: 3, subject: "Tea" });
    expect(await chat.thread(id, { as: cid })).toMatchObject({ id });
    const { members, more, after = "" } = await chat.members(id, { limit: 2 });
    expect([members, more]).toMatchObject([[{ entity: ann }, { entity: ben, role: "owner" }], true]);
    expect((await chat.members(id, { after, as: ben })).members).toMatchObject([{ entity: cid, role: "member" }]);
    expect((await chat.threads(ben, { limit: 1 })).threads).toMatchObject([{ id }]);
    expect((await chat.messages(id, { after: 1 })).messages).toMatchObject([{ text: "Welcome" }]);
    await chat.makeUnavailable(ben);
    await chat.revokeTokens(ben);
    await chat.deleteThread(id);
    await chat.deleteThread(id);
    await expect(chat.thread(id)).rejects.toMatchObject({ code: "thread_not_found", status: 404 });
  });

  test("knows no thread and no report of an id that a URL would take for another path", async () => {
    for (const id of ["", ".", "..", "../bans", "a/b", "%2e%2e", "\ud800"]) {
      const change = { subject: "Tea" };
      const reads = [() => chat.thread(id), () => chat.messages(id), () => chat.members(id)];
      const writes = [() => chat.changeThread(id, change), () => chat.importMessages(id, OLD)];
      for (const call of [...reads, ...writes])
        await expect(call()).rejects.toMatchObject({ code: "thread_not_found", status: 404 });
      await expect(chat.deleteThread(id)).rejects.toMatchObject({ code: "thread_not_found", status: 404 });
      await expect(chat.decide(id, "ban")).rejects.toMatchObject({ code: "not_found", status: 404 });
    }
  });

  test("bans, lists bans, and lifts them", async () => {
    const entity = somebody("ann");
    await chat.ban(entity);
    expect((await chat.bans()).bans).toContain(entity);
    await chat.unban(entity);
    expect((await chat.bans()).bans).not.toContain(entity);
  });

  test("throws the problem, with the results before it", async () => {
    const stanzas = [
      { type: "message", message: { to: [somebody("ben")], text: "Hi" } },
      { type: "message", message: { thread: "none", text: "Hi" } },
    ];
    const error = await chat.send(stanzas, { as: somebody("ann") }).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ code: "thread_not_found", failed: 1, results: [{ seq: 1 }] });
  });
});

test("a message is sent again by the same id, with a service credential of a minute", async () => {
  answers = [failing, (request) => request.socket.destroy(), empty];
  const options = { url, secret: SECRET, issuer: "https://host.test", audience: "chat" };
  await server(options).send({ type: "message", message: { to: ["ben"], text: "Hi" } }, { as: "user, 1" });
  expect(asked.map((it) => it.url)).toEqual(Array(3).fill("/nereid-chat/server/send?as=user%2C+1"));
  expect(new Set(asked.map((it) => JSON.parse(it.body).stanzas[0].message.id)).size).toBe(1);
  const claims = asked[0]?.claims;
  expect(claims).toMatchObject({ scope: "chat:server", iss: "https://host.test", aud: "chat" });
  expect(Number(claims?.exp) - Number(claims?.iat)).toBe(60);
});

test.each([undefined, null, ""])("a message whose id is %j gets one before the first attempt", async (id) => {
  answers = [failing, empty];
  await server({ url, secret: SECRET }).send({ type: "message", message: { id, thread: "t", text: "Hi" } });
  const ids = asked.map((it) => JSON.parse(it.body).stanzas[0].message.id);
  expect(ids).toEqual([expect.stringMatching(/^[\w-]{36}$/), ids[0]]);
});

test.each([undefined, null])("a room whose id is %j gets one, and no user to act as is the system", async (none) => {
  answers = [failing, failing, failing];
  const room = server({ url, secret: SECRET }).createThread({ kind: "room", id: none, members: [] }, { as: none });
  await expect(room).rejects.toMatchObject({ status: 503 });
  expect(new Set(asked.map((it) => it.url))).toEqual(new Set(["/nereid-chat/server/threads"]));
  const ids = asked.map((it) => JSON.parse(it.body).id);
  expect(ids).toEqual([expect.stringMatching(/^[\w-]{36}$/), ids[0], ids[0]]);
});

test("gives up at its third attempt, at once where asking again does not help, and in time", async () => {
  const chat = server({ url, secret: SECRET });
  answers = [failing, failing, failing, empty];
  await expect(chat.bans()).rejects.toMatchObject({ code: "unreachable", status: 503 });
  expect(asked).toHaveLength(3);
  answers = [(_, response) => response.writeHead(403).end('{"code":"forbidden","detail":"No"}')];
  await expect(chat.bans()).rejects.toMatchObject({ code: "forbidden", message: "No" });
  answers = [() => undefined];
  const hurried = server({ url, secret: SECRET, timeout: 300 });
  await expect(hurried.bans()).rejects.toMatchObject({ code: "unreachable", status: 0 });
});

test("each change names a type, by which SvelteKit and Astro do not take it for a form of another site", async () => {
  const types: unknown[] = [];
  const told: Answer = ({ headers }, response) => {
    types.push(headers["content-type"]);
    response.writeHead(204).end();
  };
  answers = [told, told];
  const chat = server({ url, secret: SECRET });
  await chat.unban("user,ben");
  await chat.deleteThread("room-17");
  expect(types).toEqual(["application/json", "application/json"]);
});

test("an answer that is not a chat's is refused", async () => {
  answers = [(_, response) => response.end("<html>")];
  await expect(server({ url, secret: SECRET }).bans()).rejects.toMatchObject({ code: "unreachable", status: 200 });
});

test("url and secret come from the environment; a credential of another issuer takes the secret's place", async () => {
  vi.stubEnv("CHAT_JWT_SECRET", undefined);
  expect(() => server({})).toThrow("CHAT_URL");
  expect(() => server({ url })).toThrow("CHAT_JWT_SECRET");
  answers = [(request, response) => response.end(JSON.stringify({ bans: [`${request.headers.authorization}`] }))];
  const jwt = "e30.eyJzdWIiOiJzIn0.";
  expect(await server({ url, credential: () => jwt }).bans()).toEqual({ bans: [`Bearer ${jwt}`] });
  vi.unstubAllEnvs();
});
