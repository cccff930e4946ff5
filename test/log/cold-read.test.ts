import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { after, standing } from "../../lib/log/cold-read.js";
import { meet } from "../../lib/log/membership-cache.js";
import { tail } from "../../lib/log/tail.js";
import type { Cursor } from "../../lib/log/write.js";
import * as keys from "../../lib/store/keys.js";
import * as redis from "../../lib/store/redis.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
const rooms: string[] = [];
beforeAll(async () => {
  [ann, ben] = await Promise.all([new Person().begin(), new Person().begin()]);
  for (let i = 0; i < 60; i++) rooms.push(await thread.room(ann.caller, { members: [ben.id] }, Date.now()));
});
afterAll(() => tail.close());

/** Reads cold what concerns Ben after a cursor, and answers the threads that it happened in. */
async function read(cursor: Cursor): Promise<string[]> {
  const { clock, memberships, blocked } = await standing(ben.id);
  const { events, to } = await after(meet(ben.id, memberships, blocked, Date.now()), cursor, clock, 100);
  expect(to).toBe(clock.n);
  return events.map((event) => event.thread);
}

/** Says something in one of many threads, joins a new one, leaves another. */
async function happen(): Promise<{ from: Cursor; threads: string[] }> {
  const [said = "", left = ""] = rooms.splice(-2);
  const { clock } = await standing(ben.id);
  await ann.send("message", { thread: said, text: "Hello" });
  const joined = await thread.room(ann.caller, { members: [ben.id] }, Date.now());
  await change(ben.caller, left, { remove: [ben.id] }, Date.now());
  await ben.send("block", { entity: "cold,cid", remove: rooms.length % 4 === 0 });
  return { from: { epoch: clock.epoch, n: clock.n }, threads: [said, joined, left] };
}

describe("after(), for somebody of many threads", () => {
  it("reads those in which something happened", async () => {
    const { from, threads } = await happen();
    expect(await read(from)).toEqual([...threads, keys.ownLog(ben.id)]);
  });

  it("finds them among many threads of others in which more has happened", async () => {
    const { from, threads } = await happen();
    // Some seventy in each of the sixteen shards.
    const others = Array.from({ length: 1_400 }, (_, i) => `cold-other-${i}`);
    const write = (ask: redis.Errand) => redis.read(v.array(v.number()), ask);
    await write((them) => {
      for (const member of others) them.zadd(keys.tips(member), { score: from.n + 1, member });
    });
    expect(await read(from)).toEqual([...threads, keys.ownLog(ben.id)]);
    await write((them) => {
      for (const member of others) them.zrem(keys.tips(member), member);
    });
  });

  it("asks nothing at the end of the log", async () => {
    const { clock } = await standing(ben.id);
    expect(await read(clock)).toEqual([]);
  });
});
