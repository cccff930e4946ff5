import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { create } from "../../lib/auth/token.js";
import { digest } from "../../lib/store/keys.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

describe("create()", () => {
  it("stores only a hash of the token, for as long as the token is valid", async () => {
    const { config, keys, store } = chat;
    const { actor } = new Person(chat).caller;
    const { token } = await create(chat, { actor, expires: Date.now() + 60_000 }, Date.now());
    const [byHash, ofEntity, byToken] = await store.transact(
      v.tuple([v.number(), v.number(), v.unknown()]),
      (batch) => {
        batch.ttl(keys.token(digest(token)));
        batch.ttl(keys.tokens(actor.id));
        batch.get(keys.token(token));
      },
    );
    for (const ttl of [byHash, ofEntity]) {
      expect(ttl).toBeGreaterThan(config.tokenTtl - 10);
      expect(ttl).toBeLessThanOrEqual(config.tokenTtl);
    }
    expect(byToken).toBeNull();
  });
});
