import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createServerApi } from "../../lib/backend/server-api.js";
import { compose } from "../../lib/chat.js";
import { parseConfig } from "../../lib/config.js";
import { claim } from "../../lib/push/claim.js";
import { subscribe } from "../../lib/push/devices.js";
import { forgetShown, shownTo } from "../../lib/push/retracted.js";
import { chat as composed } from "../support/chat.js";
import { dump } from "../support/dump.js";
import { inProcess } from "../support/in-process.js";
import { type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";
import { idOf, type Push, pushService, type Verdict } from "./push-service.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

// The local store lets pushes go to this machine.
const LOCAL = { CHAT_STORE: "local" };
const CRON = "a secret of the clock";

/** A chat whose pushes go to a service on this machine, under a prefix of its own; Ben has a device there, and no page open. */
async function pushing(answer?: (push: Push) => Verdict) {
  const service = await pushService(answer);
  const settings = { prefix: `push-${randomUUID().slice(0, 8)}:`, cronSecret: CRON };
  const start = () => {
    const chat = inProcess(settings, LOCAL);
    ends.push(() => chat.stop());
    return chat;
  };
  const chat = start();
  ends.push(() => service.close());
  const [ann, ben] = await Promise.all([
    outsider(chat, somebody("ann"), { name: "Ann" }),
    outsider(chat, somebody("ben")),
  ]);
  const device = service.device();
  expect((await ben.call("POST", "push", { ...device, page: "/chat?thread={thread}" })).status).toBe(201);
  return { service, chat, ann, ben, device, start, settings };
}

/** Lets time pass for what reads the clock. */
function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1_000 });
  ends.push(() => vi.useRealTimers());
}

const drain = (chat: ReturnType<typeof inProcess>) =>
  chat.call("GET", "cron", { headers: { authorization: `Bearer ${CRON}` } });
const direct = (to: Outsider, text: string) => ({ to: [to.entity], text });
const bodies = (pushes: readonly Push[]) => pushes.map(({ payload }) => payload.body ?? payload.type);

async function room(owner: Outsider, members: Outsider[], more: object = {}): Promise<string> {
  const body = { kind: "room", members: members.map(({ entity }) => entity), ...more };
  return `${part(await owner.call("POST", "threads", body), "id")}`;
}

