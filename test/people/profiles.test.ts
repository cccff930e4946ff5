import { afterAll, beforeEach, describe, expect, it } from "vitest";
import * as token from "../../lib/auth/token.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { thread as view } from "../../lib/chat/thread-view.js";
import { tail } from "../../lib/log/tail.js";
import { actors, introduce } from "../../lib/people/profiles.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let room: string;

beforeEach(async () => {
  [ann, ben] = await Promise.all([new Person().begin(), new Person().begin()]);
  room = await thread.room(ann.caller, { members: [ben.id] }, Date.now());
});
afterAll(() => tail.close());

const call = (who: Person, displayName: string) =>
  token.create({ actor: { ...who.caller.actor, displayName }, expires: Date.now() + 60_000 }, Date.now());
const idsOf = async (who: Person, ...ids: string[]) => (await actors(who.caller, { ids })).map((it) => it.id);

describe("actors()", () => {
  it("describes oneself when nobody is named, in no thread either", async () => {
    const cas = new Person();
    expect(await actors(cas.caller, {})).toEqual([cas.caller.actor]);
    expect(await actors(cas.caller, { ids: [ann.id, cas.id] })).toEqual([cas.caller.actor]);
  });

  it("describes people as they are called now, in the order asked", async () => {
    await call(ben, "Ben");
    await call(ben, "Benjamin");
    expect(await actors(ann.caller, { ids: [ben.id, ann.id, ben.id] })).toEqual([
      { ...ben.caller.actor, displayName: "Benjamin" },
      ann.caller.actor,
    ]);
  });

  it("describes members who never came", async () => {
    const id = `never,came ${room}`;
    await change(ann.caller, room, { add: [id] }, Date.now());
    expect(await actors(ann.caller, { ids: [id] })).toEqual([{ id, objectType: "person" }]);
  });

  it("tells nothing of those who share no thread, or do so no longer", async () => {
    const cas = await new Person().begin();
    await call(cas, "Cas");
    await thread.room(cas.caller, { members: [] }, Date.now());
    expect(await idsOf(ann, cas.id, "user,nobody", ben.id)).toEqual([ben.id]);
    await change(ann.caller, room, { remove: [ben.id] }, Date.now());
    expect(await idsOf(ann, ben.id)).toEqual([]);
    expect(await idsOf(ben, ann.id)).toEqual([]);
  });

  it("tells a blocked inviter nothing by leaving out who blocks them", async () => {
    const cas = await new Person().begin();
    await cas.send("block", { entity: ann.id });
    await thread.room(ann.caller, { members: [cas.id] }, Date.now());
    expect(await idsOf(ann, cas.id)).toEqual([cas.id]);
    const dan = await new Person().begin();
    await dan.send("block", { entity: ann.id });
    await change(ann.caller, room, { add: [dan.id] }, Date.now());
    expect(await idsOf(ann, dan.id)).toEqual([dan.id]);
    expect(await idsOf(dan, ann.id)).toEqual([]);
  });
});

describe("introduce()", () => {
  it("lets members know who comes by a session alone, and a new name", async () => {
    const described = async () => (await view(ann.caller, room)).members.find((it) => it.entity === ben.id)?.actor;
    expect(await described()).toBeUndefined();
    for (const displayName of ["Ben", "Benjamin"]) {
      const actor = { ...ben.caller.actor, displayName };
      await introduce({ ...ben.caller, actor }, Date.now());
      expect(await described()).toEqual(actor);
    }
  });
});
