import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isKind, moved, parseLine, revoked } from "../../lib/log/event.js";
import { format, parseCursor } from "../../lib/log/write.js";

const KINDS = ["post", "join", "leave", "own", "state", "presence", "revoke", "epoch"] as const;
const event = { n: 7, tag: "x", kind: "post", by: "ann", thread: "t", body: "{}" } as const;

describe("parseLine()", () => {
  it("reads what a script has written, whatever the body says", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9%_.~-]{1,20}$/);
    const n = fc.integer({ min: 1, max: 10 ** 15 - 1 });
    fc.assert(
      fc.property(
        word,
        n,
        word,
        fc.constantFrom(...KINDS),
        word,
        word,
        fc.string(),
        (epoch, n, tag, kind, by, thread, text) => {
          const body = JSON.stringify({ text });
          const line = `1 ${epoch} ${n} ${tag} ${kind} ${by} ${thread} ${body}`;
          expect(parseLine(line)).toEqual({ epoch, event: { n, tag, kind, by, thread, body } });
        },
      ),
    );
  });

  it.each([
    ["", "nothing"],
    ["1", "one word"],
    ["1 e 7 x post ann t", "a line without a body"],
    ["2 e 7 x post ann t {}", "another version"],
    ["1 e 7 x dance ann t {}", "a kind that it does not know"],
    ["1 e x7 x post ann t {}", "a number that is none"],
    ["1 e 7.5 x post ann t {}", "a number with a fraction"],
    ["1 e 1e99 x post ann t {}", "a number too large to be exact"],
    ["1  7 x post ann t {}", "an empty epoch"],
    ["1 e  x post ann t {}", "an empty number"],
    ["1 e 7 x post  t {}", "an empty doer"],
  ])("refuses %j: %s", (line) => {
    expect(parseLine(line)).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (line) => void parseLine(`1 ${line}`)));
  });
});

describe("an event", () => {
  it("says who joined or left by it, and nobody by any other kind", () => {
    const body = JSON.stringify({ type: "thread", thread: { id: "t", entities: ["ann", "ben"] } });
    expect(moved({ ...event, kind: "join", body })).toEqual(["ann", "ben"]);
    expect(moved({ ...event, kind: "leave", body })).toEqual(["ann", "ben"]);
    expect(moved({ ...event, kind: "post", body })).toEqual([]);
  });

  it("says which tokens it revokes", () => {
    const body = JSON.stringify({ tokens: ["one"] });
    expect(revoked({ ...event, kind: "revoke", body })).toEqual(["one"]);
    expect(revoked({ ...event, body })).toEqual([]);
  });

  it("is of a kind that is known by its own name only", () => {
    expect([...KINDS, "constructor", "Post", ""].filter(isKind)).toEqual([...KINDS]);
  });
});

describe("a cursor", () => {
  it("is read as it was spelt", () => {
    const epoch = fc.stringMatching(/^[A-Za-z0-9_-]{1,22}$/);
    fc.assert(
      fc.property(epoch, fc.integer({ min: 0, max: 10 ** 15 - 1 }), (epoch, n) => {
        expect(parseCursor(format({ epoch, n }))).toEqual({ epoch, n });
      }),
    );
  });

  it.each(["", ".", "e", "e.", ".7", "e.-7", "e.7.7", "e.1e3", "e.0x7", " e.7", "e.7 ", "é.7", "e.1234567890123456"])(
    "is not %j",
    (text) => {
      expect(parseCursor(text)).toBeUndefined();
    },
  );
});
