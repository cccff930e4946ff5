import { beforeEach, describe, expect, it } from "vitest";
import { page } from "../../lib/chat/history.js";
import { invite, join } from "../../lib/chat/invite.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { thread as view } from "../../lib/chat/thread-view.js";
import { sendMessage, startSession } from "../../lib/http/legacy.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let cas: Person;
let room: string;

beforeEach(async () => {
  [ann, ben, cas] = await Promise.all([new Person(chat).begin(), new Person(chat).begin(), new Person(chat).begin()]);
  room = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
  await Promise.all([ann.hear(), ben.hear()]);
});

const alter = (by: Person, request: Parameters<typeof change>[3]) => change(chat, by.caller, room, request, Date.now());
const refused = (code: string) => expect.objectContaining({ code });

describe("change()", () => {
  it("lets owners do everything, members invite and leave, visitors only leave", async () => {
    await alter(ben, { add: [cas.id] });
    await expect(alter(ben, { remove: [cas.id] })).rejects.toEqual(refused("forbidden"));
    await expect(alter(ben, { subject: "Tea" })).rejects.toEqual(refused("forbidden"));
    await expect(alter(ben, { add: ["user,x"], subject: "Tea" })).rejects.toEqual(refused("forbidden"));
    await alter(ann, { role: { entity: cas.id, role: "visitor" } });
    await expect(alter(cas, { add: ["user,x"] })).rejects.toEqual(refused("forbidden"));
    await expect(cas.send("message", { thread: room, text: "Hi" })).rejects.toEqual(refused("cannot_send"));
    const mine = crypto.randomUUID();
    await alter(ann, { role: { entity: cas.id, role: "member" } });
    await cas.send("message", { id: mine, thread: room, text: "Hi" });
    await alter(ann, { role: { entity: cas.id, role: "visitor" } });
    for (const [type, rest] of [
      ["reaction", { id: mine, emoji: "👍" }],
      ["state", { state: "composing" }],
      ["edit", { id: mine, text: "x" }],
      ["retract", { id: mine }],
    ] as const) {
      await expect(cas.send(type, { thread: room, ...rest })).rejects.toEqual(refused("forbidden"));
    }
    await cas.send("receipt", { thread: room, seq: 1 });
    await alter(cas, { remove: [cas.id] });
    await expect(view(chat, cas.caller, room)).rejects.toEqual(refused("thread_not_found"));
  });

  it("notifies every member of each change", async () => {
    await alter(ann, { add: [cas.id] });
    await alter(ann, { subject: 'Tea & <b>"quotes"</b>' });
    await alter(ann, { role: { entity: ben.id, role: "owner" } });
    await alter(ann, { remove: [cas.id] });
    await alter(ann, { remove: [ann.id] });
    const actions = (await ben.hear()).map((it) => it.thread);
    expect(actions).toMatchObject([
      { action: "added", entities: [cas.id], by: ann.id, entity: ann.id, id: room },
      { action: "subject", subject: 'Tea & <b>"quotes"</b>' },
      { action: "role", entities: [ben.id], role: "owner" },
      { action: "removed", entities: [cas.id] },
      { action: "left", entities: [ann.id] },
    ]);
    expect(await view(chat, ben.caller, room)).toMatchObject({ subject: 'Tea & <b>"quotes"</b>', memberCount: 1 });
  });

  it("removes a subject", async () => {
    await alter(ann, { subject: "Tea" });
    await alter(ann, { subject: "" });
    expect(await view(chat, ben.caller, room)).not.toHaveProperty("subject");
  });

  it("passes ownership to the member who joined first when the last owner leaves, whatever characters the id has", async () => {
    const odd = new Person(chat, 'user,"\\%é👍');
    await odd.begin();
    const own = await thread.room(chat, ann.caller, { members: [] }, Date.now());
    await change(chat, ann.caller, own, { add: [odd.id] }, Date.now());
    await change(chat, ann.caller, own, { add: [ben.id] }, Date.now());
    await change(chat, ann.caller, own, { remove: [ann.id] }, Date.now());
    const told = (await odd.hear()).map((it) => it.thread);
    expect(told.at(-1)).toMatchObject({ action: "role", entities: [odd.id], role: "owner" });
    const { members } = await view(chat, odd.caller, own);
    expect(members.map(({ entity, role }) => [entity, role])).toEqual([
      [odd.id, "owner"],
      [ben.id, "member"],
    ]);
  });

  it.each(["created", "added"])(
    "passes ownership to nobody who does not see the room, having blocked who %s them",
    async (how) => {
      await ben.send("block", { entity: ann.id });
      const own = await thread.room(chat, ann.caller, { members: how === "created" ? [ben.id] : [] }, Date.now());
      if (how === "added") await change(chat, ann.caller, own, { add: [ben.id] }, Date.now());
      await change(chat, ann.caller, own, { add: [cas.id] }, Date.now());
      await change(chat, ann.caller, own, { remove: [ann.id] }, Date.now());
      const roles = async () => (await view(chat, cas.caller, own)).members.map(({ entity, role }) => [entity, role]);
      expect(await roles()).toEqual([
        [ben.id, "member"],
        [cas.id, "owner"],
      ]);
      const { code } = await invite(chat, cas.caller, own, 60, Date.now());
      await join(chat, ben.caller, code, Date.now());
      await change(chat, cas.caller, own, { remove: [cas.id] }, Date.now());
      expect((await view(chat, ben.caller, own)).members).toMatchObject([{ entity: ben.id, role: "owner" }]);
      await ben.send("block", { entity: ann.id, remove: true });
    },
  );

  it("refuses a change of role that would leave a room without an owner", async () => {
    await expect(alter(ann, { role: { entity: ann.id, role: "member" } })).rejects.toEqual(refused("forbidden"));
  });

  it("keeps banned users out until they are unbanned", async () => {
    await alter(ann, { ban: [ben.id, cas.id] });
    await expect(view(chat, ben.caller, room)).rejects.toEqual(refused("thread_not_found"));
    await expect(alter(ann, { add: [cas.id] })).rejects.toEqual(refused("forbidden"));
    const { code } = await invite(chat, ann.caller, room, 60, Date.now());
    await expect(join(chat, ben.caller, code, Date.now())).rejects.toEqual(refused("forbidden"));
    await alter(ann, { unban: [ben.id] });
    expect(await join(chat, ben.caller, code, Date.now())).toBe(room);
  });

  it("changes nothing when one part is not allowed", async () => {
    await expect(alter(ann, { add: [cas.id], role: { entity: "user,nobody", role: "owner" } })).rejects.toEqual(
      refused("forbidden"),
    );
    expect((await view(chat, ann.caller, room)).memberCount).toBe(2);
    expect(await ben.hear()).toEqual([]);
  });

  it("refuses new members in a direct thread, and hides it from a member who leaves until its next message", async () => {
    const { id } = await thread.direct(chat, ann.caller, [ben.id], Date.now());
    await expect(change(chat, ann.caller, id, { add: [cas.id] }, Date.now())).rejects.toEqual(refused("forbidden"));
    await change(chat, ben.caller, id, { remove: [ben.id] }, Date.now());
    await ann.hear();
    await ann.send("message", { thread: id, text: "Still there?" });
    expect((await ben.hear()).at(-1)).toMatchObject({ type: "message", message: { text: "Still there?" } });
  });

  it("lets nothing but the leave stanza reach a former member, not even what was sent before", async () => {
    await ann.send("message", { thread: room, text: "Before" });
    await alter(ann, { remove: [ben.id] });
    await ann.send("message", { thread: room, text: "After" });
    const at = ben.at;
    for (const read of ["warm", "cold"]) {
      if (read === "cold") chat.tail.reset("test");
      ben.at = at;
      expect(await ben.hear()).toMatchObject([{ type: "thread", thread: { action: "removed", entities: [ben.id] } }]);
    }
    await expect(page(chat, ben.caller, room, {})).rejects.toEqual(refused("thread_not_found"));
  });
});

