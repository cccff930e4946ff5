import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findRedis } from "../../local/redis.js";
import { bridge } from "../../local/upstash/rest-api.js";
import { type Site, site } from "../support/site.js";

// Commands are counted by the server itself, which the embedded Redis cannot. It is one of its own: others would be counted along.
const counted = inject("store") === "redis-server" ? describe : describe.skip;

type Token = Awaited<ReturnType<Site["token"]>>;

let redis: ReturnType<typeof createClient>;

/** How often each command has been carried out since the server was started, those inside scripts included. */
async function counts(): Promise<Map<string, number>> {
  const text = await redis.sendCommand<string>(["INFO", "commandstats"]);
  const lines = [...text.matchAll(/^cmdstat_([\w|-]+):calls=(\d+)/gm)];
  // What the bridge does to keep its own connections is no command of ours.
  const own = new Set(["info", "ping", "multi", "exec"]);
  return new Map(lines.flatMap(([, name = "", n]) => (own.has(name) ? [] : [[name, Number(n)] as const])));
}

/** Counts the commands that something costs. */
async function cost(deed: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await counts();
  await deed();
  const after = await counts();
  return Object.fromEntries(
    [...after].map(([name, n]) => [name, n - (before.get(name) ?? 0)] as const).filter(([, n]) => n > 0),
  );
}

const total = (spent: Record<string, number>) => Object.values(spent).reduce((sum, n) => sum + n, 0);

counted("the cost", () => {
  let end: () => Promise<unknown>;
  let sending: Site;
  let reading: Site;
  let ann: Token;
  let ben: Token;
  beforeAll(async () => {
    const server = await findRedis("auto");
    const rest = await bridge({ redis: server.url, token: "the token of the tests" });
    const store = { url: rest.url, token: "the token of the tests" };
    redis = createClient({ url: server.url });
    await redis.connect();
    [sending, reading] = await Promise.all([site(store), site(store)]);
    end = async () => {
      await Promise.all([sending.stop(), reading.stop()]);
      redis.destroy();
      await rest.stop();
      await server.stop();
    };
    [ann, ben] = await Promise.all([sending.token("ann"), sending.token("ben")]);
  });
  afterAll(() => end());

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

  /** The cost of the usual message: the scripts are known, and it is not the first of its list. */
  async function costOfMessage(thread: string): Promise<Record<string, number>> {
    await say(thread);
    return cost(() => say(thread));
  }

  it("of a message is the same in a room of 2 and of 1,000: at most 11 commands, its token's proof included", async () => {
    const small = await costOfMessage(await room(2));
    const large = await costOfMessage(await room(1_000));
    expect(large).toEqual(small);
    expect(total(small)).toBeLessThanOrEqual(11);
  });

  it("of a message does not grow with those who wait for it, who are answered from memory", async () => {
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
    const spent = await cost(async () => {
      await say(thread);
      for (const answer of await Promise.all(held)) expect(answer.text).toContain("hello");
    });
    expect(total(spent)).toBeLessThanOrEqual(11);
  });

  it("of polls that are held is what their instance spends, however many they are", async () => {
    const tokens = await Promise.all(Array.from({ length: 40 }, (_, i) => reading.token(`idle${i}`)));
    const gone = new AbortController();
    const hold = ({ token, cursor }: Token) =>
      reading.call("GET", `stream/${token}?wait=50&cursor=${cursor}`, { signal: gone.signal }).catch(() => undefined);
    const held = tokens.slice(0, 1).map(hold);
    await sleep(2_000);
    const one = await cost(() => sleep(11_000));
    held.push(...tokens.slice(1).map(hold));
    await sleep(3_000);
    const forty = await cost(() => sleep(11_000));
    gone.abort();
    await Promise.all(held);
    // A look at the clock or two, at most one of them with the renewal of the leases.
    expect(total(one)).toBeLessThanOrEqual(8);
    expect(total(forty)).toBeLessThanOrEqual(8);
  }, 60_000);
});