describe("a push", () => {
  test("tells a user without an open page of a direct message, encrypted and signed, by what a notification needs", async () => {
    const { service, ann, ben } = await pushing();
    const { thread } = await ann.say(direct(ben, `Hello,\n Ben ${"x".repeat(300)}`));
    await vi.waitFor(() => expect(service.received).toHaveLength(1), { timeout: 5_000 });
    const [push] = service.received;
    expect(push).toMatchObject({ ttl: 86_400, urgency: "high", topic: expect.stringMatching(/^[\w-]{32}$/) });
    expect(push?.subject).toMatch(/^https:/);
    expect(push?.payload).toEqual({
      ...{ type: "message", thread, seq: 1, to: ben.entity, title: "Ann" },
      body: expect.stringMatching(/^Hello, Ben x+…$/),
      ...{ tag: `nereid ${thread}`, page: `/chat?thread=${thread}` },
    });
    expect(`${push?.payload.body}`).toHaveLength(200);
  });

  test("says how much of its title is the name of a guest, who is called whatever they typed", async () => {
    const { service, chat, ann, ben } = await pushing();
    const gus = await outsider(chat, somebody("gus"), { name: "Ann 🎉", actor: { objectType: "guest" } });
    const thread = await room(ann, [ben, gus], { subject: "Lunch" });
    await gus.say(direct(ben, "1"));
    await drain(chat);
    await gus.say({ thread, text: "2", mentions: [ben.entity] });
    await drain(chat);
    expect(service.received.map(({ payload: { title, guest } }) => [title, guest])).toEqual([
      ["Ann 🎉", 6],
      ["Ann 🎉 · Lunch", 6],
    ]);
  });

  test("goes to each device of a user, and not to the sender's", async () => {
    const { service, ann, ben } = await pushing();
    await ben.call("POST", "push", service.device());
    await ann.call("POST", "push", service.device("of ann"));
    await ann.say(direct(ben, "Hi"));
    await vi.waitFor(() => expect(service.received).toHaveLength(2), { timeout: 5_000 });
    expect(service.received.map(({ device }) => device)).not.toContain("of ann");
  });

  test("names the room, and is sent of mentions, until the member chooses otherwise", async () => {
    const { service, chat, ann, ben } = await pushing();
    const thread = await room(ann, [ben], { subject: "Lunch" });
    const set = async (notify: string) => {
      expect((await ben.send({ type: "setting", setting: { thread, notify } })).status).toBe(200);
      expect(await ben.thread(thread)).toMatchObject({ notify });
    };
    const say = async (text: string, mentions: string[] = []) => {
      await ann.say({ thread, text, mentions });
      await drain(chat);
    };
    await say("1");
    await say("2", [ben.entity]);
    await set("all");
    await say("3");
    await set("none");
    await say("4", [ben.entity]);
    await set("mentions");
    await say("5");
    await say("6", [ben.entity]);
    expect(bodies(service.received)).toEqual(["2", "3", "6"]);
    expect(service.received.map(({ payload }) => payload.title)).toEqual(Array(3).fill("Ann · Lunch"));
    expect(service.received.map(({ urgency }) => urgency)).toEqual(["high", "normal", "high"]);
  });

  test("is not sent of a muted thread, nor of whom the user blocks, nor to who is banned or has left", async () => {
    const { service, chat, ann, ben } = await pushing();
    const thread = await room(ann, [ben]);
    const say = async (text: string) => {
      await ann.say({ thread, text, mentions: [ben.entity] });
      await drain(chat);
    };
    await ben.send({ type: "setting", setting: { thread, muted: true } });
    await say("muted");
    await ben.send({ type: "setting", setting: { thread, muted: false } });
    await ben.send({ type: "block", block: { entity: ann.entity } });
    await say("blocked");
    await ben.send({ type: "block", block: { entity: ann.entity, remove: true } });
    const server = { authorization: `Bearer ${await session("server", { scope: "chat:server" })}` };
    await chat.call("POST", "server/bans", { body: { entity: ben.entity }, headers: server });
    await say("banned");
    await chat.call("DELETE", `server/bans?entity=${encodeURIComponent(ben.entity)}`, { headers: server });
    await say("heard");
    await ben.call("PATCH", `threads/${thread}`, { remove: [ben.entity] });
    await ann.say({ thread, text: "left" });
    await drain(chat);
    expect(bodies(service.received)).toEqual(["heard", "close"]);
  });

  test("shows of HTML the text alone", async () => {
    const { service, ann, ben } = await pushing();
    await ann.say({ to: [ben.entity], type: "html", text: "<p>Tea &amp; <b>cake</b></p>" });
    await vi.waitFor(() => expect(bodies(service.received)).toEqual(["Tea & cake"]), { timeout: 5_000 });
  });
});

describe("a user who is connected", () => {
  test("gets no push, not later either, if the page stays open", async () => {
    const { service, chat, ann, ben } = await pushing();
    await ben.poll("?wait=0");
    await vi.waitFor(async () => expect(part(await ann.call("GET", "friends"), "friends")).toBeDefined());
    await ann.say(direct(ben, "Hi"));
    await drain(chat);
    later(40);
    await ben.poll("?wait=0");
    await drain(chat);
    later(30);
    await drain(chat);
    expect(service.attempts).toEqual([]);
  });

  test("gets it when the page turns out to have been closed, unless the message was retracted meanwhile", async () => {
    const { service, chat, ann, ben } = await pushing();
    await ben.poll("?wait=0");
    const { thread } = await ann.say(direct(ben, "Hi"));
    const gone = await ann.say({ thread: await room(ann, [ben]), text: "oh", mentions: [ben.entity] });
    await drain(chat);
    await ann.send({ type: "retract", retract: { thread: gone.thread, id: gone.id } });
    expect(service.attempts).toEqual([]);
    later(60);
    await drain(chat);
    expect(service.received.map(({ payload }) => payload.thread)).toEqual([thread]);
  });
});

