import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createToken } from "../../../lib/backend/create-token.js";
import { somebody } from "../../support/outsider.js";
import { SECRET, type Site, site } from "../../support/site.js";

let server: Site;
beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  server = await site(store);
});
afterAll(() => server?.stop());

describe("createToken()", () => {
  it("creates a token for a user with the description of the back end", async () => {
    const user = { id: somebody("ann"), displayName: "Ann", image: "https://example.org/ann", actor: { team: "blue" } };
    const { token, cursor, actor } = await createToken(user, { url: server.url, secret: SECRET });
    expect(actor).toMatchObject({ id: user.id, displayName: "Ann", image: { url: user.image }, team: "blue" });
    const answer = await server.call("GET", `stream/${token}?wait=0&cursor=${cursor}`);
    expect(answer.status).toBe(200);
  });

  it("limits the user's contacts", async () => {
    const user = { id: somebody("ann"), contacts: ["friend,*"] };
    const { token } = await createToken(user, { url: server.url, secret: SECRET });
    const send = (to: string) =>
      server.call("POST", `send/${token}`, { body: { type: "message", message: { to: [to], text: "hi" } } });
    expect((await send("friend,1")).status).toBe(200);
    expect((await send("stranger,1")).json).toMatchObject({ code: "not_a_contact" });
  });

  it("names what is missing, and why the deployment refused", async () => {
    await expect(createToken({ id: "ann" }, { secret: SECRET })).rejects.toThrow("CHAT_URL");
    const options = { url: server.url, secret: "another secret of thirty-two bytes or more" };
    await expect(createToken({ id: "ann" }, options)).rejects.toMatchObject({ cause: "unauthenticated" });
  });
});

describe("the shipped files", () => {
  it("can be imported by pages of other origins, and hold nothing private", async () => {
    for (const file of ["client", "sender", "page", "live", "probe", "widget"]) {
      const { status, headers } = await server.call("GET", `${file}.js`);
      expect([status, headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
    }
    expect((await server.call("GET", "health")).headers.get("access-control-allow-origin")).toBeNull();
  });
});
