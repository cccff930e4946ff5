import { describe, expect, it } from "vitest";
import { Keeper } from "../../../lib/client/http/credential.js";

const never = new AbortController().signal;

describe("Keeper", () => {
  it("has one token made, however many ask for it at once", async () => {
    let made = 0;
    const keeper = new Keeper(undefined, async () => `token ${++made}`, never);
    const all = await Promise.all([keeper.get(), keeper.get(), keeper.get()]);
    expect(all).toEqual(Array(3).fill({ token: "token 1" }));
    expect((await Promise.all([keeper.get("token 1"), keeper.get("token 1")])).map(({ token }) => token)).toEqual([
      ...["token 2", "token 2"],
    ]);
    expect(await keeper.get("token 1")).toEqual({ token: "token 2" });
  });

  it("takes whatever the making fails with for something that passes", async () => {
    let attempts = 0;
    const make = async () => {
      if (++attempts === 1) throw new TypeError("nobody is there");
      return { token: "t", actor: { id: "ann" } };
    };
    const keeper = new Keeper(undefined, make, never);
    await expect(keeper.get()).rejects.toMatchObject({ name: "ChatError", code: "unreachable", passing: true });
    expect(await keeper.get()).toMatchObject({ token: "t" });
  });

  it("does not take another user's token", async () => {
    const make = async () => ({ token: "t", actor: { id: "ben" } });
    const keeper = new Keeper({ token: "s", actor: { id: "ann" } }, make, never);
    await expect(keeper.get("s")).rejects.toMatchObject({ code: "another_user" });
  });
});
