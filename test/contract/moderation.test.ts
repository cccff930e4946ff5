import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createChat } from "../../lib/chat.js";
import { ADMIN_POLICY } from "../../lib/http/admin-page.js";
import { parseHeaders } from "../../local/public-headers.js";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { service } from "../support/service.js";
import { session } from "../support/site.js";

// PROFILE §6: the page for moderators, and what it asks.

// Rooms and bans are lists of the whole deployment.
const prefix = `mod-${randomUUID().slice(0, 8)}:`;
const server = inProcess({ guests: true, prefix, rateSend: 100_000, rateStream: 100_000, rateReach: 100_000 });
afterAll(() => server.stop());

let ann: Outsider;
let ben: Outsider;
beforeAll(async () => {
  ann = await outsider(server, somebody("ann"), { name: "Ann" });
  ben = await outsider(server, somebody("ben"));
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });

async function ask(method: string, path: string, body?: object, claims: object = { role: "moderator" }) {
  const headers = { authorization: `Bearer ${await session("mod", { ...claims })}` };
  return server.call(method, path, { headers, body });
}

async function room(subject: string): Promise<string> {
  return asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject })).id;
}

const about = (entity: string) => `entity=${encodeURIComponent(entity)}`;

/** All rooms that moderators are shown, page by page. */
async function listed(): Promise<{ id: string; subject?: string }[]> {
  const all: { id: string; subject?: string }[] = [];
  for (let query = ""; ; ) {
    const reply = await ask("GET", `moderation/rooms${query}`);
    const rooms = part(reply, "rooms");
    if (!Array.isArray(rooms)) throw new Error(`Cannot list rooms: ${reply.text}`);
    all.push(...rooms);
    const before = part(reply, "before");
    if (before === undefined) return all;
    query = `?before=${before}`;
  }
}

describe("what moderators ask", () => {
  const urls: [string, string, object?][] = [
    ["GET", "moderation"],
    ["GET", "moderation/rooms"],
    ["PATCH", "moderation/rooms/tea", { slow: 5 }],
    ["DELETE", "moderation/rooms/tea"],
    ["GET", "moderation/people?entity=ann"],
    ["GET", "moderation/bans"],
    ["POST", "moderation/bans", { entity: "nobody" }],
    ["DELETE", "moderation/bans?entity=nobody"],
  ];

  it.each(urls)("%s %s is refused to everybody else", async (method, path, body) => {
    expect(await ask(method, path, body, {})).toMatchObject(problem(403, "forbidden"));
    expect(await server.call(method, path, { body })).toMatchObject(problem(401, "unauthenticated"));
    const headers = { authorization: `Bearer ${ann.token}` };
    expect(await server.call(method, path, { headers, body })).toMatchObject(problem(403, "token_not_allowed"));
    const { token, entity } = await server.token(somebody("moderator"), { role: "moderator" });
    expect(entity).toMatch(/moderator/);
    const chatToken = { authorization: `Bearer ${token}` };
    expect(await server.call(method, path, { headers: chatToken, body })).toMatchObject(
      problem(403, "token_not_allowed"),
    );
  });

  it.each(urls)("%s %s is open to a service credential", async (method, path, body) => {
    const { status } = await ask(method, path, body, { scope: "chat:server" });
    expect([200, 204, 404]).toContain(status);
  });

  it("is refused to a moderator who is banned", async () => {
    const entity = somebody("bad");
    await ask("POST", "moderation/bans", { entity });
    const headers = { authorization: `Bearer ${await session(entity, { role: "moderator" })}` };
    expect(await server.call("GET", "moderation", { headers })).toMatchObject(problem(403, "banned"));
  });

  it("takes a cookie from its own origin only", async () => {
    const cookie = `chat_session=${await session("mod", { role: "moderator" })}`;
    const from = (origin: string) =>
      server.call("POST", "moderation/bans", { headers: { cookie, origin }, body: { entity: "nobody" } });
    expect(await from("https://evil.example")).toMatchObject(problem(403, "origin_not_allowed"));
  });
});

