import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, describe, expect, inject, it } from "vitest";
import { weigh } from "../../lib/chat/send.js";
import { createKeys } from "../../lib/store/keys.js";
import { inProcess } from "../support/in-process.js";
import { asThread, asThreads, messages, type Outsider, outsider, part, somebody } from "../support/outsider.js";

// Every answer, entry and script has a bound that holds under an enemy, and costs what its ration says.

const server = inProcess();
afterAll(() => server.stop());

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const keys = createKeys(process.env.CHAT_PREFIX ?? "");
const MIB = 1024 * 1024;

async function redis(...command: (string | number)[]): Promise<unknown> {
  const bridge = inject("bridge") ?? { url: "", token: "" };
  const headers = { authorization: `Bearer ${bridge.token}` };
  const response = await fetch(bridge.url, { method: "POST", headers, body: JSON.stringify(command) });
  const { result } = v.parse(v.object({ result: v.unknown() }), await response.json());
  return result;
}

/** Counts the commands that the store runs meanwhile: the least of several runs, since other tests use the same store. */
async function commands(run: () => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  for (let i = 0; i < 30; i++) counts.push(await commandsOnce(run));
  return Math.min(...counts);
}

async function commandsOnce(run: () => Promise<unknown>): Promise<number> {
  const count = async () => Number(/total_commands_processed:(\d+)/.exec(String(await redis("INFO", "stats")))?.[1]);
  const before = await count();
  await run();
  return (await count()) - before;
}

const somebodys = (count: number) => Array.from({ length: count }, () => somebody());
const room = async (who: Outsider, more: object = {}) =>
  asThread(await who.call("POST", "threads", { kind: "room", members: [], ...more }));

describe("a subject", () => {
  it("has at most 1 KiB of UTF-8, wherever it is given", async () => {
    const ann = await outsider(server, somebody("ann"));
    const { id } = await room(ann);
    const message = { id: randomUUID(), thread: id, text: "Hi" };
    await ann.say(message);
    for (const [subject, status] of [
      ["ä".repeat(512), 200],
      ["ä".repeat(513), 413],
    ] as const) {
      const replies = [
        await ann.send({ type: "message", message: { thread: id, subject } }),
        await ann.send({ type: "edit", edit: { thread: id, id: message.id, subject } }),
        await ann.send({ type: "thread", thread: { id, subject } }),
        await ann.call("PATCH", `threads/${id}`, { subject }),
        await ann.call("POST", "threads", { kind: "room", members: [], subject }),
      ];
      expect(replies.map((it) => (it.status === 201 ? 200 : it.status))).toEqual(Array(5).fill(status));
    }
  });
});

describe("a stanza", () => {
  it("has at most 16 KiB, however many it names, and everybody named is a member", async () => {
    const ann = await outsider(server, somebody("ann"));
    const long = Array.from({ length: 300 }, (_, i) => `${i},${"x".repeat(150)}`);
    const ben = await outsider(server, somebody("ben"));
    const { id } = await room(ann, { members: [...long.slice(0, 200), ben.entity] });
    await ann.call("PATCH", `threads/${id}`, { add: long.slice(200) });
    await ann.call("PATCH", `threads/${id}`, { remove: [...long, ben.entity] });
    const all = (await ann.news()).map((it) => JSON.stringify(it));
    expect(Math.max(...all.map((it) => Buffer.byteLength(it)))).toBeLessThan(16 * 1024);
    const named = new Set(all.flatMap((it) => JSON.parse(it).thread.entities));
    expect(named.size).toBe(302);
    expect((await ann.thread(id)).memberCount).toBe(1);
    const told = (await ben.news()).map((it) => v.parse(v.looseObject({ action: v.string() }), it.thread).action);
    expect(told).toEqual(["removed"]);
  });
});

