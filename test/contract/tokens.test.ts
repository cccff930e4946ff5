import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { messages, outsider, part, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// PROFILE §3, sentence by sentence.

const [server, other] = [inProcess(), inProcess()];
const brief = inProcess({}, { CHAT_TOKEN_TTL: "2" });
afterAll(async () => {
  await Promise.all([server.stop(), other.stop(), brief.stop()]);
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const hello = { type: "message", message: { to: ["nobody"], text: "Hello" } };

describe("making a token", () => {
  it("answers with the token, its end, a cursor and the actor", async () => {
    const headers = { authorization: `Bearer ${await session("ann")}` };
    const began = Date.now();
    const made = await server.call("POST", "token", { headers });
    expect(made.status).toBe(200);
    expect(made.json).toEqual({
      token: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      cursor: expect.any(String),
      actor: { id: "ann", objectType: "person", displayName: "ann" },
    });
    expect(Math.abs(Date.parse(`${part(made, "expires")}`) - began - 3_600_000)).toBeLessThan(60_000);
  });

  it("takes an empty object, too, and another token is another", async () => {
    const headers = { authorization: `Bearer ${await session("ann")}` };
    const [one, two] = await Promise.all([1, 2].map(() => server.call("POST", "token", { headers, body: {} })));
    expect([one?.status, two?.status]).toEqual([200, 200]);
    expect(part(one, "token")).not.toBe(part(two, "token"));
  });

  it("begins a stream: what is sent before the first poll is delivered by it", async () => {
    const [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
    await ann.say({ to: [ben.entity], text: "Before" });
    await ben.news();
    expect(messages((await ben.poll("?wait=0")).stanzas)).toMatchObject([{ text: "Before" }]);
  });

  it("does not begin a stream with what was sent before the token was made", async () => {
    const [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
    await ann.say({ to: [ben.entity], text: "Long before" });
    const later = await outsider(server, ben.entity);
    expect((await later.poll("?wait=0")).stanzas).toEqual([]);
    expect(messages(await later.news(ben.cursor))).toMatchObject([{ text: "Long before" }]);
  });
});

describe("revoking a token", () => {
  it("refuses it at once, on every instance", async () => {
    const ann = await outsider(server, somebody("ann"));
    // Both instances know the token, and keep it in mind.
    expect((await server.call("GET", `stream/${ann.token}?wait=0`)).status).toBe(200);
    expect((await other.call("GET", `stream/${ann.token}?wait=0`)).status).toBe(200);
    const { status, text } = await server.call("DELETE", `token/${ann.token}`);
    expect({ status, text }).toEqual({ status: 204, text: "" });
    expect(await server.call("GET", `stream/${ann.token}?wait=0`)).toMatchObject(problem(404, "token_unknown"));
    expect(await server.call("POST", `send/${ann.token}`, { body: hello })).toMatchObject(
      problem(404, "token_unknown"),
    );
    expect(await ann.call("GET", "threads")).toMatchObject(problem(401, "token_unknown"));
    await expect
      .poll(() => other.call("GET", `stream/${ann.token}?wait=0`))
      .toMatchObject(problem(404, "token_unknown"));
  });

  it("can be done again, and needs nothing but the token", async () => {
    const ann = await outsider(server, somebody("ann"));
    for (const _ of [1, 2]) expect((await server.call("DELETE", `token/${ann.token}`)).status).toBe(204);
    expect((await server.call("DELETE", "token/5b0c8b4e-5c1c-4a39-9a52-9d7f7c5f4b61")).status).toBe(204);
    expect((await server.call("DELETE", "token/nonsense")).status).toBe(204);
  });

  it("ends the polls that it holds, on every instance", async () => {
    const ann = await outsider(server, somebody("ann"));
    const held = [server, other].map((it) => it.call("GET", `stream/${ann.token}?wait=25`));
    await sleep(500);
    await server.call("DELETE", `token/${ann.token}`);
    for (const reply of await Promise.all(held)) expect(reply).toMatchObject({ status: 200, json: { stanzas: [] } });
    expect(await server.call("GET", `stream/${ann.token}`)).toMatchObject(problem(404, "token_unknown"));
  }, 10_000);

  it("leaves the other tokens of its user", async () => {
    const entity = somebody("ann");
    const [one, two] = await Promise.all([outsider(server, entity), outsider(server, entity)]);
    await server.call("DELETE", `token/${one.token}`);
    expect((await two.call("GET", "threads")).status).toBe(200);
  });

  it("is possible for all at once, by the session", async () => {
    const entity = somebody("ann");
    const [one, two, ben] = await Promise.all([
      outsider(server, entity),
      outsider(other, entity),
      outsider(server, somebody("ben")),
    ]);
    const headers = { authorization: `Bearer ${await session(entity)}` };
    const held = server.call("GET", `stream/${one.token}?wait=25`);
    await sleep(300);
    expect((await server.call("DELETE", "token", { headers })).status).toBe(204);
    expect((await held).status).toBe(200);
    for (const it of [one, two])
      expect(await server.call("GET", `stream/${it.token}?wait=0`)).toMatchObject(problem(404, "token_unknown"));
    expect((await server.call("DELETE", "token", { headers })).status).toBe(204);
    expect((await ben.call("GET", "threads")).status).toBe(200);
  }, 10_000);
});

describe("CHAT_TOKEN_TTL", () => {
  it("ends a token, and the poll that it holds", async () => {
    const ann = await outsider(brief, somebody("ann"));
    const left = Date.parse(ann.expires) - Date.now();
    expect(left).toBeGreaterThan(500);
    expect(left).toBeLessThanOrEqual(2_000);
    const began = Date.now();
    expect(await brief.call("GET", `stream/${ann.token}?wait=25`)).toMatchObject({
      status: 200,
      json: { stanzas: [] },
    });
    expect(Date.now() - began).toBeLessThan(8_000);
    expect(await brief.call("GET", `stream/${ann.token}`)).toMatchObject(problem(404, "token_unknown"));
    expect(await ann.call("GET", "threads")).toMatchObject(problem(401, "token_unknown"));
  }, 15_000);

  it("ends a live stream, too", async () => {
    const ann = await outsider(brief, somebody("ann"));
    const headers = { accept: "text/event-stream" };
    const { status, text } = await brief.call("GET", `stream/${ann.token}?live=1&wait=25`, { headers });
    expect({ status, text }).toMatchObject({ status: 200, text: expect.stringMatching(/^retry: \d+\n\n/) });
    expect(await brief.call("GET", `stream/${ann.token}`)).toMatchObject(problem(404, "token_unknown"));
  }, 15_000);
});
