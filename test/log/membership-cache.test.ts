import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event, Kind } from "../../lib/log/event.js";
import { concerns, MembershipCache } from "../../lib/log/membership-cache.js";

const event = (n: number, kind: Kind = "post", by = "ann", thread = "t"): Event => {
  return { n, kind, by, thread, tag: "", body: "{}" };
};
const ben = (since: number) => ({
  by: "ben",
  memberships: new Map([["t", since]]),
  blocked: new Map<string, string>(),
});

describe("isolation: an event concerns", () => {
  it("a member from the joining on", () => {
    const heard = [9, 10, 11].map((n) => concerns(ben(10), event(n)));
    expect(heard).toEqual([false, true, true]);
  });

  it("nobody outside its thread", () => {
    for (const kind of ["post", "join", "leave", "state"] as const) {
      expect(concerns(ben(1), event(5, kind, "ann", "another"))).toBe(false);
    }
  });

  it("a former member if it is the event that ended the membership, and no other, not even an earlier one", () => {
    const heard = [9, 10, 11].flatMap((n) => [concerns(ben(-10), event(n)), concerns(ben(-10), event(n, "leave"))]);
    expect(heard).toEqual([false, false, false, true, false, false]);
  });

  it("its author alone if it is of kind own, in whatever thread", () => {
    expect(concerns(ben(1), event(5, "own", "ben", "another"))).toBe(true);
    expect(concerns(ben(1), event(5, "own", "ann"))).toBe(false);
  });

  it("all but its author if it is a chat state", () => {
    expect(concerns(ben(1), event(5, "state", "ann"))).toBe(true);
    expect(concerns(ben(1), event(5, "state", "ben"))).toBe(false);
  });

  it("all who share a thread with its author if it is presence, except those who block the author", () => {
    const seen = (blocked: Map<string, string>) =>
      concerns({ ...ben(1), blocked }, event(5, "presence", "ann", "s,t,u"));
    expect(seen(new Map())).toBe(true);
    expect(seen(new Map([["ann", "2026"]]))).toBe(false);
    expect(concerns(ben(1), event(5, "presence", "ben", "t"))).toBe(false);
    expect(concerns(ben(-1), event(5, "presence", "ann", "t"))).toBe(false);
    expect(concerns(ben(1), event(5, "presence", "ann", "s,u"))).toBe(false);
  });

  it("nobody if it revokes tokens, begins an epoch, or is of a kind that is not known here", () => {
    expect(concerns(ben(1), event(5, "revoke"))).toBe(false);
    expect(concerns(ben(1), event(5, "epoch"))).toBe(false);
    expect(concerns(ben(1), event(5, "opaque"))).toBe(false);
    expect(concerns(ben(-5), event(5, "opaque"))).toBe(false);
  });
});

describe("a membership cache", () => {
  const names = (cache: MembershipCache, thread: string) => [...cache.of(thread)].map((member) => member.entity).sort();

  it("finds the cached members of a thread, and those who join it", () => {
    const cache = new MembershipCache();
    cache.remember("ann", new Map([["t", 1]]), 0);
    cache.remember("ben", new Map(), 0);
    cache.change("ben", "t", 7);
    expect(names(cache, "t")).toEqual(["ann", "ben"]);
    expect(cache.find("ben", 0)?.memberships).toEqual(new Map([["t", 7]]));
  });

  it("makes no entry of a join alone: there may be more memberships", () => {
    const cache = new MembershipCache();
    cache.change("ben", "t", 7);
    expect(cache.find("ben", 0)).toBeUndefined();
  });

  it("keeps the newest change, in whatever order changes arrive", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1 }), fc.boolean(), (all, odd) => {
        const cache = new MembershipCache();
        cache.remember("ann", new Map(), 0);
        const changes = all.map((n) => (n % 2 === (odd ? 1 : 0) ? n : -n));
        for (const n of changes) cache.change("ann", "t", n);
        const newest = Math.max(...all);
        expect(cache.find("ann", 0)?.memberships.get("t")).toBe(changes.find((n) => Math.abs(n) === newest));
      }),
    );
  });

  it("bounded: drops the entries that were not used, except those to keep", () => {
    const cache = new MembershipCache();
    for (const [i, name] of ["ann", "ben", "cid"].entries()) cache.remember(name, new Map([["t", 1]]), i * 1_000);
    cache.find("ann", 5_000);
    cache.sweep(4_000, (entity) => entity === "ben");
    expect(names(cache, "t")).toEqual(["ann", "ben"]);
    cache.sweep(6_000, () => false);
    expect(names(cache, "t")).toEqual([]);
  });

  it("replaces an entry as a whole", () => {
    const cache = new MembershipCache();
    cache.remember("ann", new Map([["old", 1]]), 0);
    cache.remember("ann", new Map([["new", 2]]), 0);
    expect([names(cache, "old"), names(cache, "new")]).toEqual([[], ["ann"]]);
  });
});
