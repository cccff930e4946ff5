import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ChatOptions } from "../../lib/config.js";
import { deriveSecret } from "../../lib/config-hooks.js";
import { composeChat } from "../support/chat.js";
import { inProcess } from "../support/in-process.js";
import { type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { SECRET } from "../support/site.js";
import { type Answer, hostServer, type Received } from "./endpoint.js";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A chat that tells a server what happens, under a prefix of its own, so that no other test's events wait there. */
async function told(answer?: (it: Received) => Answer | Promise<Answer>, options: ChatOptions = {}) {
  const host = await hostServer(deriveSecret(SECRET), answer);
  const prefix = `hooks-${randomUUID().slice(0, 8)}:`;
  const settings = {
    webhookUrl: host.url,
    webhookPrivate: true,
    jwtSecret: SECRET,
    prefix,
    unreadAfter: 0,
    ...options,
  };
  const chat = inProcess(settings);
  ends.push(
    () => chat.stop(),
    () => host.close(),
  );
  const [ann, ben] = await Promise.all([outsider(chat, somebody("ann")), outsider(chat, somebody("ben"))]);
  return { host, chat, ann, ben, settings };
}

const say = (to: Outsider, text: string, more = {}) => ({
  type: "message",
  message: { to: [to.entity], text, ...more },
});
const texts = (all: readonly Received[]) => all.map(({ data }) => Reflect.get(Object(data.message), "text"));

describe("the host's server", () => {
  test("is told of messages, mentions, edits, retractions, and of threads made and changed, in order", async () => {
    const { host, ann, ben } = await told();
    const id = randomUUID();
    const sent = await ann.send(say(ben, "Hi", { id, mentions: [ben.entity] }));
    const thread = Reflect.get(Object(part(sent, "results"))[0], "thread");
    await ann.send({ type: "edit", edit: { thread, id, text: "Hello" } });
    await ann.send({ type: "retract", retract: { thread, id } });
    const room = await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject: "Lunch" });
    await ann.call("PATCH", `threads/${Reflect.get(Object(room.json), "id")}`, { subject: "Dinner" });
    await vi.waitFor(() => expect(host.received).toHaveLength(7), { timeout: 5_000 });
    const inDirect = host.received.filter(({ data }) => JSON.stringify(data).includes(thread)).map(({ type }) => type);
    expect(inDirect).toEqual([
      "thread.created",
      "message.sent",
      "message.mentioned",
      "message.edited",
      "message.retracted",
    ]);
    expect(host.types().filter((type) => type.startsWith("thread."))).toEqual([
      "thread.created",
      "thread.created",
      "thread.changed",
    ]);
    const [message] = host.received.filter(({ type }) => type === "message.sent");
    expect(message?.data).toMatchObject({ message: { id, thread, seq: 1, text: "Hi", sender: { id: ann.entity } } });
    expect(host.received.find(({ type }) => type === "message.mentioned")?.data.users).toEqual([ben.entity]);
  });

  test("is told of a report once, with the message as it was", async () => {
    const { host, ann, ben } = await told();
    const id = randomUUID();
    const sent = await ann.send(say(ben, "Rude", { id }));
    const thread = Reflect.get(Object(part(sent, "results"))[0], "thread");
    const report = { type: "report", report: { thread, id, reason: "It is rude" } };
    for (let i = 0; i < 2; i++) await ben.send(report);
    await ann.send(say(ben, "Sorry"));
    await vi.waitFor(() => expect(texts(host.received)).toContain("Sorry"), { timeout: 5_000 });
    const reports = host.received.filter(({ type }) => type === "user.reported");
    expect(reports).toHaveLength(1);
    expect(reports[0]?.data).toMatchObject({
      report: {
        by: ben.entity,
        thread,
        reason: "It is rude",
        message: { id, text: "Rude", sender: { id: ann.entity } },
      },
    });
  });

  test("is not told of reactions, receipts, states, presence and blocks", async () => {
    const { host, ann, ben } = await told();
    const id = randomUUID();
    const sent = await ann.send(say(ben, "Hi", { id }));
    const thread = Reflect.get(Object(part(sent, "results"))[0], "thread");
    await ben.send({ type: "reaction", reaction: { thread, id, emoji: "👍" } });
    await ben.send({ type: "receipt", receipt: { thread, seq: 1 } });
    await ben.send({ type: "state", state: { thread, state: "composing" } });
    await ben.send({ type: "presence", presence: [{ show: "away" }] });
    await ben.send({ type: "block", block: { entity: somebody("eve") } });
    await ann.send(say(ben, "Bye"));
    await vi.waitFor(() => expect(host.received).toHaveLength(3), { timeout: 5_000 });
    expect(host.types()).toEqual(["thread.created", "message.sent", "message.sent"]);
  });

  test("gets every event again under the same id until it takes it, in the order of the thread", async () => {
    let calls = 0;
    const { host, ann, ben } = await told(() => ({ status: ++calls % 3 === 0 ? 204 : 500 }));
    for (const text of ["1", "2"]) await ann.send(say(ben, text));
    await vi.waitFor(() => expect(host.received).toHaveLength(3), { timeout: 25_000, interval: 100 });
    expect(texts(host.received)).toEqual([undefined, "1", "2"]);
    for (const { id } of host.received) expect(host.attempts.filter((it) => it.id === id).length).toBe(3);
    expect(new Set(host.received.map(({ id }) => id)).size).toBe(3);
  }, 30_000);

  test("has taken an event when it says so, however much else it says", async () => {
    const { host, ann, ben } = await told(() => ({ status: 200, body: "x".repeat(10_000_000) }));
    for (const text of ["1", "2"]) await ann.send(say(ben, text));
    await vi.waitFor(() => expect(host.received.length).toBeGreaterThanOrEqual(3), { timeout: 5_000 });
    expect(texts(host.attempts)).toEqual([undefined, "1", "2"]);
  });

  test("that fails for one thread is told of the others meanwhile", async () => {
    let bad = "";
    const { host, ann, ben, chat } = await told((it) => ({ status: JSON.stringify(it).includes(bad) ? 500 : 204 }));
    const eve = await outsider(chat, somebody("eve"));
    bad = eve.entity;
    await eve.send(say(ann, "never"));
    await ann.send(say(ben, "at once"));
    await vi.waitFor(() => expect(texts(host.received)).toContain("at once"), { timeout: 5_000 });
    expect(texts(host.received)).not.toContain("never");
  });

  test("delays no message when it hangs, and is told by another instance when the first one has gone", async () => {
    let alive = false;
    const { host, ann, ben, chat, settings } = await told(() => (alive ? { status: 204 } : "hangs"));
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      await ann.send(say(ben, `${i}`));
      expect(performance.now() - began).toBeLessThan(1_000);
    }
    await vi.waitFor(() => expect(host.attempts.length).toBeGreaterThan(0), { timeout: 5_000 });
    await chat.stop();
    alive = true;
    const other = inProcess({ ...settings, cronSecret: "a secret of the clock" });
    ends.push(() => other.stop());
    const cron = () => other.call("GET", "cron", { headers: { authorization: "Bearer a secret of the clock" } });
    await vi.waitFor(
      async () => {
        expect((await cron()).status).toBe(200);
        expect(texts(host.received).slice(1)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
      },
      { timeout: 45_000, interval: 1_000 },
    );
  }, 60_000);

  test("is told who has not read a message and is not connected, once until they have read it", async () => {
    const { host, ann, ben } = await told(undefined, { unreadAfter: 1 });
    vi.useFakeTimers({ toFake: ["Date"] });
    ends.push(async () => vi.useRealTimers());
    const sent = await ann.send(say(ben, "Are you there?"));
    const thread = Reflect.get(Object(part(sent, "results"))[0], "thread");
    await vi.waitFor(() => expect(host.types()).toContain("message.sent"), { timeout: 5_000 });
    const unread = () => host.received.filter(({ type }) => type === "message.unread");
    vi.setSystemTime(Date.now() + 61_000);
    await ann.send({ type: "state", state: { thread, state: "paused" } });
    await vi.waitFor(() => expect(unread()).toHaveLength(1), { timeout: 5_000 });
    expect(unread()[0]?.data).toEqual({ thread, seq: 1, users: [ben.entity] });
    await ann.send(say(ben, "Hello?"));
    await vi.waitFor(() => expect(texts(host.received)).toContain("Hello?"), { timeout: 5_000 });
    vi.setSystemTime(Date.now() + 61_000);
    await ann.send(say(ben, "Well"));
    await vi.waitFor(() => expect(texts(host.received)).toContain("Well"), { timeout: 5_000 });
    expect(unread()).toHaveLength(1);
  });

  test("is not told of it for whoever has muted the thread, nor in a room of more than 100", async () => {
    const many = { unreadAfter: 1, rateSend: 100_000, rateReach: 100_000 };
    const { host, chat, ann, ben } = await told(undefined, many);
    const cid = await outsider(chat, somebody("cid"));
    vi.useFakeTimers({ toFake: ["Date"] });
    ends.push(async () => vi.useRealTimers());
    const others = Array.from({ length: 98 }, () => somebody("other"));
    const room = async (members: string[]) => {
      const thread = Reflect.get(Object((await ann.call("POST", "threads", { kind: "room", members })).json), "id");
      await ben.send({ type: "setting", setting: { thread, muted: true } });
      await ann.send({ type: "message", message: { thread, text: "Is anybody there?" } });
      return thread;
    };
    const small = await room([ben.entity, cid.entity]);
    const full = await room([ben.entity, ...others]);
    await room([ben.entity, cid.entity, ...others]);
    const sent = () => host.types().filter((type) => type === "message.sent");
    await vi.waitFor(() => expect(sent()).toHaveLength(3), { timeout: 10_000 });
    vi.setSystemTime(Date.now() + 61_000);
    await ann.send(say(cid, "Well"));
    const unread = () => host.received.filter(({ type }) => type === "message.unread").map(({ data }) => data);
    await vi.waitFor(() => expect(unread()).toHaveLength(2), { timeout: 10_000 });
    await vi.waitFor(() => expect(texts(host.received)).toContain("Well"), { timeout: 5_000 });
    expect(unread()).toEqual(
      expect.arrayContaining([
        { thread: small, seq: 1, users: [cid.entity] },
        { thread: full, seq: 1, users: expect.toSatisfy((users: string[]) => users.length === 98) },
      ]),
    );
  });
});

