import { beforeEach, describe, expect, it, vi } from "vitest";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { thread as view } from "../../lib/chat/thread-view.js";
import { readAfter } from "../../lib/log/cold-read.js";
import { createMember } from "../../lib/log/membership-cache.js";
import { readSnapshot } from "../../lib/log/memberships.js";
import { chat, composeChat } from "../support/chat.js";
import { Person, type Stanza } from "../support/person.js";

let ann: Person;
let ben: Person;
let cid: Person;
let room: string;

beforeEach(async () => {
  [ann, ben, cid] = [new Person(chat), new Person(chat), new Person(chat)];
  room = await thread.room(chat, ann.caller, { members: [ben.id, cid.id] }, Date.now());
  for (const it of [ann, ben, cid]) await it.begin();
});

/** Has users read a thread up to a seq, all in one write. */
async function read(readers: readonly Person[], seq: number, id = room): Promise<void> {
  const results = readers.map((it) => it.send("receipt", { thread: id, seq }));
  chat.reads.flush();
  await Promise.all(results);
}

async function say(count: number, id = room): Promise<void> {
  for (let i = 0; i < count; i++) await ann.send("message", { thread: id, text: `${i}` });
}

/** Another device of a user, at an instance that has nothing in memory; its stream continues from where the user's does now. */
function coldDevice(of: Person): Person {
  const other = new Person(composeChat(), of.id);
  other.at = of.at;
  return other;
}

const positions = (stanzas: Stanza[]) =>
  stanzas.flatMap((it) => (it.type === "receipt" ? [Object(it.receipt)] : [])).map(({ entity, seq }) => [entity, seq]);

const crowd = (size: number) => Array.from({ length: size }, () => new Person(chat));
const idsOf = (people: readonly Person[]) => people.map(({ id }) => id);

describe("no loss: a device that slept", () => {
  it("need not resync, however many receipts there were, and is told the newest of each member", async () => {
    await say(1);
    const phone = coldDevice(ben);
    await say(300);
    const asleep = coldDevice(ben);
    asleep.at = (await new Person(chat).begin()).at;
    await say(5);
    for (let seq = 2; seq <= 301; seq++) await read([cid], seq);
    await read([ben], 303);
    const heard = await asleep.hear();
    expect(heard.map(({ type }) => type)).toEqual([...Array(5).fill("message"), "receipt", "receipt"]);
    expect(positions(heard)).toEqual([
      [cid.id, 301],
      [ben.id, 303],
    ]);
    // A longer sleep: messages are gone, receipts are not.
    const late = await phone.hear();
    expect(late[0]).toMatchObject({ type: "resync" });
    expect(positions(late)).toHaveLength(2);
    const { members } = await view(chat, ben.caller, room);
    expect(members.find(({ entity }) => entity === cid.id)?.read).toBe(301);
  });

  it("is told in a large room what its own user has read elsewhere, and nobody else is", async () => {
    const large = await thread.room(chat, ann.caller, { members: [ben.id, ...idsOf(crowd(99))] }, Date.now());
    for (const it of [ann, ben]) await it.begin();
    await say(3, large);
    const [phone, other] = [coldDevice(ben), coldDevice(ann)];
    await read([ben], 1, large);
    await read([ben], 2, large);
    await say(1);
    await read([ben], 1);
    expect(positions(await phone.hear())).toEqual([
      [ben.id, 2],
      [ben.id, 1],
    ]);
    expect(positions(await other.hear())).toEqual([[ben.id, 1]]);
  });

  it("is told of the 100 large rooms that its user has read last", async () => {
    const members = idsOf(crowd(100));
    const rooms: string[] = [];
    for (let i = 0; i < 101; i++) rooms.push(await thread.room(chat, ann.caller, { members }, Date.now()));
    for (const id of rooms) await say(1, id);
    const owner = new Person(chat, members[0]);
    await owner.begin();
    const phone = coldDevice(owner);
    for (const id of rooms) await read([owner], 1, id);
    const heard = await phone.hear();
    expect(heard.map((it) => Object(it.receipt).thread)).toEqual(rooms.slice(1));
  });
});