describe("join()", () => {
  it("adds the bearer of a code, once", async () => {
    const { code } = await invite(chat, ben.caller, room, 60, Date.now());
    await join(chat, cas.caller, code, Date.now());
    await join(chat, cas.caller, code, Date.now());
    expect(await ann.hear()).toMatchObject([
      { type: "thread", thread: { action: "added", by: cas.id, entities: [cas.id] } },
    ]);
    expect(await cas.hear()).toHaveLength(1);
  });

  it("refuses a code that never was", async () => {
    await expect(join(chat, cas.caller, "nothing", Date.now())).rejects.toEqual(refused("not_found"));
  });

  it("accepts codes for rooms only, which strangers and visitors cannot create", async () => {
    const { id } = await thread.direct(chat, ann.caller, [ben.id], Date.now());
    await expect(invite(chat, ann.caller, id, 60, Date.now())).rejects.toEqual(refused("forbidden"));
    await expect(invite(chat, cas.caller, room, 60, Date.now())).rejects.toEqual(refused("thread_not_found"));
    await alter(ann, { role: { entity: ben.id, role: "visitor" } });
    await expect(invite(chat, ben.caller, room, 60, Date.now())).rejects.toEqual(refused("forbidden"));
  });
});

describe("the first implementation's URLs", () => {
  it("start a session and send a message", async () => {
    const started = await startSession(chat, ann.caller, cas.id, Date.now());
    expect(started).toMatchObject({ success: true, members: [{ id: ann.id }, { id: cas.id }] });
    const sent = await sendMessage(chat, ann.caller, { thread_id: started.thread_id, message: "Hi" }, Date.now());
    expect((await cas.hear()).at(-1)).toMatchObject({
      type: "message",
      message: { id: sent.UUID, text: "Hi", type: "plain" },
    });
    await expect(sendMessage(chat, ann.caller, { thread_id: "wrong", message: "Hi" }, Date.now())).rejects.toEqual(
      refused("thread_not_found"),
    );
  });
});
