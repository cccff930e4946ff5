import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { compose } from "../../lib/chat.js";
import { parseConfig } from "../../lib/config.js";
import { Drainer } from "../../lib/hooks/drainer.js";
import { settle, take } from "../../lib/hooks/outbox.js";

// A host that takes nothing.
const target = { url: "http://127.0.0.1:9/hook", secret: "whsec_c2VjcmV0c2VjcmV0c2VjcmV0", reachable: "any" } as const;
const prefix = `drain-${randomUUID().slice(0, 8)}:`;
const chat = compose(parseConfig({ log: "silent", prefix }, process.env));
afterEach(async () => {
  vi.restoreAllMocks();
  const { outbox, outboxTries, outboxLease } = chat.keys;
  await chat.store.transact(v.array(v.unknown()), (batch) => batch.del(outbox, outboxTries, outboxLease));
});
afterAll(() => chat.store.close());

const nothing = { taken: [], dead: [], succeeded: [], failed: new Map(), unread: [] };

async function add(thread: string, count: number) {
  const stanza = JSON.stringify({ type: "message", message: { id: "x", seq: 1, thread, text: "Hello" } });
  await chat.store.transact(v.array(v.unknown()), (batch) => {
    for (let i = 0; i < count; i++) batch.xadd(chat.keys.outbox, "*", { i: `${thread}-${i}`, t: thread, e: stanza });
  });
}

/** Notes that the threads failed, and are due again in so many ms. */
async function fail(threads: readonly string[], now: number, ms: number) {
  const failed = new Map(threads.map((thread) => [thread, { attempts: 1, next: now + ms }]));
  await settle(chat, "test", { ...nothing, failed });
}

describe("what waits for the host's server", () => {
  test("is found behind 1,800 events of a thread that is not due", async () => {
    const now = Date.now();
    await add("busy", 900);
    await add("busy", 900);
    await add("calm", 2);
    await fail(["busy"], now, 30_000);
    const due = await take(chat, "ann", now);
    expect(due?.events.map(({ id }) => id)).toEqual(["calm-0", "calm-1"]);
    expect(due?.next).toBe(now + 30_000);
    expect(due?.tries.size).toBe(0);
  });

  test("is found behind thousands of them by further looks, until they are due again", async () => {
    const now = Date.now();
    for (let i = 0; i < 7; i++) await add("busy", 700);
    await add("calm", 2);
    await fail(["busy"], now, 30_000);
    for (let looks = 0; looks < 2; looks++) {
      const due = await take(chat, "ann", now);
      expect([due?.events, due?.next]).toEqual([[], now]);
    }
    const found = await take(chat, "ann", now);
    expect([found?.events.map(({ id }) => id), found?.next]).toEqual([["calm-0", "calm-1"], now + 30_000]);
    await settle(chat, "ann", { ...nothing, taken: found?.events ?? [] });
    const rest = await take(chat, "ann", now);
    expect([rest?.events, rest?.next]).toEqual([[], now + 30_000]);
    expect((await take(chat, "ann", now + 30_000))?.events).toHaveLength(100);
  });

  test("is read in order, at most 100 events of a thread and 400 in all", async () => {
    for (const thread of ["a", "b", "c", "d", "e"]) await add(thread, 150);
    const due = await take(chat, "ann", Date.now());
    const counts = new Map<string, number>();
    for (const { thread, id } of due?.events ?? []) {
      const count = counts.get(thread) ?? 0;
      expect(id).toBe(`${thread}-${count}`);
      counts.set(thread, count + 1);
    }
    expect([...counts]).toEqual([
      ["a", 100],
      ["b", 100],
      ["c", 100],
      ["d", 100],
    ]);
  });

  test("is nobody's to send while nothing of it is due, and one instance's while something is", async () => {
    const now = Date.now();
    await add("lunch", 1);
    await fail(["lunch"], now, 5_000);
    expect((await take(chat, "ann", now))?.events).toEqual([]);
    expect((await take(chat, "ben", now + 5_000))?.events).toHaveLength(1);
    expect(await take(chat, "ann", now + 5_000)).toBeUndefined();
  });

  test("is not due while all of it waits, whatever its threads do", async () => {
    const now = Date.now();
    await add("lunch", 1);
    await fail(["", "other"], now, 5_000);
    const due = await take(chat, "ann", now);
    expect(due?.events).toEqual([]);
    expect(due?.next).toBe(now + 5_000);
  });
});

describe("a host's server that is down", () => {
  test("costs many messages in a second one look at what waits", async () => {
    const drainer = new Drainer(chat, target, 0);
    const now = Date.now();
    await add("lunch", 1);
    expect(await drainer.round(now)).toBeGreaterThan(now);
    const looks = vi.spyOn(chat.store, "runScript");
    for (let i = 0; i < 100; i++) await drainer.round(now + i);
    expect(looks).toHaveBeenCalledTimes(1);
    // What another thread says meanwhile is sent within a second.
    await add("dinner", 1);
    expect(await drainer.round(now + 100)).toBeLessThanOrEqual(now + 1_000);
    await drainer.round(now + 1_000);
    const before = looks.mock.calls.length;
    expect(before).toBeGreaterThan(2);
    // A clock that is set back keeps nobody from looking.
    await drainer.round(now - 3_600_000);
    expect(looks.mock.calls.length).toBeGreaterThan(before);
    drainer.close();
  });
});