describe("a read position", () => {
  it("never goes back, and is told of the sender only by the message", async () => {
    await say(4);
    await ben.hear();
    await read([cid], 3);
    await read([cid], 2);
    await cid.send("message", { thread: room, text: "Hello" });
    await read([cid], 4);
    await read([cid], 9);
    const heard = await ben.hear();
    expect(heard.map(({ type }) => type)).toEqual(["receipt", "message"]);
    expect(positions(heard)).toEqual([[cid.id, 3]]);
  });

  it("is not told to one who joined later, nor to one who has left", async () => {
    const dan = new Person(chat);
    await dan.begin();
    await say(2);
    await read([ben], 1);
    await change(chat, ann.caller, room, { add: [dan.id], remove: [cid.id] }, Date.now());
    for (const it of [coldDevice(dan), coldDevice(cid)]) expect(positions(await it.hear())).toEqual([]);
    await read([ben], 2);
    expect(positions(await coldDevice(cid).hear())).toEqual([]);
    expect(positions(await coldDevice(dan).hear())).toEqual([[ben.id, 2]]);
  });

  it("moves a thread in nobody's list: reading is no activity", async () => {
    await say(1);
    const before = (await view(chat, ben.caller, room)).updated;
    await read([ben], 1, room);
    expect((await view(chat, ben.caller, room)).updated).toBe(before);
  });

  it("of one who has left makes room for those of others", async () => {
    const [members, guests] = [crowd(97), crowd(2)];
    await change(chat, ann.caller, room, { add: idsOf(members) }, Date.now());
    await say(1);
    const phone = coldDevice(ann);
    await read([ben, cid, ...members], 1);
    await change(chat, ann.caller, room, { remove: [ben.id, cid.id] }, Date.now());
    await change(chat, ann.caller, room, { add: idsOf(guests) }, Date.now());
    await say(1);
    await read(guests, 2);
    const heard = positions(await phone.hear());
    expect(heard.map(([who]) => who)).toEqual([...idsOf(members), ...idsOf(guests)]);
  });

  it("is refused alone where another of the same write is accepted", async () => {
    const stranger = new Person(chat);
    await say(1);
    const [mine, theirs] = [
      ben.send("receipt", { thread: room, seq: 1 }),
      stranger.send("receipt", { thread: room, seq: 1 }),
    ];
    await expect(theirs).rejects.toMatchObject({ code: "thread_not_found" });
    expect(await mine).toMatchObject({ seq: 1 });
  });
});

describe("memory", () => {
  it("tells of read positions what the store would tell", async () => {
    await vi.waitUntil(() => chat.tail.trusted, { timeout: 8_000, interval: 10 });
    await ben.hear();
    const from = ben.at ?? { epoch: "", n: 0 };
    for (let i = 1; i <= 12; i++) {
      await say(1);
      if (i % 2 > 0) await read([ben, cid], i - 1);
      if (i % 3 === 0) await read([cid, ann], i);
    }
    const snapshot = await readSnapshot(chat, ben.id);
    const { clock, memberships, blocked } = snapshot;
    await vi.waitUntil(() => (chat.tail.memory?.to ?? 0) >= clock.n);
    const member = createMember(ben.id, memberships, blocked, Date.now());
    for (const limit of [3, 100]) {
      const past = await readAfter(chat, member, from, clock, limit);
      const slice = chat.tail.memory?.since(member, from, limit, false);
      const told = (events: readonly { n: number; kind: string; by: string; body: string }[] = []) =>
        events.map(({ n, kind, by, body }) => ({ n, kind, by, body }));
      expect(told(slice?.events)).toEqual(told(past.events));
    }
  });
});
