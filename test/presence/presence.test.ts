import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import { create, find, revoke } from "../../lib/auth/token.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { OVER_MAX, renew } from "../../lib/presence/lease.js";
import { makeAvailable, sweep, sweepAll } from "../../lib/presence/presence.js";
import { roster } from "../../lib/presence/roster.js";
import { digest } from "../../lib/store/keys.js";
import { follow } from "../../lib/stream/follow.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let cas: Person;
let room: string;

beforeEach(async () => {
  [ann, ben, cas] = await Promise.all([new Person(chat).begin(), new Person(chat).begin(), new Person(chat).begin()]);
  room = await thread.room(chat, ann.caller, { members: [ben.id, cas.id] }, Date.now());
  await ben.send("message", { thread: room, text: "Here I am" });
});

describe("makeAvailable()", () => {
  it("notifies the contacts that a user is available, once", async () => {
    await ann.see();
    await makeAvailable(chat, ben.caller, Date.now());
    await makeAvailable(chat, ben.caller, Date.now());
    expect(await ann.see()).toEqual([
      { entity: ben.id, actor: { id: ben.id, objectType: "person" }, available: true, since: expect.any(String) },
    ]);
  });

  it("notifies nobody in a room before the user has sent, read or joined there", async () => {
    await ann.see();
    await makeAvailable(chat, cas.caller, Date.now());
    expect(await ann.see()).toEqual([]);
    await cas.send("receipt", { thread: room, seq: 1 });
    await cas.send("presence", [{ show: "chat" }]);
    expect(await ann.see()).toMatchObject([{ entity: cas.id, show: "chat" }]);
  });

  it("does not undo a presence that is set at the same time", async () => {
    await ann.see();
    for (let i = 0; i < 3; i++) {
      const later = Date.now() + i * 100_000;
      await sweep(chat, { entity: ben.id }, later);
      await Promise.all([makeAvailable(chat, ben.caller, later), ben.send("presence", [{ show: "dnd" }], later)]);
      expect((await ann.see()).at(-1)).toMatchObject({ available: true, show: "dnd" });
    }
  });

  it("notifies nobody who shares no thread with the user", async () => {
    const dan = await new Person(chat).begin();
    await dan.see();
    await makeAvailable(chat, ben.caller, Date.now());
    expect(await dan.see()).toEqual([]);
  });
});

describe("setPresence()", () => {
  it("notifies of show and status, once while they stay the same", async () => {
    await ann.see();
    for (let i = 0; i < 2; i++) await ben.send("presence", [{ show: "dnd", status: "Busy" }]);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: true, show: "dnd", status: "Busy" }]);
  });

  it("ends with the lease, even before the lease is swept", async () => {
    await ben.send("presence", [{ show: "dnd", status: "Busy" }]);
    const [over] = await roster(chat, ann.caller, Date.now() + 60_000);
    expect(over).toMatchObject({ entity: ben.id, available: false });
    expect(over).not.toHaveProperty("status");
  });

  it("makes a user appear offline until the next presence", async () => {
    await ann.see();
    await ben.send("presence", [{ available: false, show: "xa", status: "Gone" }]);
    await makeAvailable(chat, ben.caller, Date.now());
    const offline = await ann.see();
    expect(offline).toMatchObject([{ entity: ben.id, available: false, show: "xa", status: "Gone" }]);
    expect(await roster(chat, ann.caller, Date.now())).toEqual(offline);
    await ben.send("presence", [{}]);
    const [back, ...rest] = await ann.see();
    expect(back).toMatchObject({ entity: ben.id, available: true });
    for (const detail of ["show", "status"]) expect(back).not.toHaveProperty(detail);
    expect(rest).toEqual([]);
  });

  it("refuses an invalid presence", async () => {
    for (const presence of [[], [{}, {}], {}, [{ show: "here" }], [{ status: "x".repeat(141) }]]) {
      await expect(ben.send("presence", presence)).rejects.toMatchObject({ code: "invalid" });
    }
  });
});

