import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import * as v from "valibot";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { ChatOptions } from "../lib/config.js";
import { type InProcess, inProcess } from "./support/in-process.js";

// Two chats with different prefixes, secrets and limits, in one process and on one store. The same users use both.

const secrets = { a: "the secret of chat a, of 32 bytes or more", b: "the secret of chat b, of 32 bytes or more" };
const prefix = `t${randomBytes(4).toString("hex")}`;
const running: InProcess[] = [];
afterAll(() => Promise.all(running.map((it) => it.stop())));

function chat(name: "a" | "b", options: ChatOptions = {}): InProcess {
  const made = inProcess({ prefix: `${prefix}${name}:`, jwtSecret: secrets[name], ...options });
  running.push(made);
  return made;
}

const a = chat("a", { rateToken: 1, rateSend: 1 });
const b = chat("b");

const Made = v.object({ token: v.string(), cursor: v.string() });
const Sent = v.object({ results: v.tuple([v.object({ thread: v.string(), seq: v.number() })]) });
const Answer = v.object({ cursor: v.string(), stanzas: v.array(v.looseObject({ type: v.string() })) });

/** Asks for a token with a session that is signed with a secret. */
async function requestToken(at: InProcess, entity: string, secret: string) {
  const jwt = await new SignJWT({ name: entity, sub: entity })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret));
  return at.call("POST", "token", { headers: { authorization: `Bearer ${jwt}` } });
}

async function user(at: InProcess, entity: string, secret: string) {
  const { token, cursor } = v.parse(Made, (await requestToken(at, entity, secret)).json);
  return {
    token,
    cursor,
    send: (message: object) => at.call("POST", `send/${token}`, { body: { type: "message", message } }),
    poll: async (wait: number, from = cursor) => at.call("GET", `stream/${token}?wait=${wait}&cursor=${from}`),
  };
}

const messagesIn = (json: unknown) => v.parse(Answer, json).stanzas.filter((it) => it.type === "message");

let names: { ann: string; ben: string };
beforeEach(() => {
  const run = randomUUID();
  names = { ann: `ann,${run}`, ben: `ben,${run}` };
});

describe("two chats in one process", () => {
  it("refuse each other's sessions", async () => {
    expect((await requestToken(a, names.ann, secrets.a)).status).toBe(200);
    expect((await requestToken(b, names.ann, secrets.b)).status).toBe(200);
    const refused = { status: 401, json: { code: "unauthenticated" } };
    expect(await requestToken(a, names.ann, secrets.b)).toMatchObject(refused);
    expect(await requestToken(b, names.ann, secrets.a)).toMatchObject(refused);
  });

  it("do not know each other's chat tokens, warm or cold", async () => {
    const ann = await user(a, names.ann, secrets.a);
    for (let i = 0; i < 2; i++) {
      expect((await a.call("GET", `stream/${ann.token}?wait=0`)).status).toBe(200);
      expect(await b.call("GET", `stream/${ann.token}?wait=0`)).toMatchObject({
        status: 404,
        json: { code: "token_unknown" },
      });
    }
  });

  it("deliver their own messages only, and have their own threads and message ids", async () => {
    const [annA, benA] = [await user(a, names.ann, secrets.a), await user(a, names.ben, secrets.a)];
    const [annB, benB] = [await user(b, names.ann, secrets.b), await user(b, names.ben, secrets.b)];
    const held = benB.poll(2);
    const id = randomUUID();
    const sent = v.parse(Sent, (await annA.send({ id, to: [names.ben], text: "in a" })).json).results[0];
    expect(messagesIn((await benA.poll(0)).json)).toMatchObject([{ message: { id, text: "in a" } }]);
    expect(messagesIn((await held).json)).toEqual([]);

    const headers = { authorization: `Bearer ${annB.token}` };
    expect((await b.call("GET", `threads/${sent.thread}`, { headers })).status).toBe(404);
    expect((await annB.send({ thread: sent.thread, text: "into a" })).status).toBe(404);

    const again = v.parse(Sent, (await annB.send({ id, to: [names.ben], text: "in b" })).json).results[0];
    expect(again).toMatchObject({ seq: 1 });
    expect(again).not.toHaveProperty("duplicate");
    expect(again.thread).not.toBe(sent.thread);
    expect(messagesIn((await benB.poll(0)).json)).toMatchObject([{ message: { id, text: "in b" } }]);
    expect(messagesIn((await benA.poll(0)).json)).toHaveLength(1);
  });

  it("count cursors in their own logs", async () => {
    const [inA, inB] = [await user(a, names.ann, secrets.a), await user(b, names.ann, secrets.b)];
    const [epochA] = inA.cursor.split(".");
    const [epochB] = inB.cursor.split(".");
    expect(epochA).not.toBe(epochB);
    const { json } = await inB.poll(0, inA.cursor);
    expect(json).toMatchObject({ stanzas: [{ type: "resync", resync: { reason: "epoch" } }] });
  });

  it("have their own rate limits", async () => {
    const made = async (at: InProcess, secret: string) => {
      const replies = await Promise.all([requestToken(at, names.ben, secret), requestToken(at, names.ben, secret)]);
      return replies.map((it) => it.status).sort();
    };
    expect([await made(a, secrets.a), await made(b, secrets.b)]).toEqual([
      [200, 429],
      [200, 200],
    ]);
    const [inA, inB] = [await user(a, names.ann, secrets.a), await user(b, names.ann, secrets.b)];
    const statuses = async ({ send }: typeof inA) => {
      const replies = await Promise.all(Array.from({ length: 7 }, () => send({ to: [names.ben], text: "Hello" })));
      return replies.map((it) => it.status).sort();
    };
    expect(await statuses(inA)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await statuses(inB)).toEqual(Array(7).fill(200));
  });

  it("revoke their own tokens only", async () => {
    const [inA, inB] = [await user(a, names.ann, secrets.a), await user(b, names.ann, secrets.b)];
    const began = Date.now();
    const held = inB.poll(2);
    await inA.poll(0);
    await sleep(200);
    expect((await a.call("DELETE", `token/${inA.token}`)).status).toBe(204);
    expect((await inA.poll(0)).status).toBe(404);
    // It was not ended early.
    expect((await held).status).toBe(200);
    expect(Date.now() - began).toBeGreaterThan(1_900);
    expect((await inB.poll(0)).status).toBe(200);
    // The token of b is none of a's that could be revoked there.
    await a.call("DELETE", `token/${inB.token}`);
    expect((await inB.poll(0)).status).toBe(200);
  });

  it("are closed on their own: the other one goes on", async () => {
    const closing = chat("a");
    const [inA, annB] = [await user(closing, names.ben, secrets.a), await user(b, names.ann, secrets.b)];
    const benB = await user(b, names.ben, secrets.b);
    await Promise.all([inA.poll(1), benB.poll(1)]);
    const held = { a: inA.poll(10), b: benB.poll(10) };
    await sleep(200);
    const began = Date.now();
    await closing.stop();
    expect(await held.a).toMatchObject({ status: 200, json: { stanzas: [] } });
    expect(Date.now() - began).toBeLessThan(2_000);
    await annB.send({ to: [names.ben], text: "Still here" });
    expect(messagesIn((await held.b).json)).toMatchObject([{ message: { text: "Still here" } }]);
    expect(Date.now() - began).toBeLessThan(4_000);
  });
});
