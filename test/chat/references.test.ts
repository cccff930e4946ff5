import * as v from "valibot";
import { describe, expect, it, vi } from "vitest";
import { page } from "../../lib/chat/history.js";
import * as threads from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

const history = async (who: Person, id: string) =>
  (await page(chat, who.caller, id, {})).messages.map((it) => JSON.parse(it));
const invalid = (path: string) => ({ code: "invalid", extra: { issues: [{ path, message: expect.any(String) }] } });
const member = { issues: [{ message: "must be a member of the thread" }] };

const people = () => Promise.all([new Person(chat).begin(), new Person(chat).begin(), new Person(chat).begin()]);
const room = (owner: Person, member: Person) => threads.room(chat, owner.caller, { members: [member.id] }, Date.now());

/** A room of ann's with ben, and a message in it. */
async function tea() {
  const [ann, ben, cid] = await people();
  const thread = await room(ann, ben);
  const first = crypto.randomUUID();
  await ann.send("message", { thread, id: first, text: "Tea?" });
  await Promise.all([ann.hear(), ben.hear()]);
  return { ann, ben, cid, thread, first };
}

describe("replyTo", () => {
  for (const read of ["warm", "cold"]) {
    it(`is delivered and kept with the message, ${read}`, async () => {
      const { ann, ben, thread, first } = await tea();
      // A warm read is answered from memory.
      await vi.waitUntil(() => chat.tail.trusted, { timeout: 8_000, interval: 10 });
      const replyTo = first.toUpperCase();
      await ben.send("message", { thread, text: "Yes!", replyTo });
      if (read === "cold") chat.tail.reset("test");
      expect(await ann.hear()).toMatchObject([{ message: { text: "Yes!", replyTo, seq: 2 } }]);
      expect(await history(ann, thread)).toMatchObject([{ id: first }, { replyTo }]);
    });
  }

  it("may name a message that was retracted", async () => {
    const { ann, ben, thread, first } = await tea();
    await ann.send("retract", { thread, id: first });
    expect(await ben.send("message", { thread, replyTo: first })).toMatchObject({ seq: 2 });
  });

  it("must name a message of the same thread, or the message is refused as a whole", async () => {
    const { ann, ben, cid, thread, first } = await tea();
    const other = await room(ann, ben);
    const id = crypto.randomUUID();
    for (const replyTo of [crypto.randomUUID(), id]) {
      await expect(ann.send("message", { thread, id, replyTo })).rejects.toMatchObject({ code: "message_not_found" });
    }
    await expect(ann.send("message", { thread: other, replyTo: first })).rejects.toMatchObject({
      code: "message_not_found",
    });
    // A stranger learns nothing about the messages of the thread.
    for (const replyTo of [first, id])
      await expect(cid.send("message", { thread, replyTo })).rejects.toMatchObject({ code: "thread_not_found" });
    expect(await ann.send("message", { thread, id, text: "Without" })).toMatchObject({ seq: 2 });
  });

  it("is refused in the first message of a thread, where there is nothing to answer", async () => {
    const { ann, ben, first } = await tea();
    const fresh = { to: [ben.id], replyTo: first };
    for (const thread of ["", `t-${first}`])
      await expect(ann.send("message", { ...fresh, thread })).rejects.toMatchObject({ code: "message_not_found" });
    expect(await ben.hear()).toEqual([]);
  });

  it("is part of the fingerprint, and is checked on the first attempt only", async () => {
    const { ann, thread, first } = await tea();
    const draft = { thread, id: crypto.randomUUID(), text: "Yes!", replyTo: first };
    const sent = await ann.send("message", draft);
    await expect(ann.send("message", { ...draft, replyTo: draft.id })).rejects.toMatchObject({ code: "id_conflict" });
    await chat.store.transact(v.tuple([v.literal(1)]), (batch) => batch.hdel(chat.keys.thread(thread), `id:${first}`));
    expect(await ann.send("message", draft)).toEqual({ ...Object(sent), duplicate: true });
  });

  it.each(["", "x", 1, {}, [null]])("must be a UUID, not %j", async (replyTo) => {
    const { ann, thread } = await tea();
    await expect(ann.send("message", { thread, replyTo })).rejects.toMatchObject(invalid("message.replyTo"));
  });
});

