import * as v from "valibot";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { create, find, revoke } from "../../lib/auth/token.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { tail } from "../../lib/log/tail.js";
import { OVER_MAX, renew } from "../../lib/presence/lease.js";
import { arrive, sweep, sweepAll } from "../../lib/presence/presence.js";
import { roster } from "../../lib/presence/roster.js";
import * as keys from "../../lib/store/keys.js";
import * as redis from "../../lib/store/redis.js";
import { follow } from "../../lib/stream/follow.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let cas: Person;
let room: string;

beforeEach(async () => {
  [ann, ben, cas] = await Promise.all([new Person().begin(), new Person().begin(), new Person().begin()]);
  room = await thread.room(ann.caller, { members: [ben.id, cas.id] }, Date.now());
  await ben.send("message", { thread: room, text: "Here I am" });
});
afterAll(() => tail.close());

describe("arrive()", () => {
  it("tells the contacts that somebody is available, once", async () => {
    await ann.see();
    await arrive(ben.caller, Date.now());
    await arrive(ben.caller, Date.now());
    expect(await ann.see()).toEqual([
      { entity: ben.id, actor: { id: ben.id, objectType: "person" }, available: true, since: expect.any(String) },
    ]);
  });

  it("tells nobody before one has sent, read or joined by oneself", async () => {
    await ann.see();
    await arrive(cas.caller, Date.now());
    expect(await ann.see()).toEqual([]);
    await cas.send("receipt", { thread: room, seq: 1 });
    await cas.send("presence", [{ show: "chat" }]);
    expect(await ann.see()).toMatchObject([{ entity: cas.id, show: "chat" }]);
  });

  it("takes nothing back that is said at the same time", async () => {
    await ann.see();
    for (let i = 0; i < 3; i++) {
      const later = Date.now() + i * 100_000;
      await sweep({ entity: ben.id }, later);
      await Promise.all([arrive(ben.caller, later), ben.send("presence", [{ show: "dnd" }], later)]);
      expect((await ann.see()).at(-1)).toMatchObject({ available: true, show: "dnd" });
    }
  });

  it("tells nobody who shares no thread", async () => {
    const dan = await new Person().begin();
    await dan.see();
    await arrive(ben.caller, Date.now());
    expect(await dan.see()).toEqual([]);
  });
});

describe("say()", () => {
  it("tells show and status, and the same not again", async () => {
    await ann.see();
    for (let i = 0; i < 2; i++) await ben.send("presence", [{ show: "dnd", status: "Busy" }]);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: true, show: "dnd", status: "Busy" }]);
  });

  it("is over with the lease, also before that is swept", async () => {
    await ben.send("presence", [{ show: "dnd", status: "Busy" }]);
    const [over] = await roster(ann.id, Date.now() + 60_000);
    expect(over).toMatchObject({ entity: ben.id, available: false });
    expect(over).not.toHaveProperty("status");
  });

  it("appears offline until it says otherwise", async () => {
    await ann.see();
    await ben.send("presence", [{ available: false, status: "Hidden" }]);
    await arrive(ben.caller, Date.now());
    const [gone, ...rest] = await ann.see();
    expect(gone).toMatchObject({ entity: ben.id, available: false });
    expect(gone).not.toHaveProperty("status");
    expect(rest).toEqual([]);
    expect(await roster(ann.id, Date.now())).toMatchObject([{ entity: ben.id, available: false }]);
    await ben.send("presence", [{}]);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: true }]);
  });

  it("refuses what is no presence", async () => {
    for (const presence of [[], [{}, {}], {}, [{ show: "here" }], [{ status: "x".repeat(141) }]]) {
      await expect(ben.send("presence", presence)).rejects.toMatchObject({ code: "invalid" });
    }
  });
});

