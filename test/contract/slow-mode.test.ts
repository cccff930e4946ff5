import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { send } from "../../lib/chat/send.js";
import { chat } from "../support/chat.js";
import { inProcess } from "../support/in-process.js";
import { asThread, asThreads, type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { Person } from "../support/person.js";

// PROFILE §6: rooms in slow mode.

const server = inProcess();
afterAll(() => server.stop());

let ann: Outsider;
let ben: Outsider;
let cid: Outsider;
let id: string;
beforeEach(async () => {
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
  cid = await outsider(server, somebody("cid"));
  id = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity, cid.entity] })).id;
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const change = (who: Outsider, body: object, thread = id) => who.call("PATCH", `threads/${thread}`, body);
const say = (who: Outsider, message: object = {}) =>
  who.send({ type: "message", message: { thread: id, text: "Hi", ...message } });

describe("a slow room", () => {
  it("says so to everybody: in the thread, in lists, and on the stream", async () => {
    expect(asThread(await change(ann, { slow: 30 })).slow).toBe(30);
    expect((await ben.thread(id)).slow).toBe(30);
    expect(asThreads(await ben.call("GET", "threads"))).toMatchObject([{ slow: 30 }]);
    expect((await ben.news()).at(-1)).toMatchObject({ type: "thread", thread: { id, action: "slow", slow: 30 } });
    const before = (await ben.news()).length;
    expect(asThread(await change(ann, { slow: 30 })).slow).toBe(30);
    expect(await ben.news()).toHaveLength(before);
    expect(asThread(await change(ann, { slow: 0 }))).not.toHaveProperty("slow");
  });

  it("takes one message of each member, then asks to wait", async () => {
    await change(ann, { slow: 30 });
    expect((await say(ben)).status).toBe(200);
    const refused = await say(ben);
    expect(refused).toMatchObject(problem(429, "slow_mode"));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(25);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(30);
    expect((await say(cid)).status).toBe(200);
    expect((await ann.thread(id)).seq).toBe(2);
  });

  it("counts each message of an envelope, and those of the first implementation's URL", async () => {
    await change(ann, { slow: 30 });
    const stanza = { type: "message", message: { thread: id, text: "Hi" } };
    const reply = await ben.send({ stanzas: [stanza, stanza] });
    expect(reply).toMatchObject({ ...problem(429, "slow_mode"), json: { failed: 1, results: [{ seq: 1 }] } });
    expect(reply.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await ben.call("POST", "send-message", { thread_id: id, message: "Hi" })).toMatchObject(
      problem(429, "slow_mode"),
    );
  });

  it("never refuses a message that it has accepted before", async () => {
    await change(ann, { slow: 3_600 });
    const message = { id: crypto.randomUUID() };
    const first = await say(ben, message);
    for (let i = 0; i < 3; i++)
      expect(part(await say(ben, message), "results", "0")).toEqual({
        ...Object(part(first, "results", "0")),
        duplicate: true,
      });
  });

  it("counts no message that it refuses for another reason", async () => {
    await change(ann, { slow: 30 });
    expect(await say(ben, { replyTo: crypto.randomUUID() })).toMatchObject(problem(404, "message_not_found"));
    expect(await say(ben, { mentions: ["nobody"] })).toMatchObject(problem(400, "invalid"));
    expect((await say(ben)).status).toBe(200);
  });

  it("lets owners send, and everybody correct, react and write elsewhere", async () => {
    await change(ann, { slow: 30 });
    for (let i = 0; i < 3; i++) expect((await say(ann)).status).toBe(200);
    const sent = { thread: id, id: part(await say(ben), "results", "0", "id") };
    expect((await ben.send({ type: "edit", edit: { ...sent, text: "Hello" } })).status).toBe(200);
    expect((await ben.send({ type: "reaction", reaction: { ...sent, emoji: "👍" } })).status).toBe(200);
    await ben.say({ to: [cid.entity], text: "1" });
    await ben.say({ to: [cid.entity], text: "2" });
  });

  it("ends at once with 0, and counts from the last message when the pause changes", async () => {
    await change(ann, { slow: 3_600 });
    await say(ben);
    await change(ann, { slow: 60 });
    const refused = await say(ben);
    expect(refused).toMatchObject(problem(429, "slow_mode"));
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    await change(ann, { slow: 0 });
    expect((await say(ben)).status).toBe(200);
    expect((await say(ben)).status).toBe(200);
  });

  it("is made by owners alone, in rooms alone", async () => {
    for (const body of [{ slow: 1 }, { slow: 1, add: [somebody()] }, { slow: 0, add: [somebody()] }])
      expect(await change(ben, body)).toMatchObject(problem(403, "forbidden"));
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi" });
    expect(await change(ann, { slow: 1 }, thread)).toMatchObject(problem(403, "forbidden"));
  });

  it.each([-1, 3_601, 1.5, "30", true])("refuses what is no pause: %j", async (slow) => {
    expect(await change(ann, { slow })).toMatchObject(problem(400, "invalid"));
  });

  it("takes the next message when the time is over, across the border of two lists of the archive", async () => {
    const [dan, eve] = [new Person(chat), new Person(chat)];
    const now = Date.now();
    const room = `slow-${now}`;
    await dan.send("message", { thread: room, to: [eve.id], text: "1" });
    for (let i = 0; i < 255; i++) await dan.send("message", { thread: room, text: "more" });
    await dan.send("thread", { id: room, slow: 10 });
    const message = [{ type: "message", message: { thread: room, text: "Hi" } }];
    const at = (ms: number) => send(chat, eve.caller, message, now + ms).then(({ results }) => results[0]);
    expect(await at(0)).toMatchObject({ seq: 257 });
    await expect(at(9_000)).rejects.toMatchObject({ code: "slow_mode", extra: { retryAfter: 1 } });
    expect(await at(10_000)).toMatchObject({ seq: 258 });
  });
});
