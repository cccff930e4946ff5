import { beforeEach, describe, expect, it, vi } from "vitest";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { list } from "../../lib/chat/thread-list.js";
import { positions, thread as view } from "../../lib/chat/thread-view.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let room: string;

beforeEach(async () => {
  [ann, ben] = await Promise.all([new Person(chat).begin(), new Person(chat).begin()]);
  room = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
  await ann.send("message", { thread: room, text: "Hello" });
  await Promise.all([ann.hear(), ben.hear()]);
  // A warm read is answered from memory.
  await vi.waitUntil(() => chat.tail.trusted, { timeout: 8_000, interval: 10 });
});

const set = (who: Person, setting: object) => who.send("setting", { thread: room, ...setting });
const listed = async (who: Person) => (await list(chat, who.caller, {})).threads.map((it) => it.id);

describe("set()", () => {
  for (const read of ["warm", "cold"]) {
    it(`reaches the user's own streams only, and causes no event when repeated, ${read}`, async () => {
      expect(await set(ben, { muted: true })).toEqual({ type: "setting", thread: room, timestamp: expect.any(String) });
      await set(ben, { muted: true, hidden: false });
      await set(ben, { muted: false, hidden: true });
      if (read === "cold") chat.tail.reset("test");
      const who = { thread: room, entity: ben.id, timestamp: expect.any(String) };
      expect(await ben.hear()).toEqual([
        { type: "setting", setting: { ...who, muted: true } },
        { type: "setting", setting: { ...who, muted: false, hidden: true } },
      ]);
      expect(await ann.hear()).toEqual([]);
    });
  }

  it("shows a muted thread as read, and changes nothing else", async () => {
    expect(await view(chat, ben.caller, room)).toMatchObject({ unread: 1 });
    await set(ben, { muted: true });
    expect(await view(chat, ben.caller, room)).toMatchObject({ unread: 0, muted: true, members: [{}, { read: 0 }] });
    expect(await positions(chat, ben.caller, [room])).toEqual([{ id: room, seq: 1, unread: 0 }]);
    await ann.send("message", { thread: room, text: "Are you there?" });
    expect(await ben.hear()).toMatchObject([{ type: "setting" }, { message: { text: "Are you there?" } }]);
    expect(await view(chat, ann.caller, room)).not.toHaveProperty("muted");
    await set(ben, { muted: false });
    expect(await view(chat, ben.caller, room)).toMatchObject({ unread: 2 });
    expect(await view(chat, ben.caller, room)).not.toHaveProperty("muted");
    expect(await positions(chat, ben.caller, [room])).toEqual([{ id: room, seq: 2, unread: 2 }]);
  });

  it("hides a thread from the user's own list until it is shown again", async () => {
    await set(ben, { hidden: true });
    expect(await listed(ben)).toEqual([]);
    expect(await listed(ann)).toEqual([room]);
    expect(await view(chat, ben.caller, room)).toMatchObject({ id: room, hidden: true });
    await set(ben, { hidden: false });
    expect(await listed(ben)).toEqual([room]);
    expect(await view(chat, ben.caller, room)).not.toHaveProperty("hidden");
  });

  it("hides a thread until its next message, repeatedly", async () => {
    for (let i = 0; i < 2; i++) {
      await set(ben, { hidden: true });
      await ann.send("receipt", { thread: room, seq: i + 1 });
      expect(await listed(ben)).toEqual([]);
      await ann.send("message", { thread: room, text: "Hello?" });
      expect(await listed(ben)).toEqual([room]);
    }
  });

  it("shows a direct thread that was left again", async () => {
    const { id } = await thread.direct(chat, ann.caller, [ben.id], Date.now());
    await change(chat, ann.caller, id, { remove: [ann.id] }, Date.now());
    expect(await view(chat, ann.caller, id)).toMatchObject({ hidden: true });
    await ann.send("setting", { thread: id, hidden: false });
    expect((await listed(ann)).sort()).toEqual([id, room].sort());
  });

  it("pins a thread and marks it as unread, for the user alone, and moves or counts nothing by that", async () => {
    const other = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
    await ben.hear();
    await set(ben, { pinned: true, markedUnread: true });
    await set(ben, { pinned: true });
    expect(await ben.hear()).toMatchObject([{ type: "setting", setting: { pinned: true, markedUnread: true } }]);
    expect(await view(chat, ben.caller, room)).toMatchObject({ pinned: true, markedUnread: true, unread: 1 });
    expect(await listed(ben)).toEqual([other, room]);
    expect(await view(chat, ann.caller, room)).not.toHaveProperty("pinned");
    await set(ben, { markedUnread: false });
    expect(await view(chat, ben.caller, room)).not.toHaveProperty("markedUnread");
    expect(await view(chat, ben.caller, room)).toMatchObject({ pinned: true });
  });

  it("lists the hidden threads, or the pinned ones, when asked", async () => {
    const [gone, both] = await Promise.all(
      [1, 2].map(() => thread.room(chat, ben.caller, { members: [] }, Date.now())),
    );
    await set(ben, { pinned: true });
    await ben.send("setting", { thread: gone, hidden: true });
    await ben.send("setting", { thread: both, hidden: true, pinned: true });
    const only = async (only: "hidden" | "pinned") =>
      (await list(chat, ben.caller, { only })).threads.map((it) => it.id).sort();
    expect(await only("hidden")).toEqual([gone, both].sort());
    expect(await only("pinned")).toEqual([room]);
  });

  it("is forgotten when the member leaves", async () => {
    await set(ben, { muted: true, hidden: true, pinned: true, markedUnread: true });
    await change(chat, ben.caller, room, { remove: [ben.id] }, Date.now());
    await change(chat, ann.caller, room, { add: [ben.id] }, Date.now());
    const back = await view(chat, ben.caller, room);
    expect(back).not.toHaveProperty("muted");
    expect(back).not.toHaveProperty("hidden");
    expect(back).not.toHaveProperty("pinned");
    expect(back).not.toHaveProperty("markedUnread");
  });

  it("is refused to strangers, and when it sets nothing", async () => {
    const cas = new Person(chat);
    await expect(set(cas, { muted: true })).rejects.toMatchObject({ code: "thread_not_found" });
    await expect(set(ann, { thread: "nowhere", muted: true })).rejects.toMatchObject({ code: "thread_not_found" });
    await expect(set(ann, {})).rejects.toMatchObject({ code: "invalid" });
    await expect(set(ann, { muted: "yes" })).rejects.toMatchObject({
      extra: { issues: [{ path: "setting.muted", message: "must be true or false" }] },
    });
  });
});