describe("what rang", () => {
  test("is taken back when it is read elsewhere, once", async () => {
    const { service, chat, ann, ben } = await pushing();
    const { thread } = await ann.say(direct(ben, "Hi"));
    await drain(chat);
    for (let i = 0; i < 2; i++) {
      await ben.send({ type: "receipt", receipt: { thread, seq: 1 } });
      await drain(chat);
    }
    expect(bodies(service.received)).toEqual(["Hi", "close"]);
    const [message, close] = service.received;
    expect(close?.payload).toEqual({ type: "close", thread, tag: `nereid ${thread}` });
    expect(close?.topic).toBe(message?.topic);
  });

  test("is not taken back before all of it is read, nor where nothing rang", async () => {
    const { service, chat, ann, ben } = await pushing();
    const thread = await room(ann, [ben]);
    await ann.say({ thread, text: "silent" });
    await drain(chat);
    await ben.send({ type: "receipt", receipt: { thread, seq: 1 } });
    await ann.say({ thread, text: "one", mentions: [ben.entity] });
    await drain(chat);
    await ann.say({ thread, text: "two", mentions: [ben.entity] });
    await drain(chat);
    await ben.send({ type: "receipt", receipt: { thread, seq: 2 } });
    await drain(chat);
    expect(bodies(service.received)).toEqual(["one", "two"]);
  });
});

describe("a message that was retracted", () => {
  test("is taken back where it is the last that rang, once", async () => {
    const { service, chat, ann, ben } = await pushing();
    const { thread, id } = await ann.say(direct(ben, "oh"));
    await drain(chat);
    for (let i = 0; i < 2; i++) {
      await ann.send({ type: "retract", retract: { thread, id } });
      await drain(chat);
    }
    await ben.send({ type: "receipt", receipt: { thread, seq: 1 } });
    await drain(chat);
    expect(bodies(service.received)).toEqual(["oh", "close"]);
    expect(service.received[1]?.payload).toEqual({ type: "close", thread, tag: `nereid ${thread}` });
  });

  test("leaves the notification of a newer one, of which none is taken back", async () => {
    const { service, chat, ann, ben } = await pushing();
    const { thread, id } = await ann.say(direct(ben, "one"));
    await drain(chat);
    await ann.say({ thread, text: "two" });
    await drain(chat);
    await ann.send({ type: "retract", retract: { thread, id } });
    await drain(chat);
    expect(bodies(service.received)).toEqual(["one", "two"]);
  });

  test("is taken back from those alone for whom it rang", async () => {
    const { service, chat, ann, ben } = await pushing();
    const cid = await outsider(chat, somebody("cid"));
    const other = service.device();
    await cid.call("POST", "push", other);
    const { thread, id } = await ann.say({ thread: await room(ann, [ben, cid]), text: "oh", mentions: [cid.entity] });
    await drain(chat);
    await ann.send({ type: "retract", retract: { thread, id } });
    await drain(chat);
    expect(bodies(service.received)).toEqual(["oh", "close"]);
    expect(new Set(service.received.map(({ device }) => device)).size).toBe(1);
  });

  test("is looked for among the members only where something as new has rung", async () => {
    const thread = `room-${somebody()}`;
    const { keys, store } = composed;
    await store.transact(v.array(v.unknown()), (batch) => {
      batch.hset(keys.thread(thread), { "pushed:ben": "7", "pushed:cid": "8", rung: "7" });
      batch.zadd(keys.members(thread), { score: 1, member: "ben" }, { score: 2, member: "cid" });
      batch.zadd(keys.pushUsers, { score: 1, member: "ben" }, { score: 2, member: "cid" });
    });
    const shown = async (seq: number) => (await shownTo(composed, [{ thread, seqs: [seq] }])).map(({ who }) => who);
    expect([await shown(7), await shown(6), await shown(8)]).toEqual([["ben"], [], []]);
    await store.transact(v.array(v.unknown()), (batch) => {
      batch.del(keys.thread(thread), keys.members(thread));
      batch.zrem(keys.pushUsers, "ben", "cid");
    });
  });

  test("is forgotten by one script for all for whom it rang", async () => {
    const thread = `room-${somebody()}`;
    const who = Array.from({ length: 2_500 }, (_, i) => `u${i}`);
    const all = who.map((it) => ({ thread, seq: 7, who: it, entity: it }));
    const rung = Object.fromEntries(who.map((it, i) => [`pushed:${it}`, i === 5 ? "8" : "7"]));
    await composed.store.transact(v.array(v.unknown()), (batch) => batch.hset(composed.keys.thread(thread), rung));
    const scripts = vi.spyOn(composed.store, "runScript");
    await forgetShown(composed, all);
    expect(scripts).toHaveBeenCalledTimes(3);
    scripts.mockRestore();
    const [left] = await composed.store.transact(v.tuple([v.unknown()]), (batch) =>
      batch.hgetall(composed.keys.thread(thread)),
    );
    expect(left).toEqual(["pushed:u5", "8"]);
    await composed.store.transact(v.array(v.unknown()), (batch) => batch.del(composed.keys.thread(thread)));
  });
});

