import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { blocks } from "../../lib/chat/block.js";
import { page } from "../../lib/chat/history.js";
import { invite, join } from "../../lib/chat/invite.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { list, thread as view } from "../../lib/chat/thread-view.js";
import { tail } from "../../lib/log/tail.js";
import { roster } from "../../lib/presence/roster.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let direct: string;

beforeEach(async () => {
  [ann, ben] = await Promise.all([new Person().begin(), new Person().begin()]);
  await ben.send("message", { to: [ann.id], text: "Before" });
  direct = (await thread.direct(ann.caller, [ben.id], Date.now())).id;
  await Promise.all([ann.hear(), ben.hear()]);
  // What is warm is answered from memory.
  await vi.waitUntil(() => tail.trusted, { timeout: 8_000, interval: 10 });
  await ann.send("block", { entity: ben.id });
});
afterAll(() => tail.close());

describe("block()", () => {
  it("is told to one's own streams only, and listed", async () => {
    expect(await ann.hear()).toMatchObject([{ type: "block", block: { entity: ben.id } }]);
    expect(await ben.hear()).toEqual([]);
    expect(await blocks(ann.caller)).toEqual([ben.id]);
    await ann.send("block", { entity: ben.id, remove: true });
    expect(await ann.hear()).toMatchObject([{ type: "block", block: { entity: ben.id, remove: true } }]);
    expect(await blocks(ann.caller)).toEqual([]);
  });

  for (const read of ["warm", "cold"]) {
    it(`leaves of a message in a direct thread its number alone, ${read}`, async () => {
      await ann.hear();
      const id = crypto.randomUUID();
      await ben.send("message", { thread: direct, id, text: "Secret" }, Date.now() + 5);
      await ben.send("edit", { thread: direct, id, text: "More" }, Date.now() + 6);
      await ben.send("reaction", { thread: direct, id, emoji: "👍" }, Date.now() + 6);
      await ben.send("state", { thread: direct, state: "composing" });
      if (read === "cold") tail.reset();
      expect(await ann.hear()).toEqual([{ type: "message", message: { id, thread: direct, seq: 2, blocked: true } }]);
      const { messages } = await page(ann.caller, direct, {});
      expect(messages.map((it) => JSON.parse(it))).toMatchObject([{ text: "Before" }, { id, seq: 2, blocked: true }]);
      expect((await view(ann.caller, direct)).last).toEqual({ id, thread: direct, seq: 2, blocked: true });
      expect(await ben.hear()).toMatchObject([
        { message: { text: "Secret" } },
        { edit: { text: "More" } },
        { reaction: {} },
      ]);
    });
  }

  it("lets messages in rooms through", async () => {
    const room = await thread.room(ann.caller, { members: [ben.id] }, Date.now());
    await ann.hear();
    await ben.send("message", { thread: room, text: "To all" });
    expect(await ann.hear()).toMatchObject([{ message: { text: "To all" } }]);
  });

  it("keeps presence away", async () => {
    await ann.hear();
    await ben.send("presence", [{ status: "Here" }]);
    expect(await ann.see()).toEqual([]);
    expect(await roster(ann.caller.actor.id, Date.now())).toEqual([]);
    ann.at = undefined;
    expect(await ann.see()).toEqual([]);
    await ann.send("block", { entity: ben.id, remove: true });
    expect(await roster(ann.caller.actor.id, Date.now())).toMatchObject([{ entity: ben.id, status: "Here" }]);
  });

  for (const read of ["warm", "cold"]) {
    it(`leaves what was said before as it was, ${read}`, async () => {
      await ann.send("block", { entity: ben.id, remove: true });
      await ben.send("message", { thread: direct, text: "In time" }, Date.now() - 5);
      await ann.send("block", { entity: ben.id });
      if (read === "cold") tail.reset();
      expect(await ann.hear()).toMatchObject([{}, {}, { message: { text: "In time" } }, { type: "block" }]);
    });
  }

  for (const read of ["warm", "cold"]) {
    it(`keeps invitations away, which the inviter cannot tell, ${read}`, async () => {
      await ann.hear();
      if (read === "cold") tail.reset();
      const made = await thread.room(ben.caller, { members: [ann.id] }, Date.now());
      const other = await thread.room(ben.caller, { members: [] }, Date.now());
      await change(ben.caller, other, { add: [ann.id] }, Date.now());
      await ben.send("message", { thread: made, text: "Are you there?" });
      expect(await ann.hear()).toEqual([]);
      expect((await list(ann.caller, {})).map((it) => it.id)).toEqual([direct]);
      expect(await view(ben.caller, made)).toMatchObject({ memberCount: 2 });
      const { code } = await invite(ben.caller, made, 60, Date.now());
      await join(ann.caller, code, Date.now());
      await join(ann.caller, code, Date.now());
      await ben.send("message", { thread: made, text: "There you are" });
      expect(await ann.hear()).toMatchObject([{ thread: { action: "added" } }, { message: { text: "There you are" } }]);
      expect(await view(ben.caller, made)).toMatchObject({ memberCount: 2 });
    });
  }
});
