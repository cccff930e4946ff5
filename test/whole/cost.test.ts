import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findRedis } from "../../local/redis.js";
import { bridge } from "../../local/upstash/rest-api.js";
import { type InProcess, inProcess, type Token } from "../support/in-process.js";
import { spent, total } from "../support/meter.js";

// The server itself counts commands, which the embedded Redis cannot. It is a server of its own: the commands of other tests would be
// counted too.
const counted = inject("store") === "redis-server" ? describe : describe.skip;

/** Starts a Redis of its own behind the REST API, for instances of the chat. */
async function ground() {
  const server = await findRedis("auto");
  const rest = await bridge({ redis: server.url, token: "the token of the tests" });
  const redis: ReturnType<typeof createClient> = createClient({ url: server.url });
  await redis.connect();
  const instances: InProcess[] = [];
  return {
    instance(): InProcess {
      const made = inProcess({ redisUrl: rest.url, redisToken: "the token of the tests" });
      instances.push(made);
      return made;
    },
    /** Counts the commands of a step. */
    cost: (step: () => Promise<unknown>) => spent(redis, step),
    async stop() {
      await Promise.all(instances.map((it) => it.stop()));
      redis.destroy();
      await rest.stop();
      await server.stop();
    },
  };
}

counted("the cost", () => {
  let store: Awaited<ReturnType<typeof ground>>;
  let sending: InProcess;
  let reading: InProcess;
  let ann: Token;
  let ben: Token;
  beforeAll(async () => {
    store = await ground();
    [sending, reading] = [store.instance(), store.instance()];
    [ann, ben] = await Promise.all([sending.token("ann"), sending.token("ben")]);
  });
  afterAll(() => store.stop());

  async function room(size: number): Promise<string> {
    const members = ["ben", ...Array.from({ length: size - 2 }, (_, i) => `user${i}`)];
    const { json } = await sending.call("POST", "threads", {
      body: { kind: "room", members },
      headers: { authorization: `Bearer ${ann.token}` },
    });
    if (typeof json !== "object" || json === null || !("id" in json)) throw new Error("Cannot make a room");
    return `${json.id}`;
  }

  async function say(thread: string): Promise<void> {
    const body = { type: "message", message: { thread, text: "hello" } };
    const { status } = await sending.call("POST", `send/${ann.token}`, { body });
    expect(status).toBe(200);
  }

  /** Counts the cost of a usual message: the store knows the scripts, and it is not the first of its list. */
  async function costOfMessage(thread: string) {
    await say(thread);
    return store.cost(() => say(thread));
  }

  it("of a message is the same in a room of 2 and of 1,000: at most 11 commands, including the proof of its token", async () => {
    const small = await costOfMessage(await room(2));
    const large = await costOfMessage(await room(1_000));
    expect(large).toEqual(small);
    expect(total(small)).toBeLessThanOrEqual(11);
  });

  it("of a message does not grow with the polls that wait for it, which are answered from memory", async () => {
    const thread = await room(2);
    await say(thread);
    const polls = async (cursor: string) => {
      const held = Array.from({ length: 5 }, () => reading.call("GET", `stream/${ben.token}?wait=20&cursor=${cursor}`));
      await sleep(1_000);
      return held;
    };
    const now = await reading.call("GET", `stream/${ben.token}?wait=0&cursor=${ben.cursor}`);
    const [, cursor = ""] = /"cursor":"([^"]*)"/.exec(now.text) ?? [];
    const warm = await reading.call("GET", `stream/${ben.token}?wait=1&cursor=${cursor}`);
    const [, next = ""] = /"cursor":"([^"]*)"/.exec(warm.text) ?? [];
    const held = await polls(next);
    const commands = await store.cost(async () => {
      await say(thread);
      for (const answer of await Promise.all(held)) expect(answer.text).toContain("hello");
    });
    expect(total(commands)).toBeLessThanOrEqual(11);
  });

  it("of held polls is what their instance spends, however many there are", async () => {
    // One or two reads of the clock, at most one of them with the renewal of the leases.
    for (const commands of await Promise.all([costOfPolls(1), costOfPolls(40)])) {
      expect(total(commands)).toBeLessThanOrEqual(8);
    }
  }, 60_000);
});

/** Counts what so many held polls cost in 11 s, on a store of their own. */
async function costOfPolls(count: number) {
  const store = await ground();
  const instance = store.instance();
  const tokens = await Promise.all(Array.from({ length: count }, (_, i) => instance.token(`idle${i}`)));
  const held = tokens.map(({ token, cursor }) => instance.call("GET", `stream/${token}?wait=50&cursor=${cursor}`));
  await sleep(3_000);
  const commands = await store.cost(() => sleep(11_000));
  await store.stop();
  await Promise.all(held);
  return commands;
}
