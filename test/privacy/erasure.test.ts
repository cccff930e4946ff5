import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, describe, expect, inject, test } from "vitest";
import { createServerApi, type ExportedLine } from "../../lib/backend/server-api.js";
import { compose } from "../../lib/chat.js";
import { parseConfig } from "../../lib/config.js";
import { TRACES } from "../../lib/privacy/erasure.js";
import { createKeys, digest, encode, readKey } from "../../lib/store/keys.js";
import { dump } from "../support/dump.js";
import { gate } from "../support/gate.js";
import { type InProcess, inProcess } from "../support/in-process.js";
import { type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { service } from "../support/service.js";
import { session } from "../support/site.js";

const NAME = "Anneliese Quendel";
const SECRET_TEXT = "the recipe of grandmother";

// A host that takes nothing, so that the outbox keeps what it is given.
const HOOKS = { webhookUrl: "http://127.0.0.1:9/hook", webhookPrivate: true, unreadAfter: 0 };
// A push service that nobody reaches, so that pushes wait.
const DEVICE = {
  endpoint: "https://push.example.invalid/of-ann",
  keys: {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  },
};
const prefix = `erase-${randomUUID().slice(0, 8)}:`;
const filesFolder = join(tmpdir(), `chat-${prefix.slice(0, -1)}`);
const settings = { ...HOOKS, prefix, filesFolder };
const chat = inProcess(settings);
const elsewhere = inProcess(settings);
const store = compose(parseConfig({ log: "silent", ...settings }, process.env));
const server = await service(chat);
afterAll(async () => {
  await chat.stop();
  await elsewhere.stop();
  store.store.close();
  await rm(filesFolder, { recursive: true, force: true });
});

/** The functions of the host's back end on a chat. */
async function api({ fetch }: Pick<InProcess, "fetch">) {
  const authorization = `Bearer ${await session("server", { scope: "chat:server" })}`;
  return createServerApi(({ path, headers, ...init }) =>
    fetch(path.slice(1), { ...init, headers: { ...headers, authorization } }),
  );
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

type World = { ann: Outsider; ben: Outsider; cid: Outsider; room: string; direct: string; left: string };

/** Lets Ann do everything that leaves a trace, and others do to her what does. */
async function live(): Promise<World> {
  const [ann, ben, cid] = await Promise.all([
    outsider(chat, somebody("ann/ö, the first"), { name: NAME }),
    outsider(chat, somebody("ben")),
    outsider(chat, somebody("cid")),
  ]);
  await outsider(chat, ben.entity, { contacts: [ann.entity, cid.entity] });
  const { thread: direct, id } = await ann.say({ to: [ben.entity], text: `${SECRET_TEXT} 1` });
  await ann.send({ type: "edit", edit: { thread: direct, id, text: `${SECRET_TEXT} 2` } });
  await ben.say({ thread: direct, text: "Thanks", mentions: [ann.entity] });
  await ann.send({ type: "receipt", receipt: { thread: direct, seq: 2 } });
  await ann.send({ type: "setting", setting: { thread: direct, muted: true } });
  await ann.call("POST", "push", DEVICE);
  const room = randomUUID();
  const members = [ben.entity, cid.entity];
  await ann.call("POST", "threads", { kind: "room", id: room, members, subject: "Kitchen" });
  const said = await ann.say({ thread: room, text: `${SECRET_TEXT} 3`, mentions: [ben.entity] });
  const gone = await ann.say({ thread: room, text: `${SECRET_TEXT} 4` });
  await ann.send({ type: "retract", retract: { thread: room, id: gone.id } });
  await ann.send({ type: "setting", setting: { thread: room, notify: "all" } });
  const bens = await ben.say({ thread: room, text: "Hello", mentions: [ann.entity, cid.entity] });
  await ann.send({ type: "reaction", reaction: { thread: room, id: bens.id, emoji: "👍" } });
  await ben.send({ type: "reaction", reaction: { thread: room, id: bens.id, emoji: "👍" } });
  await ben.send({ type: "edit", edit: { thread: room, id: bens.id, mentions: [ann.entity] } });
  await ann.send({ type: "receipt", receipt: { thread: room, seq: 3 } });
  await ben.send({ type: "receipt", receipt: { thread: room, seq: 3 } });
  await ann.call("POST", `threads/${room}/invites`, {});
  await ann.send({ type: "presence", presence: [{ status: "cooking" }] });
  await ann.send({ type: "block", block: { entity: cid.entity } });
  await ben.send({ type: "block", block: { entity: ann.entity } });
  await ben.send({ type: "report", report: { thread: room, id: said.id, reason: "Too good" } });
  await ann.send({ type: "report", report: { thread: room, id: bens.id } });
  const left = randomUUID();
  await ben.call("POST", "threads", { kind: "room", id: left, members: [cid.entity] });
  await cid.call("PATCH", `threads/${left}`, { add: [ann.entity] });
  await ann.say({ thread: left, text: `${SECRET_TEXT} 5` });
  await ben.call("PATCH", `threads/${left}`, { ban: [ann.entity] });
  for (const where of [{}, { thread: room }]) await upload(ann, where);
  await ann.call("POST", "threads", { kind: "room", members: [] });
  await ann.poll();
  await elsewhere.call("GET", `stream/${ann.token}?wait=0`);
  await elsewhere.call("GET", `stream/${ben.token}?wait=0`);
  return { ann, ben, cid, room, direct, left };
}

/** Uploads a file that is not sent. */
async function upload(who: Outsider, where: { thread?: string }) {
  const content = "What grandmother did";
  const wish = { name: `${SECRET_TEXT}.txt`, type: "text/plain", size: content.length, ...where };
  const { json } = await who.call("POST", "files", wish);
  const { method, url, headers } = Object(json).upload;
  const { status } = await chat.fetch(url.slice("/nereid-chat/".length), { method, headers, body: content });
  expect(status).toBe(204);
}

/** The keys in which something of a person is left. */
async function traces({ entity }: Outsider): Promise<string[]> {
  const needles = [entity, encode(entity), NAME, SECRET_TEXT, digest(entity)].flatMap((it) => [it, JSON.stringify(it)]);
  const shortened = `#${(await import("node:crypto")).hash("sha1", encode(entity)).slice(0, 12)}`;
  return [...(await dump(store))]
    .filter(([key, content]) => [...needles, shortened].some((it) => key.includes(it) || content.includes(it)))
    .map(([key, content]) => `${key} ${content}`);
}

describe("the erasure of a user", () => {
  test("leaves nothing of the user in any key, and all that is of others", async () => {
    const { ann, ben, cid, room, direct, left } = await live();
    const who = encode(ann.entity);
    await store.store.transact(v.array(v.unknown()), (batch) => {
      batch.zadd(store.keys.pushDue, { score: Date.now() + 60_000, member: `${room} 1 ${who} - 0` });
      batch.xadd(store.keys.pushOutbox, "*", { t: room, r: who });
      batch.xadd(store.keys.pushOutbox, "*", { t: "-", b: `${who} ${encode(ben.entity)}` });
      batch.xadd(store.keys.pushOutbox, "*", { t: "-", b: `${encode(ben.entity)} ${who}` });
      batch.hset(store.keys.thread(room), { [`pushed:${who}`]: "1" });
    });
    const before = await traces(ann);
    for (const kind of ["push:due", "push:users"]) expect(before.join()).toContain(`:${kind} `);
    expect(before.length).toBeGreaterThan(20);
    const listed = async () => (await dump(store)).get(`${store.keys.reports}`)?.match(/[\w-]{43}/g) ?? [];
    const stored = async () => [...(await dump(store)).keys()].filter((key) => key.includes(":report:"));
    expect(await listed()).toHaveLength((await stored()).length);
    await (await api(chat)).erase(ann.entity);
    expect(await traces(ann)).toEqual([]);
    expect(await listed()).toHaveLength((await stored()).length);
    const { json } = await chat.call("GET", `threads/${room}/messages`, { headers: bearer(ben.token) });
    expect(json).toMatchObject({
      messages: [
        { seq: 1, retracted: expect.any(String) },
        { seq: 2, retracted: expect.any(String) },
        { seq: 3, text: "Hello", reactions: { "👍": [ben.entity] } },
      ],
    });
    expect(await ben.thread(room)).toMatchObject({
      memberCount: 2,
      members: [
        { entity: ben.entity, role: "owner" },
        { entity: cid.entity, role: "member" },
      ],
    });
    expect(await ben.thread(direct)).toMatchObject({ memberCount: 1, members: [{ entity: ben.entity }] });
    expect(await ben.thread(left)).toMatchObject({ memberCount: 2 });
    expect((await chat.call("GET", "blocks", { headers: bearer(ben.token) })).json).toMatchObject({ blocks: [] });
    expect((await chat.call("GET", `stream/${ann.token}?wait=0`)).status).toBe(404);
  });

  test("removes the user's files, also those that were never sent", async () => {
    const { ann } = await live();
    const before = (await readdir(filesFolder)).length;
    await (await api(chat)).erase(ann.entity);
    expect((await readdir(filesFolder)).length).toBe(before - 2);
  });

  test("takes the user out of the mentions of a message that pretends to be one of the user's", async () => {
    const { ann, ben, direct } = await live();
    const { id } = await ann.say({ thread: direct, text: SECRET_TEXT });
    const attachments = [{ url: "https://example.com/", id }];
    await ben.say({ thread: direct, text: "Look", attachments, mentions: [ann.entity] });
    await (await api(chat)).erase(ann.entity);
    expect(await traces(ann)).toEqual([]);
    const { json } = await chat.call("GET", `threads/${direct}/messages?limit=1`, { headers: bearer(ben.token) });
    expect(json).toMatchObject({ messages: [{ text: "Look", mentions: [] }] });
  });

  test("tells streams that are behind to read the history again, on every instance, and nothing of the user", async () => {
    const { ann, ben, room, direct, left } = await live();
    const held = elsewhere.call(
      "GET",
      `stream/${ben.token}?wait=10&cursor=${encodeURIComponent((await last(ben)).cursor)}`,
    );
    await (await api(chat)).erase(ann.entity);
    expect((await held).status).toBe(200);
    for (const at of [chat, elsewhere]) {
      const all = await ben.news(ben.cursor, at);
      expect(JSON.stringify(all)).not.toContain(ann.entity);
      expect(JSON.stringify(all)).not.toContain(SECRET_TEXT);
      const [resync] = all.filter(({ type }) => type === "resync");
      const threads = JSON.stringify(resync);
      for (const id of [room, direct, left]) expect(threads).toContain(id);
      const query = encodeURIComponent("recipe");
      const found = await at.call("GET", `search?q=${query}`, { headers: bearer(ben.token) });
      expect(found.text).not.toContain(SECRET_TEXT);
    }
  });

  test("lets those who remain in a direct thread write to the user as to somebody new", async () => {
    const { ann, ben, direct } = await live();
    await ben.send({ type: "block", block: { entity: ann.entity, remove: true } });
    await elsewhere.call("POST", `send/${ben.token}`, {
      body: { type: "message", message: { to: [ann.entity], text: "?" } },
    });
    await (await api(chat)).erase(ann.entity);
    const stanza = { type: "message", message: { to: [ann.entity], text: "Are you there?" } };
    const sent = await elsewhere.call("POST", `send/${ben.token}`, { body: stanza });
    expect(part(sent, "results")).toMatchObject([{ seq: 1 }]);
    expect(JSON.stringify(part(sent, "results"))).not.toContain(direct);
    expect((await ben.say({ thread: direct, text: "To nobody" })).seq).toBeGreaterThan(2);
  });

  test("bans the user meanwhile, and not afterwards", async () => {
    const { ann } = await live();
    const first = await server("POST", "erasures", { entity: ann.entity });
    expect(first.json).toMatchObject({ next: expect.any(String) });
    const headers = bearer(await session(ann.entity));
    expect((await chat.call("POST", "token", { headers })).json).toMatchObject({ code: "banned" });
    expect((await elsewhere.call("GET", "threads", { headers })).json).toMatchObject({ code: "banned" });
    expect(await traces(ann)).not.toEqual([]);
    await (await api(chat)).erase(ann.entity);
    expect(await traces(ann)).toEqual([]);
    expect((await chat.call("POST", "token", { headers })).status).toBe(200);
  });

  test("leaves a ban of the host as it was, and of the id no more than a digest", async () => {
    const { ann } = await live();
    const functions = await api(chat);
    await functions.ban(ann.entity);
    await functions.erase(ann.entity);
    await functions.erase(ann.entity);
    const headers = bearer(await session(ann.entity));
    for (const { call } of [chat, elsewhere])
      for (const ask of ["POST token", "GET threads", "GET stream?wait=0"]) {
        const [method = "", path = ""] = ask.split(" ");
        expect((await call(method, path, { headers })).json).toMatchObject({ code: "banned" });
      }
    expect((await functions.bans()).bans).not.toContain(ann.entity);
    expect(await traces(ann)).toEqual([expect.stringContaining(` erased ${digest(ann.entity)}`)]);
    const kept: ExportedLine[] = [];
    for await (const line of functions.export(ann.entity)) kept.push(line);
    expect(kept).toEqual([{ type: "ban", ban: {} }]);
    await functions.unban(ann.entity);
    expect(await traces(ann)).toEqual([]);
    await expect.poll(async () => (await elsewhere.call("POST", "token", { headers })).status).toBe(200);
  });

  test("leaves a ban that the host pronounces meanwhile, and cannot be interrupted by lifting one", async () => {
    const [ann, ben] = [(await live()).ann, (await live()).ann];
    const functions = await api(chat);
    for (const { entity } of [ann, ben]) await server("POST", "erasures", { entity });
    await functions.ban(ann.entity);
    await functions.unban(ben.entity);
    const ask = async ({ entity }: Outsider) =>
      (await chat.call("GET", "threads", { headers: bearer(await session(entity)) })).status;
    expect([await ask(ann), await ask(ben)]).toEqual([403, 403]);
    for (const { entity } of [ann, ben]) await functions.erase(entity);
    expect([await ask(ann), await ask(ben)]).toEqual([403, 200]);
  });

  test.each([
    { name: "outboxLease", act: "tell the host" },
    { name: "pushLease", act: "push to others" },
  ] as const)(
    "ends after the round, by its $name, in which an instance may still $act what it read before",
    async ({ name }) => {
      const { ann } = await live();
      const { keys, store: redis } = store;
      // Of the rounds that others begin meanwhile, each ends at once.
      const lease = (px: number) =>
        redis.transact(v.tuple([v.unknown()]), (batch) => batch.set(keys[name], "elsewhere", { px }));
      const steps: string[] = [];
      let rounds = 0;
      for (let after: unknown; ; ) {
        const { json } = await server("POST", "erasures", {
          entity: ann.entity,
          ...(after === undefined ? {} : { after }),
        });
        after = Object(json).next;
        if (after === undefined) break;
        const [step = ""] = `${after}`.split(" ");
        if (step === "logs") await lease(60_000);
        if (step === "rounds" && ++rounds === 3) await lease(1);
        steps.push(step);
      }
      // On a busy machine, a round that the erasure itself has rung may hold the lease once more.
      expect(steps.filter((it) => it === "rounds").length).toBeGreaterThanOrEqual(3);
      expect(await traces(ann)).toEqual([]);
    },
  );

  test("is finished by calling again, wherever it was cut off", async () => {
    const { ann } = await live();
    const way = await gate(inject("bridge")?.url ?? "");
    const cut = inProcess({ ...settings, redisUrl: way.url });
    const functions = await api(cut);
    let allowed = 0;
    let isDone = false;
    // A walk takes the longer the more keys other tests have left in the store.
    for (let steps = 1; !isDone; steps = Math.ceil(steps * 1.2)) {
      expect(steps).toBeLessThan(100_000);
      allowed = steps;
      way.pace(async () => {
        if (allowed-- <= 0) throw new Error("The instance dies");
      });
      isDone = await functions.erase(ann.entity).then(
        () => true,
        () => false,
      );
    }
    await cut.stop();
    way.stop();
    expect(await traces(ann)).toEqual([]);
  }, 120_000);

  test("cannot be of the system, nor begin where no call has ended", async () => {
    const ids = ["nereid-chat:system", "nereid-chat:erased"];
    for (const entity of ids)
      expect((await server("POST", "erasures", { entity })).json).toMatchObject({ code: "invalid" });
    for (const after of ["traces", "nothing 0", "traces x", "traces 0; DROP"])
      expect((await server("POST", "erasures", { entity: "ann", after })).json).toMatchObject({ code: "invalid" });
    for (const sub of ids)
      expect((await chat.call("POST", "token", { headers: bearer(await session(sub)) })).status).toBe(401);
  });
});

/** Reads a stream to its end. */
async function last(of: Outsider) {
  for (let cursor = of.cursor; ; ) {
    const answer = await of.poll(`?wait=0&cursor=${encodeURIComponent(cursor)}`);
    if (answer.stanzas.length === 0) return answer;
    cursor = answer.cursor;
  }
}

describe("a kind of key", () => {
  const keys = createKeys("chat:");

  test("has a rule that says what an erasure does with it", () => {
    expect(Object.keys(TRACES).sort()).toEqual(Object.keys(keys).sort());
  });

  test("is known by its spelling", () => {
    for (const [kind, key] of Object.entries(keys)) {
      const spelled =
        typeof key === "string" ? key : Reflect.apply(key, undefined, kind === "direct" ? [["a", "b"]] : ["a", "1"]);
      expect([kind, readKey(keys, spelled)?.kind]).toEqual([kind, kind]);
    }
    expect(readKey(keys, "other:clock")).toBeUndefined();
    expect(readKey(keys, "chat:something")).toBeUndefined();
  });

  test("stands in the store only if it is known", async () => {
    await live();
    expect([...(await dump(store)).keys()].filter((key) => readKey(store.keys, key) === undefined)).toEqual([]);
  });
});

describe("the export of a user", () => {
  test("has what the user has said and set, and nothing that others have said", async () => {
    const { ann, ben, cid, room, direct, left } = await live();
    const lines: ExportedLine[] = [];
    for await (const line of (await api(chat)).export(ann.entity)) lines.push(line);
    const of = (type: string) => lines.filter((it) => it.type === type);
    expect(of("profile")).toMatchObject([{ profile: { id: ann.entity, displayName: NAME } }]);
    expect(of("membership").map(({ membership }) => Object(membership).thread)).toEqual(
      expect.arrayContaining([room, direct]),
    );
    expect(of("membership")).toContainEqual(
      expect.objectContaining({ membership: expect.objectContaining({ thread: direct, muted: true, read: 2 }) }),
    );
    expect(
      of("message")
        .map(({ message }) => Object(message).text)
        .sort(),
    ).toEqual([2, 3, 5].map((n) => `${SECRET_TEXT} ${n}`));
    expect(of("reaction")).toMatchObject([{ reaction: { thread: room, seq: 3, emoji: "👍" } }]);
    expect(of("block")).toMatchObject([{ block: { entity: cid.entity } }]);
    expect(of("device")).toEqual([
      { type: "device", device: { since: expect.any(String), endpoint: DEVICE.endpoint } },
    ]);
    expect(of("membership")).toContainEqual(
      expect.objectContaining({ membership: expect.objectContaining({ thread: room, notify: "all" }) }),
    );
    expect(of("ban")).toEqual([{ type: "ban", ban: { thread: left } }]);
    expect(of("invite")).toMatchObject([{ invite: { thread: room } }]);
    expect(of("report")).toEqual([
      {
        type: "report",
        report: {
          ...{ id: expect.any(String), timestamp: expect.any(String), by: ann.entity, thread: room },
          message: { id: expect.any(String), seq: 3 },
        },
      },
    ]);
    for (const others of ["Thanks", "Hello"]) expect(JSON.stringify(lines)).not.toContain(others);
    expect(JSON.stringify(lines)).not.toContain(`"by":"${ben.entity}"`);
  });

  test("comes in parts of at most 1 MiB", async () => {
    const ann = await outsider(chat, somebody("ann"));
    const room = randomUUID();
    const long = "ä".repeat(4_000);
    await ann.call("POST", "threads", { kind: "room", id: room, members: [] });
    for (let i = 0; i < 140; i++) await ann.say({ thread: room, text: long });
    let count = 0;
    for (let after: string | undefined = ""; after !== undefined; ) {
      const query = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
      const headers = bearer(await session("server", { scope: "chat:server" }));
      const reply = await chat.fetch(`server/export?entity=${encodeURIComponent(ann.entity)}${query}`, { headers });
      const text = await reply.text();
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_048_576);
      const lines = text
        .split("\n")
        .filter(Boolean)
        .map((it) => JSON.parse(it));
      count += lines.filter(({ type }) => type === "message").length;
      after = lines.at(-1)?.type === "next" ? lines.at(-1).after : undefined;
    }
    expect(count).toBe(140);
  });
});
