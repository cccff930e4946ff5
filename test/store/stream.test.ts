import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Site, site } from "../site.js";

let server: Site;
beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  server = await site(store);
});
afterAll(() => server.stop());

describe("follow()", () => {
  it("answers a held poll with the first message of a new thread", async () => {
    const [ann, ben] = await Promise.all([server.token("ann"), server.token("ben")]);
    const poll = server.call("GET", `stream/${ben.token}?wait=10`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = Date.now();
    await server.call("POST", `send/${ann.token}`, { body: { type: "message", message: { to: ["ben"], text: "Hi" } } });
    const { json } = await poll;
    expect(json).toMatchObject({
      prev: ben.cursor,
      stanzas: [{ type: "thread" }, { type: "message", message: { text: "Hi", seq: 1, sender: { id: "ann" } } }],
    });
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});
