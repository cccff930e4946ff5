import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { gate } from "../gate.js";

// Everything in this process reaches the store through a gate, so it must stand before lib/ reads the environment.
const bridge = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "" };
const way = await gate(bridge.url);
process.env.UPSTASH_REDIS_REST_URL = way.url;
const { Person } = await import("../person.js");
const { change } = await import("../../lib/change.js");
const keys = await import("../../lib/keys.js");
const log = await import("../../lib/log.js");
const { follow } = await import("../../lib/stream.js");
const thread = await import("../../lib/thread.js");
const token = await import("../../lib/token.js");
const { tail } = await import("../../lib/tail.js");

afterAll(() => {
  tail.close();
  way.stop();
});

const trust = () => vi.waitUntil(() => tail.trusted, { timeout: 8_000, interval: 10 });
const never = new AbortController().signal;

/** Somebody whose stream begins now, with the tail warm. */
async function somebody() {
  const person = await new Person().begin();
  await person.hear();
  return person;
}

type Someone = Awaited<ReturnType<typeof somebody>>;

async function room(owner: Someone, members: Someone[]): Promise<string> {
  const { id } = await thread.make(owner.caller, { kind: "room", members: members.map((it) => it.id) }, Date.now());
  return id;
}

const say = (who: Someone, thread: string, text: string) => who.send("message", { thread, text });
const kick = (by: Someone, id: string, who: Someone) => change(by.caller, id, { remove: [who.id] }, Date.now());
const told = (stanzas: { type: string; [payload: string]: unknown }[]) =>
  stanzas.map((it) => JSON.stringify(it[it.type]).replace(/.*"(?:text|action)":"([^"]*)".*/, "$1"));

/** Runs one command of Redis, behind the gate. */
async function redis(...command: (string | number)[]): Promise<unknown> {
  const headers = { authorization: `Bearer ${bridge.token}` };
  const response = await fetch(bridge.url, { method: "POST", headers, body: JSON.stringify(command) });
  return response.json();
}

async function ask(who: Someone, cursor: { epoch: string; n: number }, limit = 100) {
  const answer = await follow(who.caller, { cursor, wait: 0, limit, remember: false }, never);
  const stanzas = answer.stanzas.map((it) => JSON.parse(it.body)).filter((it) => it.type !== "presence");
  return { ...answer, stanzas };
}

let [ann, ben, cid]: Someone[] = [];
beforeEach(async () => {
  [ann, ben, cid] = await Promise.all([somebody(), somebody(), somebody()]);
  await trust();
});

/** The three of every test. */
function people(): { ann: Someone; ben: Someone; cid: Someone } {
  if (ann === undefined || ben === undefined || cid === undefined) throw new Error("Nobody is there");
  return { ann, ben, cid };
}

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

  it("a thread trimmed past a cursor is named once, with where it stands, and none other", async () => {
    const { ann, ben } = people();
    const [id, quiet] = [await room(ann, [ben]), await room(ann, [ben])];
    await ben.hear();
    let at = ben.at ?? { epoch: "", n: 0 };
    await say(ann, quiet, "early");
    for (let i = 0; i < 400; i++) await say(ann, id, `${i}`);
    await say(ann, quiet, "late");
    tail.reset();
    const heard = [];
    for (let more = true; more; ) {
      const answer = await ask(ben, at, 30);
      heard.push(...answer.stanzas);
      [at, more] = [answer.cursor, answer.more];
      tail.reset();
    }
    const resyncs = heard.filter((it) => it.type === "resync");
    expect(resyncs).toEqual([
      { type: "resync", resync: { reason: "trimmed", threads: [{ id, seq: 400, unread: 400 }] } },
    ]);
    const texts = told(heard.filter((it) => it.type === "message"));
    expect([texts[0], texts.at(-1)]).toEqual(["early", "late"]);
    const kept = texts.slice(1, -1).map(Number);
    expect(kept.length).toBeGreaterThanOrEqual(255);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 400 - kept.length + i));
  }, 60_000);

  it.each([
    ["another epoch", (at: { epoch: string; n: number }) => ({ epoch: "another", n: at.n })],
    ["the future", (at: { epoch: string; n: number }) => ({ epoch: at.epoch, n: at.n + 1_000_000 })],
  ])("a cursor of %s gets a resync of all threads", async (_, spoil) => {
    const { ann, ben } = people();
    const ids = [await room(ann, [ben]), await room(ann, [ben])];
    await kick(ann, await room(ann, [ben]), ben);
    const clock = await log.clock();
    const answer = await ask(ben, spoil(clock));
    expect(answer.stanzas).toHaveLength(1);
    expect(answer.stanzas[0].resync.reason).toBe("epoch");
    expect(answer.stanzas[0].resync.threads.map((it: { id: string }) => it.id).sort()).toEqual(ids.sort());
    expect(answer.cursor.epoch).toBe(clock.epoch);
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
});

