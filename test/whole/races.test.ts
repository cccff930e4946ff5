import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { ask, kick, never, people, room, say, tail, told, trust, way } from "../support/people.js";

const { Person } = await import("../support/person.js");
const { change } = await import("../../lib/chat/thread-admin.js");
const keys = await import("../../lib/store/keys.js");
const { follow } = await import("../../lib/stream/follow.js");
const thread = await import("../../lib/chat/thread.js");

describe("idempotent:", () => {
  it("a direct thread is made once, however many ask at once", async () => {
    const { ann, ben } = people();
    const asked = [ann, ben, ann, ben].map((it) => thread.direct(it.caller, [ann.id, ben.id], Date.now()));
    const made = await Promise.all(asked);
    expect(new Set(made.map((it) => it.id)).size).toBe(1);
    expect(made.filter((it) => it.made)).toHaveLength(1);
  });
});

describe("no loss:", () => {
  it("a membership that was being read while its owner joined is not taken for the truth", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    const dan = await new Person().begin();
    const slow = way.hold(keys.threads(dan.id));
    const heard = dan.hear(10);
    await slow.arrived;
    await change(ann.caller, id, { add: [dan.id] }, Date.now());
    await ben.hear(5);
    slow.release();
    const began = Date.now();
    expect(told(await heard)).toEqual(["added"]);
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it("a ring between the look at the tail and the wait sticks", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await ben.hear();
    tail.reset();
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

  it("after a lost stream with an unmoved clock, the window stays and answers", async () => {
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

  it("somebody with a session who repeats the bare URL misses nothing between two questions", async () => {
    const { ann, ben } = people();
    const bare = async () => {
      const answer = await follow(ben.caller, { cursor: undefined, wait: 0, limit: 100, remember: true }, never);
      return told(answer.stanzas.map((it) => JSON.parse(it.body)).filter((it) => it.type !== "presence"));
    };
    expect(await bare()).toEqual([]);
    const id = await room(ann, [ben]);
    await say(ann, id, "between");
    expect(await bare()).toEqual(["created", "between"]);
    expect(await bare()).toEqual([]);
  });

  it("idempotent: who left, and was brought in again before the lost answer was asked for once more, stays", async () => {
    const { ann, cid } = people();
    const id = await room(ann, [cid]);
    await cid.hear();
    const slow = way.hold(keys.threads(cid.id));
    const left = change(cid.caller, id, { remove: [cid.id] }, Date.now());
    await slow.arrived;
    await change(ann.caller, id, { add: [cid.id] }, Date.now());
    slow.lose();
    await left;
    await say(ann, id, "welcome back");
    expect(told(await cid.hear())).toEqual(["added", "welcome back"]);
  });

  it("idempotent: an answer that was lost between store and function is asked for again", async () => {
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
    ["cold", async () => tail.reset()],
  ])("leaving ends delivery of what was not read, but for the stanza that says so: %s", async (_, prepare) => {
    const { ann, ben, cid } = people();
    const id = await room(ann, [ben, cid]);
    await Promise.all([ben.hear(), cid.hear()]);
    const [atBen, atCid] = [ben.at, cid.at];
    await say(ann, id, "before");
    await kick(ann, id, ben);
    await change(cid.caller, id, { remove: [cid.id] }, Date.now());
    await say(ann, id, "after");
    await prepare();
    expect(told((await ask(ben, atBen ?? ann.at ?? { epoch: "", n: 0 })).stanzas)).toEqual(["removed"]);
    expect(told((await ask(cid, atCid ?? ann.at ?? { epoch: "", n: 0 })).stanzas)).toEqual(["left"]);
    expect(await ben.hear()).toEqual([{ type: "thread", thread: expect.objectContaining({ action: "removed" }) }]);
    expect(await ben.hear()).toEqual([]);
  });

  it("who comes back hears what is said from then on", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await ben.hear();
    await say(ann, id, "unread");
    await kick(ann, id, ben);
    await say(ann, id, "without");
    await change(ann.caller, id, { add: [ben.id] }, Date.now());
    await say(ann, id, "again");
    tail.reset();
    expect(told(await ben.hear())).toEqual(["added", "again"]);
  });
});

describe("bounded:", () => {
  it("a room of 1,000 members is made, joined and left in one write each, and all are told", async () => {
    const { ann, ben } = people();
    const crowd = await Promise.all(Array.from({ length: 999 }, () => new Person()));
    const { id } = await thread.make(ann.caller, { kind: "room", members: crowd.map((it) => it.id) }, Date.now());
    const [first, last] = [crowd[0], crowd[998]];
    const all = crowd.map((it) => it.id);
    await change(ann.caller, id, { remove: all }, Date.now());
    await change(ann.caller, id, { add: [...all.slice(1), ben.id] }, Date.now());
    await say(ann, id, "hello");
    for (const [who, words] of [
      [first, ["removed"]],
      [last, ["added", "hello"]],
      [ben, ["added", "hello"]],
    ] as const) {
      if (who === undefined) throw new Error("Nobody is there");
      who.at = ann.at;
      expect(told(await who.hear())).toEqual(words);
    }
  }, 60_000);

  it("the ninth poll of somebody ends the first, which is told to pause", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await ben.hear();
    const clients = Array.from({ length: 9 }, () => new AbortController());
    const question = { cursor: ben.at, wait: 20, limit: 100, remember: false };
    const polls = clients.map((client) => follow(ben.caller, question, client.signal));
    expect(await polls[0]).toMatchObject({ stanzas: [], pause: 10 });
    for (const client of clients) client.abort();
    expect((await Promise.all(polls.slice(1))).map((it) => it.pause)).toEqual(Array(8).fill(undefined));
    // Those whose clients went hold no place.
    const next = Array.from({ length: 8 }, () => follow(ben.caller, question, never));
    await sleep(200);
    await say(ann, id, "hello");
    expect((await Promise.all(next)).map((it) => [it.stanzas.length, it.pause])).toEqual(Array(8).fill([1, undefined]));
  });
});
