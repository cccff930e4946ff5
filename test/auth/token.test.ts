import { describe, expect, it } from "vitest";
import { create } from "../../lib/auth/token.js";
import { config } from "../../lib/config.js";
import * as keys from "../../lib/store/keys.js";
import { people, redis } from "../support/people.js";

describe("create()", () => {
  it("leaves in the store a hash alone, for as long as the token holds", async () => {
    const { actor } = people().ann.caller;
    const { token } = await create({ actor, expires: Date.now() + 60_000 }, Date.now());
    for (const key of [keys.token(keys.digest(token)), keys.tokens(actor.id)]) {
      const { result } = Object(await redis("TTL", key));
      expect(result).toBeGreaterThan(config.tokenTtl - 10);
      expect(result).toBeLessThanOrEqual(config.tokenTtl);
    }
    expect(await redis("GET", keys.token(token))).toEqual({ result: null });
  });
});