describe("what a notification shows", () => {
  const server = async (chat: ReturnType<typeof inProcess>) => {
    const authorization = `Bearer ${await session("server", { scope: "chat:server" })}`;
    return createServerApi(({ path, headers, ...init }) =>
      chat.fetch(path.slice(1), { ...init, headers: { ...headers, authorization } }),
    );
  };

  test("is taken back when its sender is erased, of whichever message it is", async () => {
    const { service, chat, ann, ben } = await pushing();
    const { thread } = await ann.say(direct(ben, "one"));
    await drain(chat);
    await ann.say({ thread, text: "two" });
    await drain(chat);
    await (await server(chat)).erase(ann.entity);
    await drain(chat);
    expect(bodies(service.received)).toEqual(["one", "two", "close"]);
    expect(service.received[2]?.payload).toEqual({ type: "close", thread, tag: `nereid ${thread}` });
  });

  test("stays when somebody else is erased", async () => {
    const { service, chat, ann, ben } = await pushing();
    const cid = await outsider(chat, somebody("cid"));
    const thread = await room(ann, [ben, cid]);
    await cid.say({ thread, text: "Hi" });
    await ann.say({ thread, text: "oh", mentions: [ben.entity] });
    await drain(chat);
    await (await server(chat)).erase(cid.entity);
    await drain(chat);
    expect(bodies(service.received)).toEqual(["oh"]);
  });

  test("is taken back when its thread is deleted, from those alone who had one", async () => {
    const { service, chat, ann, ben } = await pushing();
    await ann.call("POST", "push", service.device());
    const { thread } = await ann.say(direct(ben, "oh"));
    await drain(chat);
    await (await server(chat)).deleteThread(thread);
    await drain(chat);
    expect(bodies(service.received)).toEqual(["oh", "close"]);
  });

  test("is taken back from a member who leaves or is removed", async () => {
    const { service, chat, ann, ben } = await pushing();
    const thread = await room(ann, [ben]);
    for (const by of [ann, ben]) {
      await ann.say({ thread, text: "oh", mentions: [ben.entity] });
      await drain(chat);
      expect((await by.call("PATCH", `threads/${thread}`, { remove: [ben.entity] })).status).toBeLessThan(300);
      await drain(chat);
      await ann.call("PATCH", `threads/${thread}`, { add: [ben.entity] });
    }
    expect(bodies(service.received)).toEqual(["oh", "close", "oh", "close"]);
  });

  test("is taken back from who blocks its sender, in each of their threads, once", async () => {
    const { service, chat, ann, ben } = await pushing();
    const thread = await room(ann, [ben]);
    await ann.say({ thread, text: "in the room", mentions: [ben.entity] });
    await ann.say(direct(ben, "to you alone"));
    await drain(chat);
    for (let i = 0; i < 2; i++) await ben.send({ type: "block", block: { entity: ann.entity } });
    await drain(chat);
    await ben.send({ type: "block", block: { entity: ann.entity, remove: true } });
    await ben.send({ type: "block", block: { entity: ann.entity } });
    await drain(chat);
    expect(bodies(service.received).sort()).toEqual(["close", "close", "in the room", "to you alone"]);
  });

  test("stays when somebody else is blocked, and when its sender blocks", async () => {
    const { service, chat, ann, ben } = await pushing();
    const cid = await outsider(chat, somebody("cid"));
    await cid.say({ thread: await room(ann, [ben, cid]), text: "Hi" });
    await ann.say(direct(ben, "oh"));
    await drain(chat);
    await ben.send({ type: "block", block: { entity: cid.entity } });
    await ann.send({ type: "block", block: { entity: ben.entity } });
    await drain(chat);
    expect(bodies(service.received)).toEqual(["oh"]);
  });
});

