import * as v from "valibot";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { compose } from "../../lib/chat.js";
import { parseConfig } from "../../lib/config.js";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, part, type Sent, somebody } from "../support/outsider.js";
import { service } from "../support/service.js";
import { session } from "../support/site.js";

// PROFILE §5 and §6: reports.

// The list is one for the whole deployment.
const prefix = `${somebody("reports").replace(",", "")}-${Date.now()}:`;
const server = inProcess({ guests: true }, { CHAT_PREFIX: prefix });
const { keys, store } = compose(parseConfig({ log: "silent", prefix }, process.env));
afterAll(async () => {
  await server.stop();
  store.close();
});

let ann: Outsider;
let ben: Outsider;
let cid: Outsider;
let said: Sent;
beforeEach(async () => {
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
  cid = await outsider(server, somebody("cid"));
  said = await ann.say({ to: [ben.entity, cid.entity], text: "rude" });
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const report = (who: Outsider, more: object = {}) =>
  who.send({ type: "report", report: { thread: said.thread, id: said.id, ...more } });

async function ask(method: string, path: string, claims: object = { role: "moderator" }, body?: object) {
  const headers = { authorization: `Bearer ${await session("mod", { ...claims })}` };
  return server.call(method, path, { headers, body });
}

const decide = (path: string, action: string) => ask("POST", path, { role: "moderator" }, { action });

/** The open reports of the message of this test. */
async function open(): Promise<{ id: string; by: string }[]> {
  const all: { id: string; by: string; message: { id: string } }[] = [];
  for (let query = ""; ; ) {
    const reply = await ask("GET", `reports${query}`);
    const reports = part(reply, "reports");
    if (!Array.isArray(reports)) throw new Error(`Cannot list reports: ${reply.text}`);
    all.push(...reports);
    if (part(reply, "more") === undefined) return all.filter((it) => it.message.id === said.id);
    query = `?after=${reports.at(-1).id}`;
  }
}

describe("a report", () => {
  it("is listed to moderators with the message, once for each reporter", async () => {
    for (let i = 0; i < 2; i++)
      expect(await report(ben, { reason: "It is rude" })).toMatchObject({ json: { results: [{ id: said.id }] } });
    await report(cid, { id: said.id.toUpperCase() });
    expect(await open()).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{43}$/),
        timestamp: expect.stringMatching(/Z$/),
        by: ben.entity,
        thread: said.thread,
        reason: "It is rude",
        message: expect.objectContaining({ id: said.id, seq: 1, text: "rude" }),
      },
      expect.objectContaining({ by: cid.entity }),
    ]);
  });

  it("keeps the message as it was while it is open, and nothing when it is resolved", async () => {
    await report(ben);
    await ann.send({ type: "retract", retract: { thread: said.thread, id: said.id } });
    const [it] = await open();
    expect(it).toMatchObject({ message: { text: "rude" } });
    expect((await ask("DELETE", `reports/${it?.id}`)).status).toBe(204);
    expect(await ask("DELETE", `reports/${it?.id}`)).toMatchObject(problem(404, "not_found"));
    expect(await ask("GET", `reports?after=${it?.id}`)).toMatchObject(problem(404, "not_found"));
    expect(await open()).toEqual([]);
    expect(await report(cid)).toMatchObject(problem(404, "message_not_found"));
  });

  it("is decided in one call: the message stays, is retracted, or its author is banned", async () => {
    await report(ben);
    await report(cid);
    const [first, second] = await open();
    expect((await decide(`reports/${first?.id}`, "accept")).status).toBe(204);
    expect(await decide(`reports/${first?.id}`, "accept")).toMatchObject(problem(404, "not_found"));
    expect(await decide(`reports/${second?.id}`, "praise")).toMatchObject(problem(400, "invalid"));
    expect(await open()).toMatchObject([{ id: second?.id }]);
    const page = () => ben.call("GET", `threads/${said.thread}/messages`);
    expect(part(await page(), "messages")).toMatchObject([{ text: "rude" }]);
    expect((await decide(`reports/${second?.id}`, "retract")).status).toBe(204);
    expect(part(await page(), "messages")).toMatchObject([{ retracted: expect.any(String) }]);
    expect((await ben.news()).at(-1)).toMatchObject({ type: "retract", retract: { entity: "nereid-chat:system" } });
    said = await ann.say({ thread: said.thread, text: "rude again" });
    await report(ben);
    await ann.send({ type: "retract", retract: { thread: said.thread, id: said.id } });
    const [third] = await open();
    expect((await decide(`reports/${third?.id}`, "retract")).status).toBe(204);
    said = await ann.say({ thread: said.thread, text: "once more" });
    await report(ben);
    const [fourth] = await open();
    expect((await decide(`reports/${fourth?.id}`, "ban")).status).toBe(204);
    expect(await ann.call("GET", "threads")).toMatchObject(problem(403, "banned"));
    expect(await open()).toEqual([]);
  });

  it("is listed to the host's server, and decided by it", async () => {
    await report(ben);
    const ask = await service(server);
    const [it] = await open();
    const listed = await ask("GET", "reports");
    expect(JSON.stringify(listed.json)).toContain(it?.id);
    expect((await ask("POST", `reports/${it?.id}`, { action: "retract" })).status).toBe(204);
    expect(await open()).toEqual([]);
  });

  it("cannot ban the system", async () => {
    const ask = await service(server);
    const sent = await ask("POST", "send", { type: "message", message: { thread: said.thread, text: "Be kind" } });
    const [{ id } = { id: "" }] = [part(sent, "results")].flat().map((it) => ({ id: `${Object(it).id}` }));
    said = { ...said, id };
    await report(ben);
    const [it] = await open();
    expect(await decide(`reports/${it?.id}`, "ban")).toMatchObject(problem(403, "forbidden"));
  });

  it("tells nobody in the thread", async () => {
    const before = await Promise.all([ann, ben, cid].map(async (it) => (await it.news()).length));
    await report(ben);
    expect(await Promise.all([ann, ben, cid].map(async (it) => (await it.news()).length))).toEqual(before);
  });

  it("is for moderators alone", async () => {
    await report(ben);
    const [it] = await open();
    const guest = await server.call("POST", "token", { body: { displayName: "Gus", role: "moderator" } });
    const cookie = `${guest.headers.get("set-cookie")}`.split(";")[0] ?? "";
    for (const [method, path] of [
      ["GET", "reports"],
      ["DELETE", `reports/${it?.id}`],
      ["POST", `reports/${it?.id}`],
    ] as const) {
      const body = method === "POST" ? { action: "ban" } : undefined;
      for (const claims of [{}, { role: "admin" }, { role: ["moderator"] }, { actor: { role: "moderator" } }])
        expect(await ask(method, path, claims, body)).toMatchObject(problem(403, "forbidden"));
      expect(await server.call(method, path, { headers: { cookie }, body })).toMatchObject(problem(403, "forbidden"));
      expect(await ben.call(method, path, body)).toMatchObject(problem(403, "token_not_allowed"));
      const token = await server.token(somebody("mod"), { role: "moderator" });
      const headers = { authorization: `Bearer ${token.token}` };
      expect(await server.call(method, path, { headers, body })).toMatchObject(problem(403, "token_not_allowed"));
      expect(await server.call(method, path, { body })).toMatchObject(problem(401, "unauthenticated"));
    }
    expect(await open()).toHaveLength(1);
  });

  it("is of another user's message that the caller can read", async () => {
    expect(await report(ann)).toMatchObject(problem(403, "forbidden"));
    const dan = await outsider(server, somebody("dan"));
    expect(await report(dan)).toMatchObject(problem(404, "thread_not_found"));
    expect(await report(ben, { id: crypto.randomUUID() })).toMatchObject(problem(404, "message_not_found"));
    await ben.send({ type: "block", block: { entity: ann.entity } });
    const after = await ann.say({ thread: said.thread, text: "after" });
    expect(await report(ben, { id: after.id })).toMatchObject(problem(404, "message_not_found"));
    const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [], history: "joined" }));
    const before = await ann.say({ thread: id, text: "before" });
    await ann.call("PATCH", `threads/${id}`, { add: [cid.entity] });
    expect(await report(cid, { thread: id, id: before.id })).toMatchObject(problem(404, "message_not_found"));
  });

  it("are at most 20 an hour, of which the same again is none", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 21; i++) ids.push((await ann.say({ thread: said.thread, text: `${i}` })).id);
    for (const id of ids.slice(0, 20)) expect((await report(ben, { id })).status).toBe(200);
    const refused = await report(ben, { id: ids[20] });
    expect(refused).toMatchObject(problem(429, "rate_limited"));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3_000);
    expect((await report(ben, { id: ids[0] })).status).toBe(200);
    expect((await report(cid, { id: ids[20] })).status).toBe(200);
  });

  it("of guests leave room for those of others, when half of the list is full", async () => {
    const gus = await outsider(server, somebody("gus"), { actor: { objectType: "guest" } });
    const { thread, id } = await ann.say({ to: [gus.entity, ben.entity], text: "rude" });
    const open = await ask("GET", "moderation");
    const others = Array.from({ length: 500 - Number(part(open, "reports")) }, (_, i) => `other-${i}`);
    const zadd = (...members: string[]) =>
      store.transact(v.array(v.unknown()), (batch) => {
        for (const member of members) batch.zadd(keys.reports, { score: Date.now(), member });
      });
    await zadd(...others.slice(1));
    expect((await report(gus, { thread, id })).status).toBe(200);
    await zadd(...others.slice(0, 1));
    const next = await ann.say({ thread, text: "again" });
    expect(await report(gus, { thread, id: next.id })).toMatchObject(problem(403, "forbidden"));
    expect((await report(ben, { thread, id: next.id })).status).toBe(200);
    await store.transact(v.array(v.unknown()), (batch) => batch.zrem(keys.reports, ...others));
  });

  it("is listed behind as many as have ended, which nobody counts", async () => {
    await report(ben);
    const listed = (await open()).map(({ id }) => id);
    const count = part(await ask("GET", "moderation"), "reports");
    const ended = Array.from({ length: 60 }, (_, i) => `ended-${i}`);
    const score = Date.now() - 91 * 86_400_000;
    await store.transact(v.array(v.unknown()), (batch) => {
      for (const member of ended) batch.zadd(keys.reports, { score, member });
    });
    expect((await open()).map(({ id }) => id)).toEqual(listed);
    expect(part(await ask("GET", "moderation"), "reports")).toBe(count);
    await store.transact(v.array(v.unknown()), (batch) => batch.zrem(keys.reports, ...ended));
  });

  it("has a reason of at most 1 KiB", async () => {
    expect(await report(ben, { reason: "x".repeat(1_025) })).toMatchObject(problem(413, "too_large"));
    expect(await report(ben, { reason: 1 })).toMatchObject(problem(400, "invalid"));
    expect((await report(ben, { reason: "x".repeat(1_024) })).status).toBe(200);
  });
});
