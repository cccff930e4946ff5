import { beforeEach, describe, expect, it, vi } from "vitest";
import { blocks } from "../../lib/chat/block.js";
import { page } from "../../lib/chat/history.js";
import { invite, join } from "../../lib/chat/invite.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { list } from "../../lib/chat/thread-list.js";
import { thread as view } from "../../lib/chat/thread-view.js";
import { roster } from "../../lib/presence/roster.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let direct: string;

beforeEach(async () => {
  [ann, ben] = await Promise.all([new Person(chat).begin(), new Person(chat).begin()]);
  await ben.send("message", { to: [ann.id], text: "Before" });
  direct = (await thread.direct(chat, ann.caller, [ben.id], Date.now())).id;
  await Promise.all([ann.hear(), ben.hear()]);
  // A warm read is answered from memory.
  await vi.waitUntil(() => chat.tail.trusted, { timeout: 8_000, interval: 10 });
  await ann.send("block", { entity: ben.id });
});

describe("block()", () => {
  it("reaches the blocker's own streams only, and is listed", async () => {
    expect(await ann.hear()).toMatchObject([{ type: "block", block: { entity: ben.id } }]);
    expect(await ben.hear()).toEqual([]);
    expect(await blocks(chat, ann.caller)).toEqual({ blocks: [ben.id] });
    await ann.send("block", { entity: ben.id, remove: true });
    expect(await ann.hear()).toMatchObject([{ type: "block", block: { entity: ben.id, remove: true } }]);
    expect(await blocks(chat, ann.caller)).toEqual({ blocks: [] });
  });

  it("does not hide one's own messages from oneself", async () => {
    await expect(ann.send("block", { entity: ann.id })).rejects.toMatchObject({ code: "forbidden" });
    await ann.send("block", { entity: ann.id, remove: true });
    expect(await blocks(chat, ann.caller)).toEqual({ blocks: [ben.id] });
  });

  for (const read of ["warm", "cold"]) {
    it(`reduces a message in a direct thread to its number, ${read}`, async () => {
      await ann.hear();
      const id = crypto.randomUUID();
      await ben.send("message", { thread: direct, id, text: "Secret" }, Date.now() + 5);
      await ben.send("edit", { thread: direct, id, text: "More" }, Date.now() + 6);
      await ben.send("reaction", { thread: direct, id, emoji: "👍" }, Date.now() + 6);
      await ben.send("state", { thread: direct, state: "composing" });
      if (read === "cold") chat.tail.reset("test");
      expect(await ann.hear()).toEqual([{ type: "message", message: { id, thread: direct, seq: 2, blocked: true } }]);
      const { messages } = await page(chat, ann.caller, direct, {});
      expect(messages.map((it) => JSON.parse(it))).toMatchObject([{ text: "Before" }, { id, seq: 2, blocked: true }]);
      expect((await view(chat, ann.caller, direct)).last).toEqual({ id, thread: direct, seq: 2, blocked: true });
      expect(await ben.hear()).toMatchObject([
        { message: { text: "More" } },
        { edit: { text: "More" } },
        { reaction: {} },
      ]);
    });
  }

  it("lets messages in rooms through", async () => {
    const room = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
    await ann.hear();
    await ben.send("message", { thread: room, text: "To all" });
    expect(await ann.hear()).toMatchObject([{ message: { text: "To all" } }]);
  });

  it("hides presence", async () => {
    await ann.hear();
    await ben.send("presence", [{ status: "Here" }]);
    expect(await ann.see()).toEqual([]);
    expect(await roster(chat, ann.caller, Date.now())).toEqual([]);
    ann.at = undefined;
    expect(await ann.see()).toEqual([]);
    await ann.send("block", { entity: ben.id, remove: true });
    expect(await roster(chat, ann.caller, Date.now())).toMatchObject([{ entity: ben.id, status: "Here" }]);
  });

  for (const read of ["warm", "cold"]) {
    it(`leaves earlier messages as they were, ${read}`, async () => {
      await ann.send("block", { entity: ben.id, remove: true });
      await ben.send("message", { thread: direct, text: "In time" }, Date.now() - 5);
      await ann.send("block", { entity: ben.id });
      if (read === "cold") chat.tail.reset("test");
      expect(await ann.hear()).toMatchObject([{}, {}, { message: { text: "In time" } }, { type: "block" }]);
    });
  }

  for (const read of ["warm", "cold"]) {
    it(`hides invitations, which the inviter cannot tell, ${read}`, async () => {
      await ann.hear();
      if (read === "cold") chat.tail.reset("test");
      const made = await thread.room(chat, ben.caller, { members: [ann.id] }, Date.now());
      const other = await thread.room(chat, ben.caller, { members: [] }, Date.now());
      await change(chat, ben.caller, other, { add: [ann.id] }, Date.now());
      await ben.send("message", { thread: made, text: "Are you there?" });
      expect(await ann.hear()).toEqual([]);
      expect((await list(chat, ann.caller, {})).threads.map((it) => it.id)).toEqual([direct]);
      expect(await view(chat, ben.caller, made)).toMatchObject({ memberCount: 2 });
      const { code } = await invite(chat, ben.caller, made, 60, Date.now());
      await join(chat, ann.caller, code, Date.now());
      await join(chat, ann.caller, code, Date.now());
      await ben.send("message", { thread: made, text: "There you are" });
      expect(await ann.hear()).toMatchObject([{ thread: { action: "added" } }, { message: { text: "There you are" } }]);
      expect(await view(chat, ben.caller, made)).toMatchObject({ memberCount: 2 });
    });
  }
});
