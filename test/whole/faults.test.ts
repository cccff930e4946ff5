import { setTimeout as sleep } from "node:timers/promises";
import { v4 as uuid } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type Between, proxy } from "../support/proxy.js";
import { Reader, say, somebody, type Token } from "../support/reader.js";
import { type Site, site } from "../support/site.js";

const store = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "", redis: "" };

/** Two servers on one store: `near` it, and `far`, behind a proxy that may fail. */
let way: Between;
let near: Site;
let far: Site;
beforeAll(async () => {
  way = await proxy({ host: "127.0.0.1", port: Number(new URL(store.url).port) });
  [near, far] = await Promise.all([site(store), site({ url: way.url, token: store.token })]);
});
afterAll(async () => {
  await Promise.all([near.stop(), far.stop()]);
  await way.stop();
});

/** Ann writes on the near server; ben reads on the far one, which has him in its cache. */
let ann: Token;
let ben: Reader;
let thread: string;
beforeEach(async () => {
  const [one, other] = await Promise.all([somebody(near, "ann"), somebody(near, "ben")]);
  ann = one;
  ben = new Reader(other);
  ({ thread } = await say(near, ann, { thread: uuid(), to: [ben.who.entity], text: "hello" }));
  await ben.until(
    () => far,
    (told) => told.includes("hello"),
    10_000,
  );
});

const kick = () =>
  near.call("PATCH", `threads/${thread}`, {
    body: { remove: [ben.who.entity] },
    headers: { authorization: `Bearer ${ann.token}` },
  });

describe("no loss, no duplicates:", () => {
  it("what is sent on one server is delivered on the other, in order", async () => {
    const numbers = Array.from({ length: 50 }, (_, i) => `${i}`);
    const heard = ben.until(
      () => far,
      (told) => told.includes("49"),
      20_000,
    );
    for (const text of numbers) await say(near, ann, { thread, text });
    await heard;
    expect(ben.told).toEqual(["created", "hello", ...numbers]);
  });

  it.each<[string, number, (broken: boolean) => void]>([
    ["is cut", 0, (broken) => broken && way.cut()],
    [
      "is closed for two seconds",
      2_000,
      (broken) => {
        way.refuse(broken);
        if (broken) way.cut();
      },
    ],
    ["is frozen for two seconds", 2_000, (broken) => way.freeze(broken)],
    // The subscription stands, but an event is missing: only a read of the clock reveals that.
    ["swallows what comes down it for a moment", 300, (broken) => way.stall(broken ? "down" : "none")],
  ])(
    "a reader receives everything once when the connection to the store %s",
    async (_, ms, apply) => {
      const held = ben.ask(far, 20).catch(() => undefined);
      await sleep(300);
      apply(true);
      await say(near, ann, { thread, text: "meanwhile" });
      await sleep(ms);
      apply(false);
      await held;
      await ben.until(
        () => far,
        (told) => told.includes("meanwhile"),
        15_000,
      );
      await say(near, ann, { thread, text: "afterwards" });
      await ben.until(
        () => far,
        (told) => told.includes("afterwards"),
        15_000,
      );
      expect(ben.told).toEqual(["created", "hello", "meanwhile", "afterwards"]);
    },
    60_000,
  );
});

