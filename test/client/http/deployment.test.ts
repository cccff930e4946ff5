import { describe, expect, it } from "vitest";
import { CredentialCache } from "../../../lib/client/http/credential.js";
import { Deployment } from "../../../lib/client/http/deployment.js";

/** A deployment whose first request is lost on a dead connection; `pass` lets time pass. */
function behindDeadPath() {
  let now = 0;
  let asked = 0;
  const { signal } = new AbortController();
  const clock = { now: () => now, random: () => 0, wait: async () => {} };
  const fetch: typeof globalThis.fetch = (_, init) => {
    if (++asked > 1) return Promise.resolve(Response.json({ id: "t", results: [] }));
    return new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    });
  };
  const events = { whois: async () => undefined, renewed: () => {}, lost: () => {} };
  const credentials = new CredentialCache("token", async () => "token", events, signal);
  const deployment = new Deployment("https://chat.example/nereid-chat/", fetch, credentials, clock, signal);
  const pass = async (ms: number) => {
    await expect.poll(() => asked).toBe(1);
    now += ms;
    deployment.wake();
  };
  return { deployment, pass, asked: () => asked };
}

describe("Deployment", () => {
  it("makes a call again when somebody looks and its connection may be dead", async () => {
    const { deployment, pass } = behindDeadPath();
    const called = deployment.call("threads/t", { has: "id" });
    await pass(4_000);
    expect(await called).toMatchObject({ id: "t" });
  });

  it("gives a message back to be sent again when somebody looks and its connection may be dead", async () => {
    const { deployment, pass } = behindDeadPath();
    const sent = deployment.send([{ type: "message" }]);
    await pass(4_000);
    expect(await sent).toMatchObject({ results: [], error: { code: "unreachable", passing: true } });
  });

  it("leaves a request alone that has just begun", async () => {
    const { deployment, pass, asked } = behindDeadPath();
    void deployment.call("threads/t", { has: "id" });
    await pass(1_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked()).toBe(1);
  });
});
