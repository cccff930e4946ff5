import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event, Kind } from "../../lib/log/event.js";
import { Audience, concerns } from "../../lib/log/membership-cache.js";

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

  it("nobody who is not in its thread", () => {
    for (const kind of ["post", "join", "leave", "state"] as const) {
      expect(concerns(ben(1), event(5, kind, "ann", "another"))).toBe(false);
    }
  });

  it("somebody who left, if it is the one that says so, and not even if it was sent before", () => {
    const heard = [9, 10, 11].flatMap((n) => [concerns(ben(-10), event(n)), concerns(ben(-10), event(n, "leave"))]);
    expect(heard).toEqual([false, false, false, true, false, false]);
  });

  it("only the doer, if it is their own, in whatever thread", () => {
    expect(concerns(ben(1), event(5, "own", "ben", "another"))).toBe(true);
    expect(concerns(ben(1), event(5, "own", "ann"))).toBe(false);
  });

  it("all but the doer, if it is a chat state", () => {
    expect(concerns(ben(1), event(5, "state", "ann"))).toBe(true);
    expect(concerns(ben(1), event(5, "state", "ben"))).toBe(false);
  });

  it("all who share a thread with whom it is the presence of, but those who block them", () => {
    const seen = (blocked: Map<string, string>) =>
      concerns({ ...ben(1), blocked }, event(5, "presence", "ann", "s,t,u"));
    expect(seen(new Map())).toBe(true);
    expect(seen(new Map([["ann", "2026"]]))).toBe(false);
    expect(concerns(ben(1), event(5, "presence", "ben", "t"))).toBe(false);
    expect(concerns(ben(-1), event(5, "presence", "ann", "t"))).toBe(false);
    expect(concerns(ben(1), event(5, "presence", "ann", "s,u"))).toBe(false);
  });

  it("nobody, if it ends tokens or an epoch", () => {
    expect(concerns(ben(1), event(5, "revoke"))).toBe(false);
    expect(concerns(ben(1), event(5, "epoch"))).toBe(false);
  });
});

describe("an audience", () => {
  const names = (audience: Audience, thread: string) => [...audience.of(thread)].map((member) => member.entity).sort();

  it("finds whoever is known to be in a thread, and those who join it", () => {
    const audience = new Audience();
    audience.remember("ann", new Map([["t", 1]]), 0);
    audience.remember("ben", new Map(), 0);
    audience.change("ben", "t", 7);
    expect(names(audience, "t")).toEqual(["ann", "ben"]);
    expect(audience.find("ben", 0)?.memberships).toEqual(new Map([["t", 7]]));
  });

  it("does not take what it heard of a stranger for all that there is to know", () => {
    const audience = new Audience();
    audience.change("ben", "t", 7);
    expect(audience.find("ben", 0)).toBeUndefined();
  });

  it("keeps the newest that is known, in whatever order it comes", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1 }), fc.boolean(), (all, odd) => {
        const audience = new Audience();
        audience.remember("ann", new Map(), 0);
        const changes = all.map((n) => (n % 2 === (odd ? 1 : 0) ? n : -n));
        for (const n of changes) audience.change("ann", "t", n);
        const newest = Math.max(...all);
        expect(audience.find("ann", 0)?.memberships.get("t")).toBe(changes.find((n) => Math.abs(n) === newest));
      }),
    );
  });

  it("bounded: forgets whom nobody asked about, but for those to keep", () => {
    const audience = new Audience();
    for (const [i, name] of ["ann", "ben", "cid"].entries()) audience.remember(name, new Map([["t", 1]]), i * 1_000);
    audience.find("ann", 5_000);
    audience.sweep(4_000, (entity) => entity === "ben");
    expect(names(audience, "t")).toEqual(["ann", "ben"]);
    audience.sweep(6_000, () => false);
    expect(names(audience, "t")).toEqual([]);
  });

  it("replaces what it knew of somebody whole", () => {
    const audience = new Audience();
    audience.remember("ann", new Map([["old", 1]]), 0);
    audience.remember("ann", new Map([["new", 2]]), 0);
    expect([names(audience, "old"), names(audience, "new")]).toEqual([[], ["ann"]]);
  });
});