describe("a list of threads", () => {
  it("has at most 1 MiB, and says where to go on", async () => {
    const ann = await outsider(server, somebody("ann"));
    const members: Outsider[] = [];
    for (const it of somebodys(60)) members.push(await outsider(server, it, { actor: { about: "x".repeat(3_900) } }));
    const ids: string[] = [];
    for (let i = 0; i < 8; i++) ids.push((await room(ann, { members: members.map((it) => it.entity) })).id);
    const seen: string[] = [];
    for (let before: unknown = ""; before !== undefined; ) {
      const reply = await ann.call("GET", `threads?limit=100${before ? `&before=${before}` : ""}`);
      expect(Buffer.byteLength(reply.text)).toBeLessThanOrEqual(MIB);
      const threads = part(reply, "threads");
      if (Array.isArray(threads)) seen.push(...threads.map((it) => it.id));
      expect(part(reply, "more")).toBe(part(reply, "before") && true);
      before = part(reply, "before");
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it("skips none when it is paged by time, whatever is read and reacted to meanwhile", async () => {
    const ann = await outsider(server, somebody("ann"));
    const all: string[] = [];
    for (let i = 0; i < 23; i++) {
      const { id } = await room(ann);
      all.push(id);
      await ann.say({ thread: id, text: "Hi" });
    }
    for (const thread of all.filter((_, i) => i % 3 === 0))
      await ann.send({ type: "receipt", receipt: { thread, seq: 1 } });
    const ben = await outsider(server, somebody("ben"));
    await ann.call("PATCH", `threads/${all[2]}`, { add: [ben.entity] });
    await ben.send({ type: "receipt", receipt: { thread: all[2], seq: 1 } });
    const seen: string[] = [];
    for (let before = ""; ; ) {
      const reply = await ann.call("GET", `threads?limit=5${before && `&before=${before}`}`);
      const threads = part(reply, "threads");
      if (!Array.isArray(threads) || threads.length === 0) break;
      seen.push(...threads.map((it) => it.id));
      before = threads.at(-1).updated;
    }
    expect(seen.toSorted()).toEqual(all.toSorted());
    expect(seen[0]).toBe(all[2]);
  });

  it("goes on after a thread that was left meanwhile, and not after one that never was one's own", async () => {
    const ann = await outsider(server, somebody("ann"));
    const [a, b] = [await room(ann), await room(ann)];
    await ann.call("PATCH", `threads/${b.id}`, { remove: [ann.entity] });
    expect(part(await ann.call("GET", `threads?before=${b.id}`), "threads")).toMatchObject([{ id: a.id }]);
    expect(await ann.call("GET", "threads?before=nothing")).toMatchObject(problem(404, "thread_not_found"));
  });

  it("goes on where a thread stood that was left meanwhile, however that was", async () => {
    const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    const rooms: string[] = [];
    for (let i = 0; i < 6; i++) rooms.push((await room(ann, { members: [ben.entity] })).id);
    const [a, b, c = "", d = "", e = ""] = rooms;
    const pageAfter = async (id: string) => asThreads(await ann.call("GET", `threads?before=${id}`)).map((it) => it.id);
    await ann.call("PATCH", `threads/${e}`, { remove: [ann.entity] });
    expect(await pageAfter(e)).toEqual([d, c, b, a]);
    await ann.call("PATCH", `threads/${d}`, { role: { entity: ben.entity, role: "owner" } });
    await ann.call("PATCH", `threads/${c}`, { role: { entity: ben.entity, role: "owner" } });
    await ben.call("PATCH", `threads/${d}`, { remove: [ann.entity] });
    expect(await pageAfter(d)).toEqual([rooms[5], b, a]);
    await ben.call("PATCH", `threads/${c}`, { ban: [ann.entity] });
    expect(await pageAfter(c)).toEqual([rooms[5], b, a]);
  });

  it("begins at any time, also with 2,000 rooms", async () => {
    const ann = await outsider(server, somebody("ann"));
    const { id } = await room(ann);
    for (let i = 0; i < 2_000; i += 500) {
      const names = Array.from({ length: 500 }, (_, j) => `${ann.entity.replace(",", "-")}-${i + j}`);
      const made = new Date(Date.UTC(2020, 0, 1) + i).toISOString();
      const field = `role:${encodeURIComponent(ann.entity)}`;
      await Promise.all(
        names.map((it) => redis("HSET", keys.thread(it), "kind", "room", field, "owner", "seq", 0, "updated", made)),
      );
      await redis("HSET", keys.threads(ann.entity), ...names.flatMap((name) => [name, i + 1]));
    }
    const old = () => ann.call("GET", "threads?limit=1&before=1970-01-01T00:00:00.000Z");
    expect(part(await old(), "threads")).toEqual([]);
    const recent = () => ann.call("GET", `threads?limit=1&before=${new Date(Date.now() + 1_000).toISOString()}`);
    expect(part(await recent(), "threads", "0", "id")).toBe(id);
  }, 120_000);
});

describe("reactions", () => {
  it("show counts and the latest names, however many there are, and leave the page of history readable", async () => {
    const ann = await outsider(server, somebody("ann"));
    const { id } = await room(ann);
    const { id: message } = await ann.say({ thread: id, text: "Vote" });
    await ann.say({ thread: id, text: "Next" });
    const who = Array.from({ length: 70 }, (_, i) => `${i},${"ä".repeat(200)}`);
    const emoji = [..."😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓"];
    const stored = emoji.map((it) => `${it}=${who.map(encodeURIComponent).join(",")}`).join(" ");
    expect(stored.length).toBeGreaterThan(MIB);
    await redis("HSET", keys.reactions(id), "1", stored);
    const read = async () => {
      const reply = await ann.call("GET", `threads/${id}/messages?limit=1&before=2`);
      expect(Buffer.byteLength(reply.text)).toBeLessThan(64 * 1024);
      return [part(reply, "messages", "0", "reactions"), part(reply, "messages", "0", "reactionCounts")];
    };
    const [names, counts] = await read();
    expect(counts).toEqual(Object.fromEntries(emoji.map((it) => [it, 70])));
    expect(JSON.stringify(names)).toContain(who[69]);
    const react = (remove: boolean) =>
      ann.send({ type: "reaction", reaction: { thread: id, id: message, emoji: "😀", remove } });
    for (const remove of [false, false, true, false]) expect((await react(remove)).status).toBe(200);
    expect(await read()).toMatchObject([{ "😀": expect.arrayContaining([ann.entity]) }, { "😀": 71, "😁": 70 }]);
    await react(true);
    expect(await read()).toMatchObject([{}, { "😀": 70 }]);
  });

  it("of more than 50 are found again when they are withdrawn, although their names are not kept", async () => {
    const ann = await outsider(server, somebody("ann"));
    const { id } = await room(ann);
    const { id: message } = await ann.say({ thread: id, text: "Vote" });
    const others: Outsider[] = [];
    for (const it of somebodys(60)) others.push(await outsider(server, it));
    await ann.call("PATCH", `threads/${id}`, { add: others.map((it) => it.entity) });
    const react = (by: Outsider, remove = false) =>
      by.send({ type: "reaction", reaction: { thread: id, id: message, emoji: "👍", remove } });
    for (const it of others) await react(it);
    for (const it of others.slice(0, 5)) await react(it);
    const read = async () => part(await ann.call("GET", `threads/${id}`), "last");
    const names = async () => part(await ann.call("GET", `threads/${id}`), "last", "reactions", "👍");
    expect(await read()).toMatchObject({ reactionCounts: { "👍": 60 } });
    expect(await names()).toEqual(others.slice(10).map((it) => it.entity));
    for (const it of others.slice(0, 10)) await react(it, true);
    expect(await read()).not.toHaveProperty("reactionCounts");
    expect(await names()).toHaveLength(50);
  });

  it("are one, whether an emoji is written with its selector or without", async () => {
    const ann = await outsider(server, somebody("ann"));
    const { thread, id } = await ann.say({ to: [somebody()], text: "Hi" });
    for (const emoji of ["\u2764", "\u2764\uFE0F"])
      expect((await ann.send({ type: "reaction", reaction: { thread, id, emoji } })).status).toBe(200);
    expect((await ann.thread(thread)).last).toMatchObject({ reactions: { "\u2764\uFE0F": [ann.entity] } });
  });
});

describe("a chat state", () => {
  it("in a room of more than 100 wakes nobody", async () => {
    const [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
    const { id } = await room(ann, { members: [ben.entity, ...somebodys(98)] });
    const type = () => ann.send({ type: "state", state: { thread: id, state: "composing" } });
    await ben.news();
    await type();
    expect((await ben.news()).map((it) => it.type)).toContain("state");
    await ann.call("PATCH", `threads/${id}`, { add: [somebody()] });
    const { cursor } = await ben.poll("?wait=0");
    expect((await type()).status).toBe(200);
    expect(await ben.news(cursor)).toEqual([]);
  });
});

describe("a ration", () => {
  it("counts what is written: recipients, bytes, presence", () => {
    const message = (more: object) => weigh([{ type: "message", message: { text: "Hi", ...more } }], 0);
    expect(message({ to: ["a"] })).toBe(1);
    expect(message({ to: somebodys(200), thread: "new" })).toBeGreaterThanOrEqual(200);
    expect(message({ text: "x".repeat(8_000) })).toBe(2);
    expect(message({ extension: "ä".repeat(8_000) })).toBe(4);
    const presence = (threads: number) => weigh([{ type: "presence", presence: [{}] }], threads);
    expect([0, 4, 20, 100].map(presence)).toEqual([1, 1, 5, 21]);
    expect(weigh([{ type: "thread", thread: { id: "t", add: ["a", "b"], ban: ["c"] } }], 0)).toBe(5);
  });

  it("is checked before the store is asked, and so is the shape of a request", async () => {
    const tight = inProcess({ rateSend: 1 });
    const ann = await outsider(tight, somebody("ann"));
    const send = () => ann.send({ type: "message", message: { to: ["nobody"], text: "Hi" } });
    for (let i = 0; i < 5; i++) await send();
    expect((await send()).status).toBe(429);
    // One is allowed again each second, which may have passed on a busy machine.
    const costs = [await commands(send), await commands(send), await commands(send)];
    expect(Math.min(...costs)).toBeLessThanOrEqual(1);
    const bare = await outsider(tight, somebody("ann"));
    const malformed = () => bare.call("POST", "threads", { kind: "nothing" });
    expect(await commands(async () => expect((await malformed()).status).toBe(400))).toBeLessThanOrEqual(1);
    await tight.stop();
  });

  it("bounds health, which asks the store once a second", async () => {
    const health = () => server.call("GET", "health", { headers: { "x-real-ip": "203.0.113.9" } });
    await health();
    expect(await commands(health)).toBeLessThanOrEqual(1);
    expect((await Promise.all(Array.from({ length: 9 }, health))).map((it) => it.status)).toContain(429);
  });
});

describe("blocks", () => {
  it("are at most 1,000", async () => {
    const ann = await outsider(server, somebody("ann"));
    await redis("HSET", keys.blocks(ann.entity), ...somebodys(1_000).flatMap((it) => [encodeURIComponent(it), "x"]));
    const block = (entity: string, remove = false) => ann.send({ type: "block", block: { entity, remove } });
    expect(await block("one-more")).toMatchObject(problem(403, "forbidden"));
    expect(part(await ann.call("GET", "blocks"), "blocks")).toHaveLength(1_000);
  });
});

describe("an empty message", () => {
  it.each([
    {},
    { text: "" },
    { text: " \n" },
    { text: "\u200B" },
    { text: "\u2800" },
    { text: "\u{1D159}" },
    { text: "\u3164", subject: "\u200E" },
    { text: "", mentions: [] },
    { text: "", place: null },
  ])("is refused, and nothing is sent: %j", async (content) => {
    const [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
    const send = (more: object) => ann.send({ type: "message", message: { to: [ben.entity], ...content, ...more } });
    expect(await send({})).toMatchObject(problem(400, "invalid"));
    expect(await send({ type: "html", text: `<p>${content.text ?? ""}&nbsp;</p>` })).toMatchObject({ status: 400 });
    expect(messages(await ben.news())).toEqual([]);
    for (const more of [{ subject: "Hi" }, { attachments: [{ url: "https://a.example/" }] }, { place: [1, 2] }])
      expect((await send(more)).status).toBe(200);
    const { id, thread } = await ann.say({ to: [ben.entity], text: "Hi" });
    const edit = { type: "edit", edit: { thread, id, text: content.text ?? "" } };
    expect(await ann.send(edit)).toMatchObject(problem(400, "invalid"));
  });
});

describe("unread messages", () => {
  it("are neither those that were retracted nor those of whom one blocks", async () => {
    const [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
    const sent = [];
    for (const text of ["a", "b", "c"]) sent.push(await ann.say({ to: [ben.entity], text }));
    for (const { thread, id } of sent.slice(0, 2)) await ann.send({ type: "retract", retract: { thread, id } });
    const thread = sent[0]?.thread ?? "";
    expect((await ben.thread(thread)).unread).toBe(1);
    await ben.send({ type: "block", block: { entity: ann.entity } });
    const { stanzas } = await ben.poll("?wait=0&cursor=AAAAAAAAAAAA.1");
    expect(stanzas[0]).toMatchObject({ type: "resync", resync: { threads: [{ id: thread, seq: 3, unread: 0 }] } });
    await ann.say({ to: [ben.entity], text: "d" });
    expect(part(await ben.call("GET", `threads/${thread}`), "unread")).toBe(0);
    expect(part(await ben.call("GET", "threads"), "threads", "0", "unread")).toBe(0);
  });
});

describe("leaving a direct thread", () => {
  it("is told to one's other devices as a setting, and to nobody else", async () => {
    const [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
    const other = await outsider(server, ann.entity);
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi" });
    for (let i = 0; i < 2; i++) await ann.call("PATCH", `threads/${thread}`, { remove: [ann.entity] });
    const settings = (await other.news()).filter((it) => it.type === "setting");
    expect(settings).toMatchObject([{ setting: { thread, hidden: true, entity: ann.entity } }]);
    expect((await ben.news()).map((it) => it.type)).not.toContain("setting");
  });
});