describe("order, when histories fork:", () => {
  /** Lets the tail look, and tells which epoch it has begun. */
  async function newEpoch(old: string): Promise<string> {
    await tail.confirm();
    await trust();
    const { epoch } = await log.clock();
    expect(epoch).not.toBe(old);
    return epoch;
  }

  it("a clock behind what the tail saw starts a new epoch, in which everything goes on", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    for (const text of ["one", "two"]) await say(ann, id, text);
    await ben.hear();
    const old = await log.clock();
    await redis("HSET", keys.clock, "n", old.n - 2, "tag", "restored");
    const epoch = await newEpoch(old.epoch);
    const answer = await ask(ben, ben.at ?? old);
    expect(answer.stanzas.map((it) => it.type)).toEqual(["resync"]);
    expect(answer.stanzas[0].resync).toEqual({ reason: "epoch", threads: [{ id, seq: 2, unread: 2 }] });
    expect(answer.cursor.n).toBeGreaterThan(old.n);
    ben.at = answer.cursor;
    await say(ann, id, "three");
    expect(told(await ben.hear(5))).toEqual(["three"]);
    expect((await log.clock()).epoch).toBe(epoch);
  });

  it("another event by a number that the tail knows starts one new epoch, however many lines say so", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    for (const text of ["one", "two", "three"]) await say(ann, id, text);
    await ben.hear();
    const { epoch, n } = await log.clock();
    const epochs = new Set<string>();
    for (const i of [2, 1, 0]) await redis("PUBLISH", keys.wire, `1 ${epoch} ${n - i} other post x ${id} {}`);
    for (let i = 0; i < 20; i++) {
      epochs.add((await log.clock()).epoch);
      await sleep(30);
    }
    epochs.delete(epoch);
    expect(epochs.size).toBe(1);
    await trust();
  });

  it("a store that was emptied begins anew, and every cursor can be gone on from", async () => {
    const { ben } = people();
    const old = await log.clock();
    await redis("DEL", keys.clock);
    const { cursor, stanzas } = await ask(ben, { epoch: old.epoch, n: 0 });
    expect(stanzas).toEqual([{ type: "resync", resync: { reason: "epoch", threads: [] } }]);
    expect(log.parseCursor(log.format(cursor))).toEqual(cursor);
    await trust();
    expect((await ask(ben, cursor)).stanzas).toEqual([]);
  });

  it("an emptied clock starts a new epoch above everything there was", async () => {
    const old = await log.clock();
    await redis("DEL", keys.clock);
    const epoch = await newEpoch(old.epoch);
    expect(await log.clock()).toMatchObject({ epoch, n: expect.toSatisfy((n) => n > old.n) });
  });

  it("a token that is made is no fork", async () => {
    const { ben } = people();
    const { epoch } = await log.clock();
    for (let i = 0; i < 3; i++) {
      await token.create({ actor: ben.caller.actor, expires: Date.now() + 60_000 }, Date.now());
      await ben.hear();
    }
    expect((await log.clock()).epoch).toBe(epoch);
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