describe("the clock's path", () => {
  test.each([
    [{ cronSecret: "a secret" }, {}, 401],
    [{ cronSecret: "a secret" }, { authorization: "Bearer another" }, 401],
    [{ cronSecret: "a secret" }, { authorization: "Bearer a secret" }, 200],
    [{}, { authorization: "Bearer a secret" }, 404],
  ])("is for whoever has its secret: %j %j", async (options, headers, status) => {
    const chat = inProcess(options);
    ends.push(() => chat.stop());
    expect((await chat.call("GET", "cron", { headers: Object.assign({}, headers) })).status).toBe(status);
  });

  test("does nothing where only its secret is to be checked", async () => {
    const { host, ann, ben, chat, settings } = await told(() => "hangs");
    await ann.send(say(ben, "Hello"));
    await vi.waitFor(() => expect(host.attempts.length).toBeGreaterThan(0), { timeout: 5_000 });
    await chat.stop();
    const before = host.attempts.length;
    const other = inProcess({ ...settings, cronSecret: "a secret" });
    ends.push(() => other.stop());
    const check = (secret: string) =>
      other.call("GET", "cron?check=1", { headers: { authorization: `Bearer ${secret}` } });
    expect(await check("a secret")).toMatchObject({ status: 200, json: { jobs: {} } });
    expect((await check("another")).status).toBe(401);
    expect(host.attempts.length).toBe(before);
    expect((await other.call("GET", "cron?check=yes", {})).status).toBe(400);
  });

  test("says of each job whether it is done, and one that fails fails no other", async () => {
    const wrong = { s3Endpoint: "http://127.0.0.1:9", s3Bucket: "b", s3AccessKeyId: "k", s3SecretAccessKey: "s" };
    const prefix = `cron-${randomUUID().slice(0, 8)}:`;
    const chat = inProcess({ prefix, cronSecret: "a secret", ...wrong });
    ends.push(() => chat.stop());
    const call = () => chat.call("GET", "cron", { headers: { authorization: "Bearer a secret" } });
    expect((await call()).json).toEqual({ timestamp: expect.any(String), jobs: { pushes: "done", files: "done" } });
    const { keys, store } = composeChat({ prefix });
    await store.transact(v.array(v.unknown()), (batch) => batch.zadd(keys.files, { score: 0, member: "a".repeat(22) }));
    expect(await call()).toMatchObject({ status: 200, json: { jobs: { pushes: "done", files: "failed" } } });
  });
});
