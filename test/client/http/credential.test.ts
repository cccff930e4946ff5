import { describe, expect, it } from "vitest";
import { type CreateCredential, CredentialCache } from "../../../lib/client/http/credential.js";
import type { Credential } from "../../../lib/client/protocol/chat.js";
import { ChatError } from "../../../lib/client/protocol/problem.js";

const never = new AbortController().signal;

/** A cache, and what it tells; a token that comes without its user is of the one whom it names. */
function caching(create: CreateCredential, given?: string | Credential, refused: string[] = []) {
  const told: string[] = [];
  const events = {
    whois: async (token: string) => {
      if (refused.includes(token)) throw new ChatError({ code: "token_unknown", status: 401 });
      return { id: token.split(" ")[0] ?? "" };
    },
    renewed: () => void told.push("renewed"),
    lost: ({ code }: { code: string }) => void told.push(code),
  };
  return { cache: new CredentialCache(given, create, events, never), told };
}

describe("CredentialCache", () => {
  it("creates one token, however many callers wait for it", async () => {
    let made = 0;
    const { cache } = caching(async () => `token ${++made}`);
    const all = await Promise.all([cache.get(), cache.get(), cache.get()]);
    expect(all).toEqual(Array(3).fill({ token: "token 1" }));
    expect((await Promise.all([cache.get("token 1"), cache.get("token 1")])).map(({ token }) => token)).toEqual([
      ...["token 2", "token 2"],
    ]);
    expect(await cache.get("token 1")).toEqual({ token: "token 2" });
  });

  it("treats any failure to create a token as temporary", async () => {
    let attempts = 0;
    const create = async () => {
      if (++attempts === 1) throw new TypeError("nobody is there");
      return { token: "t", actor: { id: "ann" } };
    };
    const { cache } = caching(create);
    await expect(cache.get()).rejects.toMatchObject({ name: "ChatError", code: "unreachable", passing: true });
    expect(await cache.get()).toMatchObject({ token: "t" });
  });

  it("refuses the token of another user, and reports it", async () => {
    const create = async () => ({ token: "t", actor: { id: "ben" } });
    const { cache, told } = caching(create, { token: "s", actor: { id: "ann" } });
    await expect(cache.get("s")).rejects.toMatchObject({ code: "another_user" });
    expect(told).toEqual(["another_user"]);
  });

  it("asks the deployment for the user of a token that comes without one", async () => {
    let next = "ann 2";
    const { cache, told } = caching(async () => next, "ann 1");
    expect(await cache.identify()).toMatchObject({ token: "ann 1", actor: { id: "ann" } });
    expect(await cache.get("ann 1")).toMatchObject({ token: "ann 2", actor: { id: "ann" } });
    next = "ben 1";
    await expect(cache.get("ann 2")).rejects.toMatchObject({ code: "another_user" });
    expect(told).toEqual(["renewed", "another_user"]);
  });

  it("renews a token that is refused before its user is known, once at a time", async () => {
    let next = "ann 2";
    const { cache } = caching(async () => next, "ann 1", ["ann 1", "ann 2"]);
    await expect(cache.identify()).rejects.toMatchObject({ code: "token_unknown" });
    next = "ann 3";
    expect(await cache.identify()).toMatchObject({ token: "ann 3", actor: { id: "ann" } });
  });
});