describe("the rooms", () => {
  it("are those of the deployment with their newest message, latest activity first, and no direct thread", async () => {
    const [first, second] = [await room("First"), await room("Second")];
    await ann.say({ to: [ben.entity], text: "Between us" });
    await ann.say({ thread: first, text: "Hello" });
    const rooms = await listed();
    expect(rooms.map(({ id }) => id)).toEqual([first, second]);
    expect(rooms[0]).toEqual({
      ...{ id: first, subject: "First", seq: 1, memberCount: 2 },
      ...{ created: expect.any(String), updated: expect.any(String) },
      last: expect.objectContaining({ text: "Hello", sender: expect.objectContaining({ id: ann.entity }) }),
    });
    expect(JSON.stringify(rooms)).not.toContain("Between us");
  });

  it("come in pages of 25, each once, also past a hundred direct threads", async () => {
    const before = await listed();
    const made: string[] = [];
    for (let i = 0; i < 26; i++) made.push(await room(`Room ${i}`));
    for (let i = 0; i < 100; i += 20) {
      const to = Array.from({ length: 20 }, (_, j) => [`user,many-${i + j}`]);
      const stanzas = to.map((it) => ({ type: "message", message: { to: it, text: "Hi" } }));
      expect((await ann.call("POST", "send", { stanzas })).status).toBe(200);
    }
    expect(part(await ask("GET", "moderation/rooms"), "rooms")).toEqual([]);
    expect((await listed()).map(({ id }) => id)).toEqual([...made.reverse(), ...before.map(({ id }) => id)]);
  }, 30_000);

  it("refuse what is no place in the list", async () => {
    expect(await ask("GET", "moderation/rooms?before=tea")).toMatchObject(problem(400, "invalid"));
  });

  it("are made slow, and fast again, which their members are told", async () => {
    const id = await room("Slow");
    await ben.poll();
    expect((await ask("PATCH", `moderation/rooms/${id}`, { slow: 30 })).status).toBe(204);
    const changes = (await ben.poll()).stanzas.filter(({ type }) => type === "thread");
    expect(changes.at(-1)).toMatchObject({ thread: { id, action: "slow", slow: 30, by: "nereid-chat:system" } });
    expect((await listed()).find((it) => it.id === id)).toMatchObject({ slow: 30 });
    await ask("PATCH", `moderation/rooms/${id}`, { slow: 0 });
    expect((await listed()).find((it) => it.id === id)).not.toHaveProperty("slow");
  });

  it("are deleted, once and for all", async () => {
    const id = await room("Gone");
    for (let i = 0; i < 2; i++) expect((await ask("DELETE", `moderation/rooms/${id}`)).status).toBe(204);
    expect((await listed()).map((it) => it.id)).not.toContain(id);
    expect(await ann.call("GET", `threads/${id}`)).toMatchObject(problem(404, "thread_not_found"));
  });

  it("are not direct threads, which nobody but their members changes or deletes", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "Between us" });
    for (const [method, body] of [
      ["PATCH", { slow: 5 }],
      ["DELETE", undefined],
    ] as const)
      expect(await ask(method, `moderation/rooms/${thread}`, body)).toMatchObject(problem(404, "thread_not_found"));
    expect((await ann.call("GET", `threads/${thread}`)).status).toBe(200);
  });
});

describe("people", () => {
  it("are described with what moderators need, also those who were never seen", async () => {
    const threads = part(await ann.call("GET", "threads?limit=100"), "threads");
    expect(await ask("GET", `moderation/people?${about(ann.entity)}`)).toMatchObject({
      json: { entity: ann.entity, actor: { displayName: "Ann" }, banned: false, threads: expect.any(Number) },
    });
    expect(Array.isArray(threads) && threads.length).toBeGreaterThan(0);
    const unseen = somebody("unseen");
    expect((await ask("GET", `moderation/people?${about(unseen)}`)).json).toEqual({
      ...{ entity: unseen, threads: 0, banned: false },
    });
  });

  it("are banned and let in again, counted and listed meanwhile", async () => {
    const counted = async () => Number(part(await ask("GET", "moderation"), "bans"));
    const cid = await outsider(server, somebody("cid"));
    const before = await counted();
    expect((await ask("POST", "moderation/bans", { entity: cid.entity })).status).toBe(204);
    expect(await cid.call("GET", "threads")).toMatchObject(problem(403, "banned"));
    expect(await counted()).toBe(before + 1);
    expect(part(await ask("GET", "moderation/bans"), "bans")).toContain(cid.entity);
    expect(await ask("GET", `moderation/people?${about(cid.entity)}`)).toMatchObject({ json: { banned: true } });
    expect((await ask("DELETE", `moderation/bans?${about(cid.entity)}`)).status).toBe(204);
    expect((await cid.call("GET", "threads")).status).toBe(200);
    expect(await counted()).toBe(before);
  });

  it("are not the system, which cannot be banned", async () => {
    const body = { entity: "nereid-chat:system" };
    expect(await ask("POST", "moderation/bans", body)).toMatchObject(problem(403, "forbidden"));
    expect(await (await service(server))("POST", "bans", body)).toMatchObject(problem(403, "forbidden"));
  });
});

describe("the page for moderators", () => {
  it("is served to anybody, at the path of the chat, by a policy that lets nothing but its own script run", async () => {
    const elsewhere = createChat({ basePath: "/talk/here", log: "silent" });
    try {
      const at = [
        { path: "/nereid-chat", page: await server.fetch("admin") },
        { path: "/talk/here", page: await elsewhere.fetch(new Request("http://chat.test/talk/here/admin/")) },
      ];
      for (const { path, page } of at) {
        expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
        expect(page.headers.get("content-security-policy")).toBe(ADMIN_POLICY);
        expect(page.headers.get("cross-origin-resource-policy")).toBe("same-origin");
        const html = await page.text();
        expect(page.headers.get("content-length")).toBe(`${html.length}`);
        expect(html).toContain(`src="${path}/admin.js"`);
        expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?! type="module" src=)/);
      }
    } finally {
      elsewhere.close();
    }
    expect((await server.fetch("admin", { method: "POST" })).status).toBe(405);
    // The platform adds the policy of all other paths to it, unless it has one for this path.
    const find = parseHeaders(await readFile("vercel.json", "utf8"));
    expect(find("/nereid-chat/admin")["Content-Security-Policy"]).toBe(ADMIN_POLICY);
  });
});