describe.each(["replyTo", "mentions"])("%s", (property) => {
  it("counts as absent when it is null", async () => {
    const { ann, ben, thread } = await tea();
    const id = crypto.randomUUID();
    await ann.send("message", { thread, id, text: "Tea!", [property]: null });
    expect(await ann.send("message", { thread, id, text: "Tea!" })).toMatchObject({ seq: 2, duplicate: true });
    const [stanza] = await ben.hear();
    expect(stanza).toMatchObject({ message: { id, text: "Tea!" } });
    expect(stanza?.message).not.toHaveProperty(property);
  });
});

describe("mentions", () => {
  it("are delivered and stored unchanged", async () => {
    const { ann, ben, thread } = await tea();
    const mentions = [ben.id, ann.id, ben.id];
    await ann.send("message", { thread, mentions });
    await ann.send("message", { thread, text: "Tea", mentions: [] });
    expect(await ben.hear()).toMatchObject([{ message: { mentions } }, { message: { mentions: [] } }]);
    expect(await history(ben, thread)).toMatchObject([{}, { mentions }, { mentions: [] }]);
  });

  it("must be members at the time of sending, or the message is refused as a whole", async () => {
    const { ann, ben, cid, thread } = await tea();
    const id = crypto.randomUUID();
    const send = () => ann.send("message", { thread, id, mentions: [ben.id, ben.id, cid.id] });
    await expect(send()).rejects.toMatchObject({ ...invalid("message.mentions.2"), extra: member });
    await change(chat, ann.caller, thread, { add: [cid.id] }, Date.now());
    expect(await send()).toMatchObject({ seq: 2 });
    await change(chat, ann.caller, thread, { remove: [cid.id] }, Date.now());
    expect(await send()).toMatchObject({ seq: 2, duplicate: true });
    await expect(ann.send("message", { thread, mentions: [cid.id] })).rejects.toMatchObject(
      invalid("message.mentions.0"),
    );
  });

  it("in the first message of a thread are limited to its sender and recipients", async () => {
    const [ann, ben, cid] = await people();
    for (const thread of ["", `t-${crypto.randomUUID()}`]) {
      const send = (mentions: string[]) => ann.send("message", { thread, to: [ben.id], mentions });
      await expect(send([ann.id, cid.id])).rejects.toMatchObject({ ...invalid("message.mentions.1"), extra: member });
      expect(await send([ann.id, ben.id])).toMatchObject({ seq: 1 });
    }
  });

  it("number 50 at most, each entity counted once", async () => {
    const { ann, thread } = await tea();
    const many = Array.from({ length: 51 }, (_, i) => `user,${thread},${i}`);
    await change(chat, ann.caller, thread, { add: many }, Date.now());
    await ann.send("message", { thread, mentions: [...many.slice(1), ...many.slice(1)] });
    await expect(ann.send("message", { thread, mentions: many })).rejects.toMatchObject(invalid("message.mentions"));
  });

  it.each([["ben"], [[""]], [[1]], [[null]]])("must be entities, not %j", async (mentions) => {
    const { ann, thread } = await tea();
    await expect(ann.send("message", { thread, mentions })).rejects.toMatchObject({ code: "invalid" });
  });

  it("can be edited, and must then be members, too", async () => {
    const { ann, ben, cid, thread, first } = await tea();
    const edit = (mentions: string[]) => ann.send("edit", { thread, id: first, mentions });
    await expect(edit([ben.id, cid.id])).rejects.toMatchObject({ ...invalid("edit.mentions.1"), extra: member });
    await edit([ben.id]);
    expect(await ben.hear()).toMatchObject([{ edit: { id: first, mentions: [ben.id] } }]);
    expect(await history(ben, thread)).toMatchObject([
      { text: "Tea?", mentions: [ben.id], edited: expect.any(String) },
    ]);
    await ann.send("edit", { thread, id: first, text: "Coffee?" });
    expect(await history(ben, thread)).toMatchObject([{ text: "Coffee?", mentions: [ben.id] }]);
  });
});
