import { describe, expect, it } from "vitest";
import { CredentialCache } from "../../../lib/client/http/credential.js";

const never = new AbortController().signal;

describe("CredentialCache", () => {
  it("has one token made, however many ask for it at once", async () => {
    let made = 0;
    const cache = new CredentialCache(undefined, async () => `token ${++made}`, never);
    const all = await Promise.all([cache.get(), cache.get(), cache.get()]);
    expect(all).toEqual(Array(3).fill({ token: "token 1" }));
    expect((await Promise.all([cache.get("token 1"), cache.get("token 1")])).map(({ token }) => token)).toEqual([
      ...["token 2", "token 2"],
    ]);
    expect(await cache.get("token 1")).toEqual({ token: "token 2" });
  });

  it("takes whatever the making fails with for something that passes", async () => {
    let attempts = 0;
    const create = async () => {
      if (++attempts === 1) throw new TypeError("nobody is there");
      return { token: "t", actor: { id: "ann" } };
    };
    const cache = new CredentialCache(undefined, create, never);
    await expect(cache.get()).rejects.toMatchObject({ name: "ChatError", code: "unreachable", passing: true });
    expect(await cache.get()).toMatchObject({ token: "t" });
  });

  it("does not take another user's token", async () => {
    const create = async () => ({ token: "t", actor: { id: "ben" } });
    const cache = new CredentialCache({ token: "s", actor: { id: "ann" } }, create, never);
    await expect(cache.get("s")).rejects.toMatchObject({ code: "another_user" });
  });
});