describe("a push service", () => {
  test.each([404, 410])("that answers %i is not asked again for the device", async (status) => {
    const { service, chat, ann, ben } = await pushing(() => status);
    for (const text of ["1", "2"]) {
      await ann.say(direct(ben, text));
      await drain(chat);
    }
    expect(bodies(service.attempts)).toEqual(["1"]);
  });

  test.each([400, 413])("that answers %i does not get the same again, but the next one", async (status) => {
    const { service, chat, ann, ben } = await pushing(() => status);
    for (const text of ["1", "2"]) {
      await ann.say(direct(ben, text));
      await drain(chat);
      later(20);
      await drain(chat);
    }
    expect(bodies(service.attempts)).toEqual(["1", "2"]);
  });

  test.each([429, 500])(
    "that answers %i gets it again, for that device alone, unless it was read meanwhile",
    async (status) => {
      const failing = new Set<string>();
      const { service, chat, ann, ben, device } = await pushing((it) => (failing.has(it.device) ? status : 201));
      const name = device.endpoint.replace(/.*\//, "");
      await ben.call("POST", "push", service.device("other"));
      failing.add(name);
      const { thread } = await ann.say(direct(ben, "Hi"));
      await drain(chat);
      expect(service.received.map((it) => it.device)).toEqual(["other"]);
      failing.clear();
      later(15);
      await drain(chat);
      expect(service.received.map((it) => it.device)).toEqual(["other", name]);
      failing.add(name);
      await ann.say({ thread, text: "Bye" });
      await drain(chat);
      await ben.send({ type: "receipt", receipt: { thread, seq: 2 } });
      failing.clear();
      later(100);
      await drain(chat);
      expect(bodies(service.received.filter((it) => it.device === name))).toEqual(["Hi", "close"]);
    },
  );

  test("that hangs delays no message, and another instance sends what is left when the first one has gone", async () => {
    let alive = false;
    const { service, chat, ann, ben, start } = await pushing(() => (alive ? 201 : "hangs"));
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      await ann.say(direct(ben, `${i}`));
      expect(performance.now() - began).toBeLessThan(1_000);
    }
    await vi.waitFor(() => expect(service.attempts.length).toBeGreaterThan(0), { timeout: 5_000 });
    await chat.stop();
    alive = true;
    const other = start();
    await vi.waitFor(
      async () => {
        await drain(other);
        expect(bodies(service.received).at(-1)).toBe("19");
      },
      { timeout: 45_000, interval: 1_000 },
    );
  }, 60_000);

  test("on a private address is not reached, though a device names it", async () => {
    const { service, chat, ann, ben, settings, device } = await pushing();
    await chat.stop();
    const elsewhere = inProcess(settings, { CHAT_STORE: "upstash" });
    ends.push(() => elsewhere.stop());
    const again = await outsider(elsewhere, ann.entity);
    await again.say(direct(ben, "Hi"));
    await drain(elsewhere);
    expect(service.attempts).toEqual([]);
    const store = compose(parseConfig({ log: "silent", ...settings }, process.env));
    expect([...(await dump(store)).keys()].filter((key) => key.includes("devices"))).toEqual([]);
    store.store.close();
    expect(idOf(device)).toHaveLength(43);
  });
});

test("where nobody has a device, nothing waits for one", async () => {
  const { chat, ann, ben, device, settings } = await pushing();
  await ben.call("DELETE", `push/${idOf(device)}`);
  await ann.say(direct(ben, "Hi"));
  const store = compose(parseConfig({ log: "silent", ...settings }, process.env));
  const keys = [...(await dump(store)).keys()].filter((key) => /:push:/.test(key));
  store.store.close();
  expect(keys.map((key) => key.replace(/.*:push:/, ""))).toEqual([]);
  await chat.stop();
});

test("a user gets at most 30 pushes a minute, on each device", async () => {
  const entity = somebody();
  const service = await pushService();
  ends.push(() => service.close());
  const config = parseConfig({ log: "silent" }, { ...process.env, ...LOCAL });
  await subscribe({ ...composed, config }, entity, service.device(), Date.now());
  const claims = [];
  for (let i = 0; i < 4; i++) claims.push(await claim(composed, Array(10).fill({ entity }), []));
  expect(claims.map((it) => it.get(entity)?.allowed)).toEqual([30, 20, 10, 0]);
  expect(claims[3]?.get(entity)?.devices.size).toBe(1);
});