describe("several devices", () => {
  /** Another device of a user: one with a chat token of its own. */
  function device(person: Person, name: string, minutes = 60): Person {
    const another = new Person(chat, person.id);
    const birth = { epoch: "any", n: 1 };
    Object.assign(another.caller, { sha: digest(name), birth, expires: Date.now() + minutes * 60_000 });
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

  it("show the most available presence of all, with its status", async () => {
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

  it("show dnd when one of them does, also in the first response and in the roster", async () => {
    await says(phone, { show: "dnd", status: "Talk" });
    await says(laptop, { show: "chat" });
    await says(watch, {});
    expect(await ann.see()).toMatchObject([{ show: "dnd", status: "Talk" }]);
    const first = { cursor: undefined, wait: 0, limit: 100, remember: true };
    const { stanzas } = await follow(chat, ann.caller, first, new AbortController().signal);
    const rosters = stanzas.map(({ body }) => JSON.parse(body)).filter((it) => it.type === "presence");
    expect(rosters).toMatchObject([{ presence: [{ entity: ben.id, show: "dnd", status: "Talk" }] }]);
    expect(await roster(chat, ann.caller, Date.now())).toEqual(rosters[0].presence);
    for (const own of ["words", "devices"]) expect(rosters[0].presence[0]).not.toHaveProperty(own);
  });

  it("all appear offline when one does, until one is available again", async () => {
    await says(phone, { show: "dnd" });
    await says(laptop, { show: "chat" });
    await says(laptop, { available: false, status: "Hidden" });
    await says(phone, { available: false });
    expect(await shown()).toMatchObject({ available: false });
    await says(watch, { show: "away" });
    expect(await shown()).toMatchObject({ available: true, show: "away" });
  });

  it("cause no event when the visible presence stays the same", async () => {
    for (const who of [phone, phone, laptop]) await says(who, { show: "away", status: "Lunch" });
    expect(await ann.see()).toHaveLength(1);
    const [before] = await roster(chat, ann.caller, Date.now());
    await says(watch, { show: "xa" });
    expect(await roster(chat, ann.caller, Date.now())).toEqual([before]);
  });

  it("lose no presence when all set theirs at once", async () => {
    const all = Array.from({ length: 7 }, (_, i) => device(ben, `device ${i}`));
    await Promise.all(all.map((who, i) => says(who, { show: i === 3 ? "dnd" : "chat", status: `${i}` })));
    expect(await shown()).toMatchObject({ show: "dnd", status: "3" });
  });

  it("count until their tokens expire, which contacts are notified of", async () => {
    await says(phone, { show: "dnd" });
    await says(laptop, { show: "away" });
    await ann.see();
    const later = Date.now() + 6 * 60_000;
    await makeAvailable(chat, ben.caller, later);
    expect(await roster(chat, ann.caller, later)).toMatchObject([{ entity: ben.id, available: true, show: "away" }]);
    const { over } = await renew(chat, [ben.id], later);
    const [lapse, ...rest] = over.filter((it) => it.entity === ben.id);
    expect([lapse, rest]).toEqual([{ entity: ben.id, device: expect.any(String) }, []]);
    if (lapse) await Promise.all([sweep(chat, lapse, later), sweep(chat, lapse, later)]);
    expect(await ann.see()).toMatchObject([{ available: true, show: "away" }]);
    expect((await renew(chat, [ben.id], later)).over).not.toContainEqual(lapse);
  });

  it("no longer count once their tokens are revoked", async () => {
    const session = { actor: ben.caller.actor, expires: Date.now() + 3_600_000 };
    const { token } = await create(chat, session, Date.now());
    const tab = new Person(chat, ben.id);
    Object.assign(tab.caller, await find(chat, digest(token), Date.now()));
    await says(tab, { show: "dnd" });
    await says(laptop, { show: "chat" });
    await ann.see();
    await revoke(chat, token, Date.now());
    expect(await ann.see()).toMatchObject([{ available: true, show: "chat" }]);
  });

  it("are one device when they authenticate by sessions", async () => {
    const tab = new Person(chat, ben.id);
    tab.caller.sha = "another session";
    await says(ben, { show: "dnd" });
    await says(tab, { show: "away" });
    expect(await shown()).toMatchObject({ show: "away" });
  });

  it("bounded: of many, only those set last count", async () => {
    for (let i = 0; i < 9; i++) await says(device(ben, `tab ${i}`), { show: i === 0 ? "dnd" : "away" });
    expect(await shown()).toMatchObject({ show: "away" });
  });
});

describe("sweep()", () => {
  it("notifies that a user is gone when the lease has expired, and only then", async () => {
    await makeAvailable(chat, ben.caller, Date.now());
    await ann.see();
    await sweep(chat, { entity: ben.id }, Date.now());
    expect(await ann.see()).toEqual([]);
    const later = Date.now() + 60_000;
    expect((await renew(chat, [], later)).over).toContainEqual({ entity: ben.id });
    await Promise.all([sweep(chat, { entity: ben.id }, later), sweep(chat, { entity: ben.id }, later)]);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
    expect(await roster(chat, ann.caller, Date.now())).toMatchObject([{ entity: ben.id, available: false }]);
  });
});

describe("sweepAll()", () => {
  it("notifies of every user who has gone, however many at once", async () => {
    const now = Date.now();
    const later = now + 60_000;
    await renew(
      chat,
      Array.from({ length: OVER_MAX + 20 }, (_, i) => `user,${i}`),
      now,
    );
    // His lease expires last: no reply lists him before the others are swept.
    await makeAvailable(chat, ben.caller, now + 4_000);
    await ann.see();
    const { over } = await renew(chat, [ann.id], later);
    expect(over).toHaveLength(OVER_MAX);
    expect(over).not.toContainEqual({ entity: ben.id });
    await sweepAll(chat, over, later);
    expect((await renew(chat, [ann.id], later)).over).toEqual([]);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
  });

  it("continues when the record of one user cannot be read", async () => {
    await makeAvailable(chat, ben.caller, Date.now());
    const unreadable = { broken: "?" };
    await chat.store.transact(v.tuple([v.number()]), (batch) => batch.hset(chat.keys.presence, unreadable));
    await renew(chat, ["broken"], Date.now());
    await ann.see();
    const later = Date.now() + 60_000;
    await sweepAll(chat, [{ entity: "broken" }, { entity: ben.id }], later);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
  });
});

describe("an actor with an extension called available", () => {
  it("is swept like any other", async () => {
    Object.assign(ben.caller.actor, { available: false });
    await makeAvailable(chat, ben.caller, Date.now());
    await ann.see();
    await sweep(chat, { entity: ben.id }, Date.now() + 60_000);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
  });
});

describe("the roster", () => {
  it("comes with the first response to a credential without a cursor, and with no later one", async () => {
    await makeAvailable(chat, ben.caller, Date.now());
    const ask = () =>
      follow(
        chat,
        ann.caller,
        { cursor: undefined, wait: 0, limit: 100, remember: true },
        new AbortController().signal,
      );
    const rosters = async () =>
      (await ask()).stanzas.map(({ body }) => JSON.parse(body)).filter((it) => it.type === "presence");
    expect(await rosters()).toMatchObject([{ presence: [{ entity: ben.id, available: true }] }]);
    expect(await rosters()).toEqual([]);
  });

  it("comes with a response that is not read from memory, but not again while it is unchanged", async () => {
    await makeAvailable(chat, ben.caller, Date.now());
    await ann.see();
    chat.tail.reset("test");
    const cold = await follow(
      chat,
      ann.caller,
      { cursor: ann.at, wait: 0, limit: 100, remember: false },
      new AbortController().signal,
    );
    expect(cold.stanzas.map(({ body }) => JSON.parse(body).type)).toEqual(["presence"]);
    chat.tail.reset("test");
    const again = await follow(
      chat,
      ann.caller,
      { cursor: cold.cursor, wait: 0, limit: 100, remember: false },
      new AbortController().signal,
    );
    expect(again.stanzas).toEqual([]);
  });

  it("comes to each of two tabs that catch up from the same cursor, although one of them has it", async () => {
    const place = ann.at;
    for (let i = 0; i < 3; i++) await ben.send("message", { to: [ann.id], text: `${i}` });
    await makeAvailable(chat, ben.caller, Date.now());
    const ask = async () => {
      chat.tail.reset("test");
      const question = { cursor: place, wait: 0, limit: 2, remember: false };
      return follow(chat, ann.caller, question, new AbortController().signal);
    };
    const { cursor } = await ask();
    chat.tail.reset("test");
    const next = { cursor, wait: 0, limit: 2, remember: false };
    const { stanzas } = await follow(chat, ann.caller, next, new AbortController().signal);
    expect(stanzas.map(({ body }) => JSON.parse(body).type)).toContain("presence");
  });

  it("stays the same while nothing changes, also for users without a record", async () => {
    const first = await roster(chat, ann.caller, Date.now());
    const actor = { id: ben.id, objectType: "person" };
    expect(first).toEqual([{ entity: ben.id, actor, available: false, since: expect.stringMatching(/^\d{4}-.*Z$/) }]);
    expect(await roster(chat, ann.caller, Date.now() + 10)).toEqual(first);
  });

  it("lists available users first", async () => {
    await cas.send("receipt", { thread: room, seq: 1 });
    await cas.send("presence", [{}]);
    expect((await roster(chat, ann.caller, Date.now())).map((it) => it.entity)).toEqual([cas.id, ben.id]);
  });

  it("lists users who share a thread of at most 100 members", async () => {
    const dan = await new Person(chat).begin();
    const others = Array.from({ length: 99 }, (_, i) => `crowd,${room},${i}`);
    const large = await thread.room(chat, dan.caller, { members: [ben.id, ...others] }, Date.now());
    await ben.send("receipt", { thread: large, seq: 0 });
    expect(await roster(chat, dan.caller, Date.now())).toEqual([]);
    await change(chat, dan.caller, large, { remove: others.slice(0, 1) }, Date.now());
    expect(await roster(chat, dan.caller, Date.now())).toMatchObject([{ entity: ben.id }]);
  });

  it("is left out when it would be empty", async () => {
    const dan = await new Person(chat).begin();
    chat.tail.reset("test");
    expect(await dan.see()).toEqual([]);
  });
});
