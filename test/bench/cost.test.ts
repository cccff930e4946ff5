import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cheapest, fixedStore, freeStore, hobby, listPrices, payAsYouGo, pro } from "../../bench/cost/bill.js";
import { COMMANDS, DAY, KEPT_MONTHS, type Meters, month } from "../../bench/cost/month.js";
import { others } from "../../bench/cost/others.js";
import { SOURCES } from "../../bench/cost/price-list.js";
import { BEGIN, END, tables } from "../../bench/cost/tables.js";

const document = readFileSync(new URL("../../docs/cost.md", import.meta.url), "utf8");

describe("what a month costs", () => {
  it("is computed from the commands that the tests have counted", () => {
    const counted = new Map(
      [...document.matchAll(/^\| ([^|]+) \| (\d+) \|$/gm)].map(([, what, n]) => [what, Number(n)]),
    );
    for (const [what, n] of Object.entries(COMMANDS)) expect([what, counted.get(what)]).toEqual([what, n]);
  });

  it("stands in docs/cost.md as `npm run bench:prices` writes it", () => {
    expect(document.slice(document.indexOf(BEGIN) + BEGIN.length, document.indexOf(END))).toBe(tables());
  });

  it("names there each page that a price is from, and when it was read", () => {
    for (const { page, read } of Object.values(SOURCES)) {
      expect(document).toContain(page);
      expect(document).toContain(/\d{4}-\d\d-\d\d|autumn \d{4}/.exec(read)?.[0]);
    }
  });

  it("stays within its bounds for pages that are in sight and streams that last as long as the platform allows", () => {
    const of = (users: number) => month(users, { streams: 780 });
    const list = (meters: Meters) => Object.values(listPrices(meters)).reduce((sum, it) => sum + it, 0);
    expect(of(1_000).requests).toBeLessThanOrEqual(3e6);
    expect(list(of(1_000)) + payAsYouGo(of(1_000), KEPT_MONTHS).dollars).toBeLessThanOrEqual(45);
    expect(cheapest(of(1_000), KEPT_MONTHS).dollars).toBeLessThanOrEqual(40);
    expect(list(of(10_000)) + (fixedStore(of(10_000), KEPT_MONTHS).dollars ?? Number.NaN)).toBeLessThanOrEqual(250);
  });
});

const meters = (changed: Partial<Meters>): Meters => ({
  ...{ commands: 0, gbHours: 0, cpuHours: 0, requests: 0, wireGb: 0, storedGb: 0, instances: 1 },
  ...changed,
});

describe("a plan", () => {
  it("of Hobby costs nothing, and does not fit beyond what it includes", () => {
    expect(hobby(meters({ gbHours: 360, cpuHours: 4, requests: 1e6 }))).toEqual({ dollars: 0 });
    expect(hobby(meters({ gbHours: 361, requests: 2e6 }))).toEqual({
      why: "361 of 360 GB-hours, 2.0 M of 1 M requests",
    });
  });

  it("of Pro costs its seat, and what goes beyond its credit", () => {
    expect(pro(meters({ requests: 10e6 }))).toEqual({ dollars: 20 });
    // 20 M invocations are $12, 10 M edge requests more than are included $20: 12 beyond the credit.
    expect(pro(meters({ requests: 20e6 })).dollars).toBeCloseTo(32);
  });

  it("of the store is free up to its bounds, counts each command, or holds so much", () => {
    expect(freeStore(meters({ commands: 500_000, storedGb: 0.1 }), 2)).toEqual({ dollars: 0 });
    expect(freeStore(meters({ commands: 500_001 }), 1).why).toMatch(/commands/);
    expect(freeStore(meters({ storedGb: 0.1 }), 3).why).toMatch(/GB/);
    expect(payAsYouGo(meters({ commands: 10e6, storedGb: 1, wireGb: 300 }), 3).dollars).toBeCloseTo(20 + 0.5 + 3);
    expect(fixedStore(meters({ storedGb: 0.25 }), 1)).toEqual({ dollars: 10, name: "250 MB" });
    expect(fixedStore(meters({ storedGb: 0.25 }), 2)).toEqual({ dollars: 20, name: "1 GB" });
    expect(fixedStore(meters({ storedGb: 600 }), 1).why).toBeDefined();
  });
});

describe("others", () => {
  it("have their tiers, and what each user beyond them costs", () => {
    const at = (monthly: number) => new Map(others(1, monthly, DAY, 1).map(({ name, price }) => [name, price]));
    expect(at(10_000).get("TalkJS")).toEqual({ dollars: 279 });
    expect(at(12_000).get("TalkJS")).toEqual({ dollars: 359 });
    expect(at(6_000).get("PubNub")).toEqual({ dollars: 550 });
    expect(at(30_000).get("PubNub")).toEqual({ why: "by negotiation" });
    expect(at(6_000).get("Twilio Conversations")?.dollars).toBeCloseTo(4_800 * 0.05 + 1_000 * 0.0475);
  });
});

describe("a month", () => {
  it("takes fewer requests by streams than by polls, and most by pages in the background", () => {
    const polls = month(1_000, { polls: 25 }).requests;
    const streams = month(1_000, { streams: 240 }).requests;
    const background = month(1_000, { streams: 240 }, { ...DAY, hiddenShare: 1 }).requests;
    expect(streams).toBeLessThan(background);
    expect(background).toBeLessThan(polls);
  });

  it("of one reader who is always there keeps one instance awake", () => {
    const alone = { ...DAY, openHours: 16, idleShare: 1, idleHours: 24 };
    expect(month(50, { streams: 240 }, alone).gbHours).toBeGreaterThan(1_440);
    expect(month(50, { streams: 240 }, alone).gbHours).toBeLessThan(1_445);
  });
});
