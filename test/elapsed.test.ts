import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { YoungTokens } from "../lib/auth/young-tokens.js";
import { compose } from "../lib/chat.js";
import { parseConfig } from "../lib/config.js";
import { hasPassed } from "../lib/elapsed.js";
import { Drainer } from "../lib/hooks/drainer.js";
import { Draining } from "../lib/hooks/draining.js";
import { HealthCache } from "../lib/http/health.js";
import { Reach } from "../lib/people/reach.js";
import { Person } from "./support/person.js";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-29T12:00:00Z");
const prefix = `elapsed-${randomUUID().slice(0, 8)}:`;
const chat = compose(parseConfig({ log: "silent", prefix }, process.env));
afterEach(() => vi.restoreAllMocks());
afterAll(() => {
  chat.tail.close();
  chat.store.close();
});

describe("a time", () => {
  it("has passed when it is as long ago, and when it lies ahead", () => {
    expect([999, 1_000, 1_001, -1].map((ms) => hasPassed(1_000, NOW, NOW + ms))).toEqual([false, true, true, true]);
  });
});

describe("after a clock was set back by an hour", () => {
  it("the health of the store is measured again", async () => {
    const cache = new HealthCache();
    const measure = vi.fn(async () => ({ status: "ok" as const, store: "local", roundTripMs: 1 }));
    for (const now of [NOW, NOW + 500, NOW - HOUR, NOW - HOUR + 500]) await cache.read(measure, now);
    expect(measure).toHaveBeenCalledTimes(2);
  });

  it("an instance looks for what others have left, each minute", async () => {
    const round = vi.fn(async () => undefined);
    const draining = new Draining(chat, "failed", async () => ({ round, close: () => undefined }));
    await draining.run();
    draining.look(Date.now() - HOUR);
    await draining.run();
    expect(round.mock.calls.length).toBeGreaterThan(1);
    draining.close();
  });

  it("what nobody has read is looked at again, also when the list says that it is due in an hour", async () => {
    const unreadMs = 60_000;
    const target = {
      url: "http://127.0.0.1:9/hook",
      secret: "whsec_c2VjcmV0c2VjcmV0c2VjcmV0",
      reachable: "any",
    } as const;
    const drainer = new Drainer(chat, target, unreadMs);
    expect(await drainer.round(NOW)).toBe(NOW + unreadMs);
    await chat.store.transact(v.tuple([v.number()]), (batch) =>
      batch.zadd(chat.keys.outboxUnread, { score: NOW + unreadMs, member: "lunch 1" }),
    );
    const now = NOW - HOUR;
    expect(await drainer.round(now)).toBe(now + unreadMs);
    drainer.close();
  });

  it("people who were reached for the first time count towards a new hour", () => {
    const reach = new Reach();
    reach.take("ann", ["ben"], 1, NOW);
    expect(() => reach.take("ann", ["cleo"], 1, NOW + 1)).toThrow(expect.objectContaining({ code: "rate_limited" }));
    reach.take("ann", ["cleo"], 1, NOW - HOUR);
    expect(reach.unreached("ann", ["ben", "cleo"], NOW - HOUR)).toEqual(["ben"]);
  });

  it("a token that was young is none any more: its end is that of a clock that was ahead", () => {
    const young = new YoungTokens();
    const { caller } = new Person(chat);
    const expires = new Date(NOW + HOUR).toISOString();
    young.remember("browser", caller, { token: randomUUID(), expires, cursor: "a.1", actor: caller.actor }, NOW);
    expect(young.find("browser", caller, NOW)).toBeDefined();
    expect(young.find("browser", caller, NOW - HOUR)).toBeUndefined();
  });

  it("a lease is begun by the next poll, and renewed", () => {
    const { caller } = new Person(chat);
    const writes = vi.spyOn(chat.store, "transact");
    for (const now of [NOW, NOW + 1_000, NOW - HOUR]) chat.leases.attend(caller, now);
    expect(writes).toHaveBeenCalledTimes(2);
  });
});