describe("several devices", () => {
  /** Another device of somebody: a chat token of their own. */
  function device(person: Person, name: string, minutes = 60): Person {
    const another = new Person(person.id);
    const birth = { epoch: "any", n: 1 };
    Object.assign(another.caller, { sha: keys.digest(name), birth, expires: Date.now() + minutes * 60_000 });
    return another;
  }
  const says = (device: Person, presence: object) => device.send("presence", [presence]);
  const shown = async () => (await ann.see()).at(-1);
  let phone: Person;
  let laptop: Person;
  let watch: Person;
  beforeEach(async () => {
    [phone, laptop, watch] = [device(ben, "phone", 5), device(ben, "laptop"), device(ben, "watch")];
    await ann.see();
  });

  it("show the most available of what they said last, with its status", async () => {
    const steps: [who: Person, said: object, heard: object | undefined][] = [
      [phone, { show: "xa", status: "Asleep" }, { available: true, show: "xa", status: "Asleep" }],
      [laptop, { show: "away", status: "Lunch" }, { show: "away", status: "Lunch" }],
      [watch, { status: "Walking" }, { status: "Walking" }],
      [phone, { show: "chat" }, { show: "chat" }],
      [laptop, { show: "xa", status: "Night" }, undefined],
      [phone, { show: "away" }, { status: "Walking" }],
      [watch, { show: "away", status: "Bus" }, { show: "away", status: "Bus" }],
    ];
    for (const [who, said, heard] of steps) {
      await says(who, said);
      const seen = await ann.see();
      expect(seen).toHaveLength(heard === undefined ? 0 : 1);
      if (heard !== undefined) expect(seen).toMatchObject([heard]);
    }
  });

  it("are not to be disturbed when one of them is not, in the first answer and among friends, too", async () => {
    await says(phone, { show: "dnd", status: "Talk" });
    await says(laptop, { show: "chat" });
    await says(watch, {});
    expect(await ann.see()).toMatchObject([{ show: "dnd", status: "Talk" }]);
    const first = { cursor: undefined, wait: 0, limit: 100, remember: true };
    const { stanzas } = await follow(ann.caller, first, new AbortController().signal);
    const rosters = stanzas.map(({ body }) => JSON.parse(body)).filter((it) => it.type === "presence");
    expect(rosters).toMatchObject([{ presence: [{ entity: ben.id, show: "dnd", status: "Talk" }] }]);
    expect(await roster(ann.id, Date.now())).toEqual(rosters[0].presence);
    expect(rosters[0].presence[0]).not.toHaveProperty("words");
  });

  it("all appear offline when one says so, until one says otherwise", async () => {
    await says(phone, { show: "dnd" });
    await says(laptop, { show: "chat" });
    await says(laptop, { available: false, status: "Hidden" });
    await says(phone, { available: false });
    expect(await shown()).toMatchObject({ available: false });
    await says(watch, { show: "away" });
    expect(await shown()).toMatchObject({ available: true, show: "away" });
  });

  it("are told once where the same is said twice or changes nothing", async () => {
    for (const who of [phone, phone, laptop]) await says(who, { show: "away", status: "Lunch" });
    expect(await ann.see()).toHaveLength(1);
    const [before] = await roster(ann.id, Date.now());
    await says(watch, { show: "xa" });
    expect(await roster(ann.id, Date.now())).toEqual([before]);
  });

  it("lose no word when they speak at once", async () => {
    const all = Array.from({ length: 7 }, (_, i) => device(ben, `device ${i}`));
    await Promise.all(all.map((who, i) => says(who, { show: i === 3 ? "dnd" : "chat", status: `${i}` })));
    expect(await shown()).toMatchObject({ show: "dnd", status: "3" });
  });

  it("count for as long as their tokens hold, and their end is told", async () => {
    await says(phone, { show: "dnd" });
    await says(laptop, { show: "away" });
    await ann.see();
    const later = Date.now() + 6 * 60_000;
    await arrive(ben.caller, later);
    expect(await roster(ann.id, later)).toMatchObject([{ entity: ben.id, available: true, show: "away" }]);
    const { over } = await renew([ben.id], later);
    const [lapse, ...rest] = over.filter((it) => it.entity === ben.id);
    expect([lapse, rest]).toEqual([{ entity: ben.id, device: expect.any(String) }, []]);
    if (lapse) await Promise.all([sweep(lapse, later), sweep(lapse, later)]);
    expect(await ann.see()).toMatchObject([{ available: true, show: "away" }]);
    expect((await renew([ben.id], later)).over).not.toContainEqual(lapse);
  });

  it("count no longer when their tokens are revoked", async () => {
    const session = { actor: ben.caller.actor, expires: Date.now() + 3_600_000 };
    const { token } = await create(session, Date.now());
    const tab = new Person(ben.id);
    Object.assign(tab.caller, await find(keys.digest(token), Date.now()));
    await says(tab, { show: "dnd" });
    await says(laptop, { show: "chat" });
    await ann.see();
    await revoke(token, Date.now());
    expect(await ann.see()).toMatchObject([{ available: true, show: "chat" }]);
  });

  it("are one where they come by sessions", async () => {
    const tab = new Person(ben.id);
    tab.caller.sha = "another session";
    await says(ben, { show: "dnd" });
    await says(tab, { show: "away" });
    expect(await shown()).toMatchObject({ show: "away" });
  });

  it("bounded: of many, those count that spoke last", async () => {
    for (let i = 0; i < 9; i++) await says(device(ben, `tab ${i}`), { show: i === 0 ? "dnd" : "away" });
    expect(await shown()).toMatchObject({ show: "away" });
  });
});

describe("sweep()", () => {
  it("tells that somebody is gone when their lease has run out, and only then", async () => {
    await arrive(ben.caller, Date.now());
    await ann.see();
    await sweep({ entity: ben.id }, Date.now());
    expect(await ann.see()).toEqual([]);
    const later = Date.now() + 60_000;
    expect((await renew([], later)).over).toContainEqual({ entity: ben.id });
    await Promise.all([sweep({ entity: ben.id }, later), sweep({ entity: ben.id }, later)]);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
    expect(await roster(ann.id, Date.now())).toMatchObject([{ entity: ben.id, available: false }]);
  });
});