describe("statelessness:", () => {
  it("a server that was frozen does not answer from its memory of before", async () => {
    await ben.ask(far, 0);
    const revoked = new Reader(await somebody(near, "cid"));
    await revoked.ask(far, 0);
    far.kill("SIGSTOP");
    await sleep(5_000);
    await say(near, ann, { thread, text: "while it was frozen" });
    await near.call("DELETE", `token/${revoked.who.token}`);
    const answers = Promise.all([ben.ask(far, 0), revoked.ask(far, 0)]);
    far.kill("SIGCONT");
    expect((await answers).map((it) => it.status)).toEqual([200, 404]);
    expect(ben.told.at(-1)).toBe("while it was frozen");
  });

  it("a server that was frozen while its connection was cut does not answer from its memory of before", async () => {
    const held = ben.ask(far, 20);
    await sleep(300);
    far.kill("SIGSTOP");
    way.cut();
    await sleep(3_000);
    await say(near, ann, { thread, text: "unread" });
    await kick();
    far.kill("SIGCONT");
    await ben.ask(far, 0);
    await held.catch(() => undefined);
    expect(new Set(ben.told)).toEqual(new Set(["created", "hello", "removed"]));
  });

  it("a server killed twice during 200 sends loses and doubles nothing that was accepted", async () => {
    let victim = await site(store);
    const heard = ben.until(
      () => victim,
      (told) => told.filter((it) => /^\d+$/.test(it)).length >= 200,
      60_000,
    );
    const accepted: number[] = [];
    const sends = async (from: number) => {
      for (let i = from; i < 200; i += 4) {
        const message = { thread, id: uuid(), text: `${i}` };
        for (let sent = false; !sent; ) {
          const result = await say(victim, ann, message).catch(() => sleep(20));
          if (result !== undefined) accepted.push(result.seq);
          sent = result !== undefined;
        }
      }
    };
    const all = Promise.all([0, 1, 2, 3].map(sends));
    for (const at of [40, 120]) {
      while (accepted.length < at) await sleep(2);
      victim.kill("SIGKILL");
      victim = await site(store);
    }
    await all;
    await heard;
    const { json } = await near.call("GET", `threads/${thread}/messages?limit=100&after=1`, {
      headers: { authorization: `Bearer ${ann.token}` },
    });
    expect(new Set(accepted)).toEqual(new Set(Array.from({ length: 200 }, (_, i) => i + 2)));
    const told = ben.told.slice(2);
    expect([told.length, new Set(told).size]).toEqual([200, 200]);
    expect(json).toMatchObject({ messages: told.slice(0, 100).map((text) => ({ text })) });
    await victim.stop();
  }, 90_000);

  it("a server that is told to end answers its held polls with empty answers", async () => {
    const ending = await site(store);
    await ben.ask(ending, 0);
    const held = [ben.ask(ending, 20), ben.ask(ending, 20)];
    await sleep(500);
    const began = Date.now();
    ending.kill("SIGTERM");
    expect((await Promise.all(held)).map((it) => it.json)).toMatchObject([{ stanzas: [] }, { stanzas: [] }]);
    expect(Date.now() - began).toBeLessThan(1_500);
  });
});

describe("isolation:", () => {
  it("a removed member receives the removal and nothing else: by a held poll, an old cursor, a new poll", async () => {
    const old = ben.cursor;
    const held = ben.ask(far, 20);
    await sleep(300);
    await kick();
    await say(near, ann, { thread, text: "without ben" });
    await held;
    await ben.ask(far, 0);
    expect(ben.told).toEqual(["created", "hello", "removed"]);
    for (const cursor of [old, ben.who.cursor]) {
      ben.cursor = cursor;
      ben.told.length = 0;
      await ben.ask(far, 0);
      expect(ben.told).toEqual(["removed"]);
    }
    const { status } = await far.call("GET", `threads/${thread}/messages`, {
      headers: { authorization: `Bearer ${ben.who.token}` },
    });
    expect(status).toBe(404);
  });

  it("a revoked token ends its held polls on another server, and is refused", async () => {
    const held = ben.ask(far, 20);
    await sleep(300);
    const began = Date.now();
    expect((await near.call("DELETE", `token/${ben.who.token}`)).status).toBe(204);
    expect((await held).json).toMatchObject({ stanzas: [] });
    expect(Date.now() - began).toBeLessThan(2_000);
    expect((await ben.ask(far, 0)).status).toBe(404);
    expect(await say(far, ben.who, { thread, text: "too late" }).catch((error) => `${error}`)).toMatch("404");
  });
});
