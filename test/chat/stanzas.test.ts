import { beforeEach, describe, expect, it, vi } from "vitest";
import { page } from "../../lib/chat/history.js";
import * as thread from "../../lib/chat/thread.js";
import { thread as view } from "../../lib/chat/thread-view.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let cas: Person;
let room: string;
let id: string;

const MESSAGE = { text: "Hello" };

beforeEach(async () => {
  [ann, ben, cas] = [new Person(chat), new Person(chat), new Person(chat)];
  room = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
  for (const person of [ann, ben, cas]) await person.begin();
  id = crypto.randomUUID();
  await ann.send("message", { ...MESSAGE, id, thread: room });
  await ann.hear();
  await ben.hear();
});

async function history(): Promise<unknown[]> {
  const { messages } = await page(chat, ben.caller, room, {});
  return messages.map((it) => JSON.parse(it));
}

describe("edit()", () => {
  it("changes the message in history, and notifies every member", async () => {
    await ann.send("edit", { thread: room, id, text: "Hello, all", type: "html" });
    expect(await ben.hear()).toMatchObject([
      { type: "edit", edit: { thread: room, id, text: "Hello, all", type: "html", entity: ann.id } },
    ]);
    expect(await history()).toMatchObject([
      { id, seq: 1, text: "Hello, all", type: "html", edited: expect.any(String) },
    ]);
  });

  it("sanitises the resulting message, also when only the type changes", async () => {
    const other = crypto.randomUUID();
    await ann.send("message", { id: other, thread: room, text: "<b>Hi</b><script>alert(1)</script>" });
    await ann.send("edit", { thread: room, id: other, type: "html" });
    expect(await history()).toMatchObject([{}, { id: other, text: "<b>Hi</b>", type: "html" }]);
    expect(await ben.hear()).toMatchObject([{ type: "message" }, { edit: { text: "<b>Hi</b>", type: "html" } }]);
  });

  it("is allowed to the sender only", async () => {
    await expect(ben.send("edit", { thread: room, id, text: "x" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(cas.send("edit", { thread: room, id, text: "x" })).rejects.toMatchObject({ code: "thread_not_found" });
    const unknown = crypto.randomUUID();
    await expect(ann.send("edit", { thread: room, id: unknown, text: "x" })).rejects.toMatchObject({
      code: "message_not_found",
    });
  });

  it("refuses a text that is too large", async () => {
    await expect(ann.send("edit", { thread: room, id, text: "x".repeat(8193) })).rejects.toMatchObject({
      code: "too_large",
    });
  });

  it("refuses an edit after which the whole message would be too large", async () => {
    await ann.send("edit", { thread: room, id, attachments: [{ url: `https://a.example/${"x".repeat(9_000)}` }] });
    await expect(ann.send("edit", { thread: room, id, text: "x".repeat(8_000) })).rejects.toMatchObject({
      code: "too_large",
    });
  });

  it("keeps the id idempotent: the first draft, sent again, still counts as the same message", async () => {
    await ann.send("edit", { thread: room, id, text: "Changed" });
    expect(await ann.send("message", { ...MESSAGE, id, thread: room })).toMatchObject({ seq: 1, duplicate: true });
  });
});

describe("retract()", () => {
  it("leaves a tombstone without content", async () => {
    await ben.send("reaction", { thread: room, id, emoji: "👍" });
    await ben.hear();
    await ann.send("retract", { thread: room, id });
    expect(await ben.hear()).toMatchObject([{ type: "retract", retract: { thread: room, id, entity: ann.id } }]);
    expect(await history()).toEqual([
      { id, thread: room, seq: 1, timestamp: expect.any(String), retracted: expect.any(String) },
    ]);
    await expect(ann.send("retract", { thread: room, id })).rejects.toMatchObject({ code: "message_not_found" });
  });

  it("is allowed to the sender and to owners", async () => {
    const other = crypto.randomUUID();
    await ben.send("message", { id: other, thread: room, text: "Mine" });
    await expect(ben.send("retract", { thread: room, id })).rejects.toMatchObject({ code: "forbidden" });
    await expect(ann.send("retract", { thread: room, id: other })).resolves.toMatchObject({ type: "retract" });
  });
});

describe("react()", () => {
  it("appears on the message in history, once per user and emoji", async () => {
    for (const person of [ben, ann, ben]) await person.send("reaction", { thread: room, id, emoji: "👍" });
    await ann.send("reaction", { thread: room, id, emoji: "👩‍👩‍👧" });
    const reactions = { "👍": [ben.id, ann.id], "👩‍👩‍👧": [ann.id] };
    expect(await history()).toMatchObject([{ reactions }]);
    expect((await view(chat, ann.caller, room)).last).toMatchObject({ reactions });
    expect(await ben.hear()).toHaveLength(3);
    await ben.send("reaction", { thread: room, id, emoji: "👍", remove: true });
    await ann.send("reaction", { thread: room, id, emoji: "👍", remove: true });
    expect((await view(chat, ann.caller, room)).last).toHaveProperty("reactions", { "👩‍👩‍👧": [ann.id] });
  });

  it("names the message as whoever reacts wrote its id, without regard to case", async () => {
    await ben.hear();
    await ann.send("reaction", { thread: room, id: id.toUpperCase(), emoji: "👍" });
    expect(await ben.hear()).toMatchObject([{ reaction: { id: id.toUpperCase() } }]);
    await ann.send("reaction", { thread: room, id, emoji: "👍", remove: true });
    expect(await ben.hear()).toMatchObject([{ reaction: { id, remove: true } }]);
  });

  it("requires an existing message in a thread of the user", async () => {
    const react = (person: Person, to: string) => person.send("reaction", { thread: room, id: to, emoji: "👍" });
    await expect(react(cas, id)).rejects.toMatchObject({ code: "thread_not_found" });
    await expect(react(ben, crypto.randomUUID())).rejects.toMatchObject({ code: "message_not_found" });
    await ann.send("retract", { thread: room, id });
    await expect(react(ben, id)).rejects.toMatchObject({ code: "message_not_found" });
  });

  it("accepts one RGI emoji", async () => {
    for (const emoji of ["", "a", "👍👍", "👍 ", "1"]) {
      await expect(ben.send("reaction", { thread: room, id, emoji })).rejects.toMatchObject({ code: "invalid" });
    }
  });

  it("accepts 20 different emoji per message", async () => {
    const emoji = [..."😀😃😄😁😆😅😂🙂🙃🫠😉😊😇🥰😍🤩😘😗😚😙"];
    for (const it of emoji) await ben.send("reaction", { thread: room, id, emoji: it });
    await expect(ann.send("reaction", { thread: room, id, emoji: "🎉" })).rejects.toMatchObject({ code: "forbidden" });
    await ann.send("reaction", { thread: room, id, emoji: "😀" });
  });
});

describe("receipt()", () => {
  it("moves forward only, and never beyond the newest message", async () => {
    expect(await ben.send("receipt", { thread: room, seq: 99 })).toMatchObject({ seq: 1 });
    expect(await ann.hear()).toMatchObject([{ type: "receipt", receipt: { thread: room, seq: 1, entity: ben.id } }]);
    expect(await ben.send("receipt", { thread: room, seq: 0 })).toMatchObject({ seq: 1 });
    expect(await ann.hear()).toEqual([]);
  });

  it("reaches only the reader's own streams in a room of more than 100 members", async () => {
    const crowd = Array.from({ length: 99 }, (_, i) => `crowd,${i}`);
    const large = await thread.room(chat, ann.caller, { members: [ben.id, ...crowd] }, Date.now());
    await ann.send("message", { thread: large, text: "All" });
    await Promise.all([ann.hear(), ben.hear()]);
    await ben.send("receipt", { thread: large, seq: 1 });
    expect(await ann.hear()).toEqual([]);
    const before = ben.at;
    expect(await ben.hear()).toMatchObject([{ type: "receipt", receipt: { thread: large, seq: 1, entity: ben.id } }]);
    chat.tail.reset("test");
    ben.at = before;
    expect(await ben.hear()).toMatchObject([{ type: "receipt", receipt: { thread: large, seq: 1, entity: ben.id } }]);
    expect(await ann.hear()).toEqual([]);
  });
});

describe("publishState()", () => {
  it("reaches the other members, and is not stored", async () => {
    // A state is published but not stored: only a tail that already listens can deliver it.
    await vi.waitUntil(() => chat.tail.trusted, { timeout: 8_000, interval: 10 });
    // From before the tail, the log would be read, which has no state.
    await ann.hear();
    const listening = ann.hear(5);
    await ben.send("state", { thread: room, state: "composing" });
    expect(await listening).toMatchObject([
      { type: "state", state: { thread: room, state: "composing", entity: ben.id } },
    ]);
    expect(await ben.hear()).toEqual([]);
  });

  it("is refused to strangers", async () => {
    await expect(cas.send("state", { thread: room, state: "active" })).rejects.toMatchObject({
      code: "thread_not_found",
    });
  });
});
