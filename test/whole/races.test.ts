import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { follow } from "../../lib/stream/follow.js";
import { ask, chat, kick, meet, never, people, room, say, tail, told, trust, way } from "../support/people.js";
import { Person } from "../support/person.js";

await meet();

const { keys } = chat;

describe("idempotent:", () => {
  it("a direct thread is made once, however many requests ask for it at once", async () => {
    const { ann, ben } = people();
    const asked = [ann, ben, ann, ben].map((it) => thread.direct(chat, it.caller, [ann.id, ben.id], Date.now()));
    const made = await Promise.all(asked);
    expect(new Set(made.map((it) => it.id)).size).toBe(1);
    expect(made.filter((it) => it.made)).toHaveLength(1);
  });
});

describe("no loss:", () => {
  it("memberships that were being read while their user joined are not trusted", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    const dan = await new Person(chat).begin();
    const slow = way.hold(keys.threads(dan.id));
    const heard = dan.hear(10);
    await slow.arrived;
    await change(chat, ann.caller, id, { add: [dan.id] }, Date.now());
    await ben.hear(5);
    slow.release();
    const began = Date.now();
    expect(told(await heard)).toEqual(["added"]);
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it("a ring between the read of the tail and the wait is kept", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await ben.hear();
    tail.reset("test");
    await trust();
    const slow = way.hold(keys.threads(ben.id));
    const heard = ben.hear(10);
    await slow.arrived;
    await say(ann, id, "in between");
    await ann.hear(5);
    slow.release();
    const began = Date.now();
    expect(told(await heard)).toEqual(["in between"]);
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it("what happened while the wire was cut wakes a held poll", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await ben.hear();
    const heard = ben.hear(15);
    await sleep(200);
    way.cutWire(1_000);
    await sleep(100);
    await say(ann, id, "meanwhile");
    expect(told(await heard)).toEqual(["meanwhile"]);
    await trust();
  });

  it("after the wire was lost while the clock did not move, the window is kept and answers", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await ben.hear();
    const before = ben.at ?? { epoch: "", n: 0 };
    await say(ann, id, "before");
    await ben.hear();
    await sleep(300);
    way.cutWire();
    await vi.waitUntil(() => !tail.trusted, { timeout: 2_000, interval: 1 });
    await trust();
    way.passed.length = 0;
    expect(told((await ask(ben, before)).stanzas)).toEqual(["before"]);
    expect(way.passed.filter((it) => it.body.includes("xread") || it.body.includes("hgetall"))).toEqual([]);
  });

  it("a client with a session that polls without a cursor misses nothing between two polls", async () => {
    const { ann, ben } = people();
    const bare = async () => {
      const answer = await follow(chat, ben.caller, { cursor: undefined, wait: 0, limit: 100, remember: true }, never);
      return told(answer.stanzas.map((it) => JSON.parse(it.body)).filter((it) => it.type !== "presence"));
    };
    expect(await bare()).toEqual([]);
    const id = await room(ann, [ben]);
    await say(ann, id, "between");
    expect(await bare()).toEqual(["created", "between"]);
    expect(await bare()).toEqual([]);
  });

  it("idempotent: a user who left and was added again before the lost request to leave was repeated stays", async () => {
    const { ann, cid } = people();
    const id = await room(ann, [cid]);
    await cid.hear();
    const slow = way.hold(keys.threads(cid.id));
    const left = change(chat, cid.caller, id, { remove: [cid.id] }, Date.now());
    await slow.arrived;
    await change(chat, ann.caller, id, { add: [cid.id] }, Date.now());
    slow.lose();
    await left;
    await say(ann, id, "welcome back");
    expect(told(await cid.hear())).toEqual(["added", "welcome back"]);
  });

  it("idempotent: a request whose answer was lost between the store and the function is repeated", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await say(ann, id, "first");
    const slow = way.hold("lost on its way");
    const sent = say(ann, id, "lost on its way");
    await slow.arrived;
    slow.lose();
    expect(await sent).toMatchObject({ seq: 2 });
    await say(ann, id, "third");
    expect(told(await ben.hear())).toEqual(["created", "first", "lost on its way", "third"]);
  });
});

describe("isolation:", () => {
  it.each([
    ["warm", async () => undefined],
    ["cold", async () => tail.reset("test")],
  ])("leaving ends delivery of what was not read, except for the stanza that says so: %s", async (_, prepare) => {
    const { ann, ben, cid } = people();
    const id = await room(ann, [ben, cid]);
    await Promise.all([ben.hear(), cid.hear()]);
    const [atBen, atCid] = [ben.at, cid.at];
    await say(ann, id, "before");
    await kick(ann, id, ben);
    await change(chat, cid.caller, id, { remove: [cid.id] }, Date.now());
    await say(ann, id, "after");
    await prepare();
    expect(told((await ask(ben, atBen ?? ann.at ?? { epoch: "", n: 0 })).stanzas)).toEqual(["removed"]);
    expect(told((await ask(cid, atCid ?? ann.at ?? { epoch: "", n: 0 })).stanzas)).toEqual(["left"]);
    expect(await ben.hear()).toEqual([{ type: "thread", thread: expect.objectContaining({ action: "removed" }) }]);
    expect(await ben.hear()).toEqual([]);
  });

  it("a user who is added again receives what is sent from then on", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await ben.hear();
    await say(ann, id, "unread");
    await kick(ann, id, ben);
    await say(ann, id, "without");
    await change(chat, ann.caller, id, { add: [ben.id] }, Date.now());
    await say(ann, id, "again");
    tail.reset("test");
    expect(told(await ben.hear())).toEqual(["added", "again"]);
  });
});

describe("bounded:", () => {
  it("a room of 1,000 members is made, joined and left in one write each, and all members receive that", async () => {
    const { ann, ben } = people();
    const crowd = await Promise.all(Array.from({ length: 999 }, () => new Person(chat)));
    const { id } = await thread.make(chat, ann.caller, { kind: "room", members: crowd.map((it) => it.id) }, Date.now());
    const [first, last] = [crowd[0], crowd[998]];
    const all = crowd.map((it) => it.id);
    await change(chat, ann.caller, id, { remove: all }, Date.now());
    await change(chat, ann.caller, id, { add: [...all.slice(1), ben.id] }, Date.now());
    await say(ann, id, "hello");
    for (const [who, words] of [
      [first, ["removed"]],
      [last, ["added", "hello"]],
      [ben, ["added", "hello"]],
    ] as const) {
      if (who === undefined) throw new Error("There is no such user");
      who.at = ann.at;
      expect(told(await who.hear())).toEqual(words);
    }
  }, 60_000);

  it("the ninth poll of somebody ends the first, which is advised to pause", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await ben.hear();
    const clients = Array.from({ length: 9 }, () => new AbortController());
    const question = { cursor: ben.at, wait: 20, limit: 100, remember: false };
    const polls = clients.map((client) => follow(chat, ben.caller, question, client.signal));
    expect(await polls[0]).toMatchObject({ stanzas: [], pause: 10 });
    for (const client of clients) client.abort();
    expect((await Promise.all(polls.slice(1))).map((it) => it.pause)).toEqual(Array(8).fill(undefined));
    // Polls whose clients have disconnected do not count.
    const next = Array.from({ length: 8 }, () => follow(chat, ben.caller, question, never));
    await sleep(200);
    await say(ann, id, "hello");
    expect((await Promise.all(next)).map((it) => [it.stanzas.length, it.pause])).toEqual(Array(8).fill([1, undefined]));
  });
});
