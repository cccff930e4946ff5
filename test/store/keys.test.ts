import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { Entity } from "../../lib/schema/actor.js";
import { createKeys, decode, digest, encode } from "../../lib/store/keys.js";

const keys = createKeys("chat:");
const entity = fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter((it) => v.is(Entity, it));

describe("keys", () => {
  it("no entity can reach into the key of another, nor into a field or a line of the wire", () => {
    fc.assert(
      fc.property(entity, entity, (one, other) => {
        expect(encode(one)).not.toMatch(/[:,|@\s]/);
        expect(decode(encode(one))).toBe(one);
        expect(keys.threads(one) === keys.threads(other)).toBe(one === other);
        const apart = [[one, other], [one + other], [`${one}1:${other}`]].map((it) => keys.direct(it));
        expect(new Set(apart).size).toBe(3);
      }),
    );
  });

  it("keeps hashes of credentials, never themselves", () => {
    const token = "7c0f6b1e-54c4-4b0e-8a5e-3f7d2a9b6c11";
    expect(keys.token(digest(token))).not.toContain(token.slice(0, 8));
    expect(digest(token)).toMatch(/^[\w-]{43}$/);
  });

  it("reports the store as unavailable when it holds a malformed entity", () => {
    expect(() => decode("%")).toThrow(expect.objectContaining({ code: "unavailable" }));
  });
});
