import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { readAfter } from "../../lib/log/cold-read.js";
import type { Cursor } from "../../lib/log/cursor.js";
import type { Event } from "../../lib/log/event.js";
import { createMember } from "../../lib/log/membership-cache.js";
import { readSnapshot } from "../../lib/log/memberships.js";
import { ownLog } from "../../lib/store/keys.js";
import type { AddCommands } from "../../lib/store/redis.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
const rooms: string[] = [];
beforeAll(async () => {
  [ann, ben] = await Promise.all([new Person(chat).begin(), new Person(chat).begin()]);
  for (let i = 0; i < 60; i++) rooms.push(await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now()));
});

/** Reads from the log what concerns Ben after a cursor. */
async function readEvents(cursor: Cursor): Promise<readonly Event[]> {
  const { clock, memberships, blocked } = await readSnapshot(chat, ben.id);
  const { events, to } = await readAfter(
    chat,
    createMember(ben.id, memberships, blocked, Date.now()),
    cursor,
    clock,
    100,
  );
  expect(to).toBe(clock.n);
  return events;
}

async function read(cursor: Cursor): Promise<string[]> {
  return (await readEvents(cursor)).map((event) => event.thread);
}

/** Sends a message to one of many threads, joins a new one, leaves another, and blocks somebody. */
async function happen(): Promise<{ from: Cursor; threads: string[] }> {
  const [said = "", left = ""] = rooms.splice(-2);
  const { clock } = await readSnapshot(chat, ben.id);
  await ann.send("message", { thread: said, text: "Hello" });
  const joined = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
  await change(chat, ben.caller, left, { remove: [ben.id] }, Date.now());
  await ben.send("block", { entity: "cold,cid", remove: rooms.length % 4 === 0 });
  return { from: { epoch: clock.epoch, n: clock.n }, threads: [said, joined, left] };
}

describe("readAfter(), for a member of many threads", () => {
  it("reads the threads in which something happened", async () => {
    const { from, threads } = await happen();
    expect(await read(from)).toEqual([...threads, ownLog(ben.id)]);
  });

  it("finds them among many threads of others in which something happened", async () => {
    const { from, threads } = await happen();
    // Some seventy in each of the sixteen shards.
    const others = Array.from({ length: 1_400 }, (_, i) => `cold-other-${i}`);
    const write = (add: AddCommands) => chat.store.transact(v.array(v.number()), add);
    await write((batch) => {
      for (const member of others) batch.zadd(chat.keys.tips(member), { score: from.n + 1, member });
    });
    expect(await read(from)).toEqual([...threads, ownLog(ben.id)]);
    await write((batch) => {
      for (const member of others) batch.zrem(chat.keys.tips(member), member);
    });
  });

  it("says who is gone from a thread whose log no longer has it, so that a client knows itself", async () => {
    const id = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
    const { clock } = await readSnapshot(chat, ben.id);
    await change(chat, ann.caller, id, { remove: [ben.id] }, Date.now());
    await chat.store.transact(v.tuple([v.number()]), (batch) => batch.del(chat.keys.events(id)));
    const [gone] = (await readEvents(clock)).map(({ body }) => JSON.parse(body));
    expect(gone).toEqual({ type: "thread", thread: { id, action: "removed", entities: [ben.id] } });
  });

  it("reads nothing at the end of the log", async () => {
    const { clock } = await readSnapshot(chat, ben.id);
    expect(await read(clock)).toEqual([]);
  });
});