describe("sweepAll()", () => {
  it("tells of everybody who has gone, however many at once", async () => {
    const now = Date.now();
    const later = now + 60_000;
    await renew(
      Array.from({ length: OVER_MAX + 20 }, (_, i) => `user,${i}`),
      now,
    );
    // The last of them to go: no look names him before the others are swept.
    await arrive(ben.caller, now + 4_000);
    await ann.see();
    const { over } = await renew([ann.id], later);
    expect(over).toHaveLength(OVER_MAX);
    expect(over).not.toContainEqual({ entity: ben.id });
    await sweepAll(over, later);
    expect((await renew([ann.id], later)).over).toEqual([]);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
  });

  it("goes on when what is kept of somebody cannot be read", async () => {
    await arrive(ben.caller, Date.now());
    await redis.run("return redis.call('HSET', KEYS[1], ARGV[1], '?')", v.number(), [keys.presence], ["broken"]);
    await renew(["broken"], Date.now());
    await ann.see();
    const later = Date.now() + 60_000;
    await sweepAll([{ entity: "broken" }, { entity: ben.id }], later);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
  });
});

describe("an actor with an extension called available", () => {
  it("is swept like anybody", async () => {
    Object.assign(ben.caller.actor, { available: false });
    await arrive(ben.caller, Date.now());
    await ann.see();
    await sweep({ entity: ben.id }, Date.now() + 60_000);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
  });
});

describe("the roster", () => {
  it("comes with the first answer to a credential without a cursor, and with no later one", async () => {
    await arrive(ben.caller, Date.now());
    const ask = () =>
      follow(ann.caller, { cursor: undefined, wait: 0, limit: 100, remember: true }, new AbortController().signal);
    const rosters = async () =>
      (await ask()).stanzas.map(({ body }) => JSON.parse(body)).filter((it) => it.type === "presence");
    expect(await rosters()).toMatchObject([{ presence: [{ entity: ben.id, available: true }] }]);
    expect(await rosters()).toEqual([]);
  });

  it("comes with what was not read from memory, but not again while it is the same", async () => {
    await arrive(ben.caller, Date.now());
    await ann.see();
    tail.reset();
    const cold = await follow(
      ann.caller,
      { cursor: ann.at, wait: 0, limit: 100, remember: false },
      new AbortController().signal,
    );
    expect(cold.stanzas.map(({ body }) => JSON.parse(body).type)).toEqual(["presence"]);
    tail.reset();
    const again = await follow(
      ann.caller,
      { cursor: cold.cursor, wait: 0, limit: 100, remember: false },
      new AbortController().signal,
    );
    expect(again.stanzas).toEqual([]);
  });

  it("comes to each of two tabs at one place that catch up, though one of them knows it", async () => {
    const place = ann.at;
    for (let i = 0; i < 3; i++) await ben.send("message", { to: [ann.id], text: `${i}` });
    await arrive(ben.caller, Date.now());
    const ask = async () => {
      tail.reset();
      const question = { cursor: place, wait: 0, limit: 2, remember: false };
      return follow(ann.caller, question, new AbortController().signal);
    };
    const { cursor } = await ask();
    tail.reset();
    const next = { cursor, wait: 0, limit: 2, remember: false };
    const { stanzas } = await follow(ann.caller, next, new AbortController().signal);
    expect(stanzas.map(({ body }) => JSON.parse(body).type)).toContain("presence");
  });

  it("is the same as long as nothing changes, also of those of whom nothing is known", async () => {
    const first = await roster(ann.id, Date.now());
    const actor = { id: ben.id, objectType: "person" };
    expect(first).toEqual([{ entity: ben.id, actor, available: false, since: expect.stringMatching(/^\d{4}-.*Z$/) }]);
    expect(await roster(ann.id, Date.now() + 10)).toEqual(first);
  });

  it("names those first who are available", async () => {
    await cas.send("receipt", { thread: room, seq: 1 });
    await cas.send("presence", [{}]);
    expect((await roster(ann.id, Date.now())).map((it) => it.entity)).toEqual([cas.id, ben.id]);
  });

  it("is of those who share a thread of at most 100 members", async () => {
    const dan = await new Person().begin();
    const others = Array.from({ length: 99 }, (_, i) => `crowd,${room},${i}`);
    const large = await thread.room(dan.caller, { members: [ben.id, ...others] }, Date.now());
    await ben.send("receipt", { thread: large, seq: 0 });
    expect(await roster(dan.id, Date.now())).toEqual([]);
    await change(dan.caller, large, { remove: others.slice(0, 1) }, Date.now());
    expect(await roster(dan.id, Date.now())).toMatchObject([{ entity: ben.id }]);
  });

  it("is left out when there is nobody", async () => {
    const dan = await new Person().begin();
    tail.reset();
    expect(await dan.see()).toEqual([]);
  });
});
