import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { compose } from "../../lib/chat.js";
import { parseConfig } from "../../lib/config.js";
import { Attempts } from "../../lib/hooks/attempts.js";
import { settle, type Waiting } from "../../lib/hooks/outbox.js";
import { SignedPost } from "../../lib/hooks/signed-post.js";
import { OUTBOX_MAX } from "../../lib/log/write.js";
import { inProcess } from "../support/in-process.js";
import { part } from "../support/outsider.js";
import { service } from "../support/service.js";

const HOOKS = { webhookUrl: "http://127.0.0.1:9/hook", webhookPrivate: true, unreadAfter: 0 };
const settings = { ...HOOKS, prefix: `dead-${randomUUID().slice(0, 8)}:` };
const store = compose(parseConfig({ log: "silent", ...settings }, process.env));
const chat = inProcess(settings);
const server = await service(chat);
afterAll(async () => {
  store.store.close();
  await chat.stop();
});

const waiting = (i: number): Waiting => ({
  place: `${i + 1}-0`,
  at: i + 1,
  id: `epoch-${i}`,
  thread: "lunch",
  stanza: `{"type":"retract","retract":{"thread":"lunch","id":"${i}","entity":"ann","timestamp":"2026-01-01T00:00:00.000Z"}}`,
});
const nothing = { taken: [], dead: [], succeeded: [], failed: new Map(), unread: [] };

/** Puts events into the outbox, and lets them die. */
async function bury(from: number, to: number) {
  const dead = Array.from({ length: to - from }, (_, i) => waiting(from + i));
  await store.store.transact(v.array(v.unknown()), (batch) => {
    batch.del(store.keys.outbox);
    for (const { place, id, thread, stanza } of dead)
      batch.xadd(store.keys.outbox, place, { i: id, t: thread, e: stanza });
  });
  await settle(store, "test", { ...nothing, dead });
}

describe("what the host's server does not take", () => {
  test("is listed in pages when it was given up, and sent once more under its id", async () => {
    await bury(0, 150);
    const first = await server("GET", "dead-letters");
    const letters = part(first, "deadLetters");
    expect(letters).toHaveLength(100);
    expect(part(first, "more")).toBe(true);
    const oldest = { id: "epoch-0", thread: "lunch", webhooks: [{ type: "message.retracted" }] };
    expect(Array.isArray(letters) ? letters[0] : undefined).toMatchObject(oldest);
    const [one, two] = Array.isArray(letters) ? letters.map(({ place }) => `${place}`) : [];
    const last = Array.isArray(letters) ? letters.at(-1)?.place : "";
    const second = await server("GET", `dead-letters?after=${last}`);
    expect(part(second, "deadLetters")).toHaveLength(50);
    expect(second.json).not.toHaveProperty("more");
    expect((await server("POST", "dead-letters", { places: [one, two, "1-1"] })).json).toEqual({ replayed: 2 });
    expect((await server("POST", "dead-letters", { places: [one] })).json).toEqual({ replayed: 0 });
    const Entries = v.tuple([v.array(v.tuple([v.string(), v.array(v.string())]))]);
    const [waits] = await store.store.transact(Entries, (batch) => batch.xrange(store.keys.outbox, "-", "+"));
    expect(waits.map(([, [, id]]) => id)).toEqual(["epoch-0", "epoch-1"]);
    // They are as young as what happens now: the day begins anew.
    for (const [place] of waits) expect(Date.now() - Number.parseInt(place, 10)).toBeLessThan(60_000);
  });

  test.each([{}, { places: [] }, { places: ["x"] }, { places: Array.from({ length: 101 }, () => "1-1") }])(
    "is not sent once more for %j",
    async (body) => {
      expect((await server("POST", "dead-letters", body)).json).toMatchObject({ code: "invalid" });
    },
  );

  test("is kept up to about 1,000 events", async () => {
    await bury(1_000, 2_000);
    await bury(2_000, 2_300);
    const { store: redis, keys } = store;
    const [length] = await redis.transact(v.tuple([v.number()]), (batch) => batch.xlen(keys.outboxDead));
    // Redis trims whole nodes of a stream, a hundred entries each.
    expect(length).toBeGreaterThanOrEqual(1_000);
    expect(length).toBeLessThanOrEqual(1_100);
  });

  test("waits, if there is so much of it, up to about 20,000 events", () => {
    expect(OUTBOX_MAX).toBe(20_000);
  });
});

describe("an attempt that fails", () => {
  const target = {
    url: "http://127.0.0.1:9/hook",
    secret: "whsec_c2VjcmV0c2VjcmV0c2VjcmV0",
    reachable: "any",
  } as const;

  test.each([
    [0, 1],
    [1, 5],
    [2, 30],
    [3, 120],
    [4, 600],
    [5, 1_800],
    [6, 3_600],
    [7, 3_600],
    [23, 3_600],
  ])("after %i others is tried again in %i s", async (attempts, seconds) => {
    const post = new SignedPost(target);
    const round = new Attempts(post, new Map([["lunch", { attempts, next: 0 }]]), 0);
    const began = Date.now();
    await round.run(new Map([["lunch", [{ ...waiting(0), at: began }]]]));
    post.close();
    expect(round.round.dead).toEqual([]);
    expect(Math.round(((round.next ?? 0) - began) / 1_000)).toBe(seconds);
  });

  test("is the last one of an event that is a day old", async () => {
    const post = new SignedPost(target);
    const now = Date.now();
    const [old, young] = [now - 86_400_001, now - 86_000_000].map((at, i) => ({ ...waiting(i), at }));
    const round = new Attempts(post, new Map(), 0);
    if (old && young) await round.run(new Map([["lunch", [old, young]]]));
    post.close();
    expect(round.round.dead).toEqual([old]);
    expect([...round.round.failed.keys()]).toEqual(["lunch"]);
  });
});
