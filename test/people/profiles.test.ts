import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import * as token from "../../lib/auth/token.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { thread as view } from "../../lib/chat/thread-view.js";
import type { Caller } from "../../lib/people/caller.js";
import { actors, introduce } from "../../lib/people/profiles.js";
import { chat, composeChat } from "../support/chat.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let room: string;

beforeEach(async () => {
  [ann, ben] = await Promise.all([new Person(chat).begin(), new Person(chat).begin()]);
  room = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
});

const call = (who: Person, displayName: string) =>
  token.create(chat, { actor: { ...who.caller.actor, displayName }, expires: Date.now() + 60_000 }, Date.now());
const idsOf = async (who: Person, ...ids: string[]) => (await actors(chat, who.caller, { ids })).map((it) => it.id);

describe("actors()", () => {
  it("describes the caller when no ids are given, also outside of any thread", async () => {
    const cas = new Person(chat);
    expect(await actors(chat, cas.caller, {})).toEqual([cas.caller.actor]);
    expect(await actors(chat, cas.caller, { ids: [ann.id, cas.id] })).toEqual([cas.caller.actor]);
  });

  it("describes users by their current name, in the order requested", async () => {
    await call(ben, "Ben");
    await call(ben, "Benjamin");
    expect(await actors(chat, ann.caller, { ids: [ben.id, ann.id, ben.id] })).toEqual([
      { ...ben.caller.actor, displayName: "Benjamin" },
      ann.caller.actor,
    ]);
  });

  it("describes members who have never logged in", async () => {
    const id = `never,came ${room}`;
    await change(chat, ann.caller, room, { add: [id] }, Date.now());
    expect(await actors(chat, ann.caller, { ids: [id] })).toEqual([{ id, objectType: "person" }]);
  });

  it("omits users who share no thread with the caller, or no longer do", async () => {
    const cas = await new Person(chat).begin();
    await call(cas, "Cas");
    await thread.room(chat, cas.caller, { members: [] }, Date.now());
    expect(await idsOf(ann, cas.id, "user,nobody", ben.id)).toEqual([ben.id]);
    await change(chat, ann.caller, room, { remove: [ben.id] }, Date.now());
    expect(await idsOf(ann, ben.id)).toEqual([]);
    expect(await idsOf(ben, ann.id)).toEqual([]);
  });

  it("does not reveal a block to the inviter by omitting the user who blocks them", async () => {
    const cas = await new Person(chat).begin();
    await cas.send("block", { entity: ann.id });
    await thread.room(chat, ann.caller, { members: [cas.id] }, Date.now());
    expect(await idsOf(ann, cas.id)).toEqual([cas.id]);
    const dan = await new Person(chat).begin();
    await dan.send("block", { entity: ann.id });
    await change(chat, ann.caller, room, { add: [dan.id] }, Date.now());
    expect(await idsOf(ann, dan.id)).toEqual([dan.id]);
    expect(await idsOf(dan, ann.id)).toEqual([]);
  });
});

describe("introduce()", () => {
  it("describes users who use only a session, and follows a new name", async () => {
    const described = async () =>
      (await view(chat, ann.caller, room)).members.find((it) => it.entity === ben.id)?.actor;
    expect(await described()).toBeUndefined();
    for (const displayName of ["Ben", "Benjamin"]) {
      const actor = { ...ben.caller.actor, displayName };
      await introduce(chat, { ...ben.caller, actor }, { toStream: false, now: Date.now() });
      expect(await described()).toEqual(actor);
    }
  });

  describe("beside another instance", () => {
    const elsewhere = composeChat();
    const named = (displayName: string, sha = displayName): Caller => ({
      ...ben.caller,
      actor: { ...ben.caller.actor, displayName },
      sha,
    });
    const name = async () =>
      (await view(chat, ann.caller, room)).members.find((it) => it.entity === ben.id)?.actor?.displayName;

    it("goes back to a name that this instance stored before the other one stored another", async () => {
      for (const toStream of [false, true]) {
        await introduce(chat, named("Ben", `1 ${toStream}`), { toStream, now: 0 });
        await introduce(elsewhere, named("Benjamin"), { toStream, now: 1 });
        await introduce(chat, named("Ben", `2 ${toStream}`), { toStream, now: 2 });
        expect(await name()).toBe("Ben");
      }
    });

    it("goes back after the other one made a token by another name", async () => {
      await introduce(chat, named("Ben"), { toStream: false, now: 0 });
      await call(ben, "Benjamin");
      await introduce(chat, named("Ben"), { toStream: false, now: 1 });
      expect(await name()).toBe("Ben");
    });

    it("stores a name again that the store has lost", async () => {
      await introduce(chat, named("Ben"), { toStream: false, now: 0 });
      await chat.store.transact(v.tuple([v.number()]), (batch) => batch.del(chat.keys.actor(ben.id)));
      await introduce(chat, named("Ben"), { toStream: false, now: 1 });
      expect(await name()).toBe("Ben");
    });

    it("does not ask the store for each poll of a session, but once a minute", async () => {
      await introduce(chat, named("Ben"), { toStream: true, now: 0 });
      await introduce(elsewhere, named("Benjamin"), { toStream: true, now: 1 });
      await introduce(chat, named("Ben"), { toStream: true, now: 59_999 });
      expect(await name()).toBe("Benjamin");
      await introduce(chat, named("Ben"), { toStream: true, now: 60_000 });
      expect(await name()).toBe("Ben");
    });
  });
});
