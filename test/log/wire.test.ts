import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLine, splitLines } from "../../lib/log/wire.js";

const KINDS = ["post", "direct", "join", "leave", "own", "state", "presence", "delivered", "revoke", "epoch"] as const;

const word = fc.stringMatching(/^[A-Za-z0-9%_.~-]{1,20}$/);
const number = fc.integer({ min: 1, max: 10 ** 15 - 1 });
const body = fc.string().map((text) => JSON.stringify({ text }));

describe("parseLine()", () => {
  it("reads what a script has written, whatever the body says", () => {
    fc.assert(
      fc.property(
        fc.tuple(word, number, word, fc.constantFrom(...KINDS), word, word, body),
        ([epoch, n, tag, kind, by, thread, body]) => {
          const line = `1 ${epoch} ${n} ${tag} ${kind} ${by} ${thread} ${body}`;
          expect(parseLine(line)).toEqual({ epoch, event: { n, tag, kind, by, thread, body } });
        },
      ),
    );
  });

  it("reads of a line of a newer version only its place in the log, whatever follows", () => {
    const newer = fc.integer({ min: 2, max: 99 });
    const rest = fc.oneof(
      fc.constant(""),
      fc.string().map((text) => ` ${text}`),
    );
    fc.assert(
      fc.property(fc.tuple(newer, word, number, word, rest), ([version, epoch, n, tag, rest]) => {
        expect(parseLine(`${version} ${epoch} ${n} ${tag}${rest}`)).toEqual({
          epoch,
          event: { n, tag, kind: "opaque", by: "-", thread: "-", body: "" },
        });
      }),
    );
  });

  it.each(["poll-vote", "Post", "constructor"])("reads the kind %s, which it does not know, as opaque", (kind) => {
    expect(parseLine(`1 e 7 x ${kind} ann t {}`)).toMatchObject({
      epoch: "e",
      event: { n: 7, tag: "x", kind: "opaque" },
    });
  });

  it.each([
    ["", "nothing"],
    ["1", "one word"],
    ["1 e 7 x post ann t", "a line without a body"],
    ["1 e 7 x", "a line of this version without a kind"],
    ["2 e 7", "a line of a newer version without a tag"],
    ["x e 7 x post ann t {}", "a version that is not a number"],
    ["x2 e 7 x", "a version that ends in a number"],
    ["2x e 7 x", "a version that begins with a number"],
    [" e 7 x post ann t {}", "an empty version"],
    ["1 e x7 x post ann t {}", "an n that is not a number"],
    ["1 e 7.5 x post ann t {}", "an n with a fraction"],
    ["1 e 1e99 x post ann t {}", "an n too large to be exact"],
    ["2 e 1e99 x", "an n too large to be exact in a newer version"],
    ["1  7 x post ann t {}", "an empty epoch"],
    ["1 e  x post ann t {}", "an empty n"],
    ["1 e 7 x  ann t {}", "an empty kind"],
    ["1 e 7 x post  t {}", "an empty author"],
    ["data: message", "no line of the wire"],
  ])("refuses %j: %s", (line) => {
    expect(parseLine(line)).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void [text, `1 ${text}`, `2 ${text}`].map(parseLine)));
  });
});

describe("splitLines()", () => {
  it("returns the lines of the events of one write, whatever their bodies say", () => {
    fc.assert(
      fc.property(fc.array(body, { minLength: 1 }), (bodies) => {
        const lines = bodies.map((body, i) => `1 e ${i} x post ann t ${body}`);
        expect(splitLines(lines.join("\t"))).toEqual(lines);
      }),
    );
  });
});
