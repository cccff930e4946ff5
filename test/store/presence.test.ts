import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { arrive, renew, sweep } from "../../lib/presence.js";
import { roster } from "../../lib/roster.js";
import { follow } from "../../lib/stream.js";
import { tail } from "../../lib/tail.js";
import * as thread from "../../lib/thread.js";
import { Person } from "../person.js";

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

describe("sweep()", () => {
  it("tells that somebody is gone when their lease has run out, and only then", async () => {
    await arrive(ben.caller, Date.now());
    await ann.see();
    await sweep(ben.id, Date.now());
    expect(await ann.see()).toEqual([]);
    const later = Date.now() + 60_000;
    expect((await renew([], later)).over).toContain(ben.id);
    await Promise.all([sweep(ben.id, later), sweep(ben.id, later)]);
    expect(await ann.see()).toMatchObject([{ entity: ben.id, available: false }]);
    expect(await roster(ann.id, Date.now())).toMatchObject([{ entity: ben.id, available: false }]);
  });
});

describe("an actor with an extension called available", () => {
  it("is swept like anybody", async () => {
    Object.assign(ben.caller.actor, { available: false });
    await arrive(ben.caller, Date.now());
    await ann.see();
    await sweep(ben.id, Date.now() + 60_000);
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

  it("is the same as long as nothing changes, also of those of whom nothing is known", async () => {
    const first = await roster(ann.id, Date.now());
    const actor = { id: ben.id, objectType: "person" };
    expect(first).toEqual([{ entity: ben.id, actor, available: false, since: expect.stringMatching(/^\d{4}-.*Z$/) }]);
    expect(await roster(ann.id, Date.now() + 10)).toEqual(first);
  });

  it("is left out when there is nobody", async () => {
    const dan = await new Person().begin();
    tail.reset();
    expect(await dan.see()).toEqual([]);
  });
});
