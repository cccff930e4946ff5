import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRedis, type LocalRedis } from "../../local/redis.js";
import { bridge } from "../../local/upstash/rest-api.js";
import { type InProcess, inProcess } from "../support/in-process.js";
import { asPage, asThread, type Outsider, outsider, somebody } from "../support/outsider.js";

// PROFILE §8: a store that takes no more, as clients see it.

let redis: LocalRedis;
let served: { url: string; stop(): Promise<void> };
let server: InProcess;
let ann: Outsider;
let ben: Outsider;
let thread: string;
let room: string;

beforeAll(async () => {
  redis = await findRedis(undefined);
  served = await bridge({ redis: redis.url, token: "secret" });
  server = inProcess({ redisUrl: served.url, redisToken: "secret" });
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
  thread = (await ann.say({ to: [ben.entity], text: "Milk" })).thread;
  room = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity] })).id;
});
afterAll(async () => {
  await server.stop();
  await served.stop();
  await redis.stop();
});

/** Limits the memory of the store; 0 for no limit. */
async function limit(bytes: number): Promise<void> {
  const client = await createClient({ url: redis.url }).connect();
  await client.configSet("maxmemory", `${bytes}`);
  client.destroy();
}

const full = { status: 507, json: { status: 507, code: "storage_full" } };

describe("a full store", () => {
  it("takes nothing, gives what it has, and has nothing half done", async ({ skip }) => {
    if (redis.kind !== "redis-server") skip();
    const id = "6f2f9ad5-5a3c-4c53-9f8e-0d4d2f7d9c11";
    await ann.say({ thread, id, text: "Bread" });
    await limit(1);
    const message = { type: "message", message: { thread, text: "Lost" } };
    expect(await ann.send(message)).toMatchObject(full);
    expect(await ann.send({ type: "retract", retract: { thread, id } })).toMatchObject(full);
    expect(await ann.call("POST", "threads", { kind: "room", members: [] })).toMatchObject(full);
    expect(await ann.call("PATCH", `threads/${room}`, { add: ["cid"] })).toMatchObject(full);

    for (const path of [
      "threads",
      `threads/${thread}`,
      `threads/${thread}/members`,
      "friends",
      "blocks",
      "search?q=milk",
    ])
      expect(await ben.call("GET", path)).toMatchObject({ status: 200 });
    const seen = async () => asPage(await ben.call("GET", `threads/${thread}/messages`)).messages.map((it) => it.text);
    expect(await seen()).toEqual(["Milk", "Bread"]);
    expect((await ann.say({ thread, id, text: "Bread" })).duplicate).toBe(true);

    await limit(0);
    expect(await seen()).toEqual(["Milk", "Bread"]);
    expect((await ben.thread(room)).memberCount).toBe(2);
    expect((await ann.say({ thread, text: "Butter" })).seq).toBe(3);
  });
});
