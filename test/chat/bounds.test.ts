import { expect, test } from "vitest";
import { invite, join } from "../../lib/chat/invite.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { thread as view } from "../../lib/chat/thread-view.js";
import { parse } from "../../lib/schema/parse.js";
import { NewThread } from "../../lib/schema/stanza.js";
import { composeChat } from "../support/chat.js";
import { Person } from "../support/person.js";

const chat = composeChat({ roomMax: 3 });
const now = Date.now();
const tooLarge = expect.objectContaining({ code: "too_large", message: expect.stringContaining("at most 3 members") });
const person = () => new Person(chat).begin();

test("a thread has no more members than CHAT_ROOM_MAX, by whichever way they come", async () => {
  const [ann, ben, cas, dan] = await Promise.all([person(), person(), person(), person()]);
  const three = [ben.id, cas.id, dan.id];
  for (const kind of ["direct", "room"])
    await expect(thread.make(chat, ann.caller, parse(NewThread, { kind, members: three }), now)).rejects.toEqual(
      tooLarge,
    );
  await expect(ann.send("message", { to: three, text: "Hello" })).rejects.toEqual(tooLarge);
  await expect(ann.send("message", { to: three, thread: `t-${now}`, text: "Hello" })).rejects.toEqual(tooLarge);
  const id = await thread.room(chat, ann.caller, { members: [ben.id, cas.id] }, now);
  await expect(change(chat, ann.caller, id, { add: [dan.id] }, now)).rejects.toEqual(tooLarge);
  await expect(ann.send("thread", { id, add: [dan.id] })).rejects.toEqual(tooLarge);
  const { code } = await invite(chat, ann.caller, id, 60, now);
  await expect(join(chat, dan.caller, code, now)).rejects.toEqual(tooLarge);
  expect((await view(chat, ann.caller, id)).memberCount).toBe(3);
  expect(
    (await thread.make(chat, ann.caller, parse(NewThread, { kind: "direct", members: three.slice(1) }), now)).made,
  ).toBe(true);
});

test("a room bans at most 10,000 users, and others once some are unbanned", async () => {
  const ann = await person();
  const id = await thread.room(chat, ann.caller, { members: [] }, now);
  const some = (from: number) => Array.from({ length: 1_000 }, (_, i) => `banned,${from + i}`);
  for (let from = 0; from < 10_000; from += 1_000) await change(chat, ann.caller, id, { ban: some(from) }, now);
  const many = expect.objectContaining({ code: "forbidden", message: expect.stringContaining("at most 10000") });
  await expect(change(chat, ann.caller, id, { ban: ["one"] }, now)).rejects.toEqual(many);
  await expect(change(chat, ann.caller, id, { ban: ["one"], unban: ["banned,0"] }, now)).rejects.toEqual(many);
  await change(chat, ann.caller, id, { ban: some(0) }, now);
  await change(chat, ann.caller, id, { unban: ["banned,0", "nobody"] }, now);
  await change(chat, ann.caller, id, { ban: ["one"] }, now);
  await expect(change(chat, ann.caller, id, { ban: ["two"] }, now)).rejects.toEqual(many);
});
