import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// PROFILE §1: what is optional may be absent or null, and has its shape otherwise.

const server = inProcess();
let ann: Outsider;
let room: string;
beforeAll(async () => {
  ann = await outsider(server, somebody("ann"));
  room = asThread(await ann.call("POST", "threads", { kind: "room", members: [] })).id;
});
afterAll(() => server.stop());

const requests = {
  "POST token": async (body: unknown) => {
    const headers = { authorization: `Bearer ${await session(ann.entity)}` };
    return server.call("POST", "token", { headers, body });
  },
  "POST threads/<id>/invites": (body: unknown) => ann.call("POST", `threads/${room}/invites`, body),
};

describe.each(Object.entries(requests))("the body of %s", (_, ask) => {
  it.each([[undefined], [null], [{}]])("may be %j", async (body) => {
    expect((await ask(body)).status).toBeLessThan(300);
  });

  it.each([[[]], [[{}]], ["text"], [1], [false]])("cannot be %j", async (body) => {
    expect(await ask(body)).toMatchObject({ status: 400, json: { code: "invalid" } });
  });
});

describe("a presence stanza", () => {
  it.each([[[[]]], [[["chat"]]], [[null]], [[]], [[{}, {}]]])("cannot be %j", async (presence) => {
    expect(await ann.send({ type: "presence", presence })).toMatchObject({ status: 400, json: { code: "invalid" } });
  });

  it("may have nothing in it", async () => {
    expect((await ann.send({ type: "presence", presence: [{}] })).status).toBe(200);
    expect((await ann.send({ type: "presence", presence: [{ show: null }] })).status).toBe(200);
  });
});
