import * as v from "valibot";
import { afterAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";

const Answer = v.object({
  timestamp: v.string(),
  prev: v.string(),
  cursor: v.string(),
  stanzas: v.array(v.object({ message: v.optional(v.object({ text: v.string() })) })),
});

const server = inProcess();
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

  it("advises a client that has received nothing for long to poll rarely, until it receives something", async () => {
    const sleepy = inProcess({ idleAfter: 1 });
    try {
      const [eve, fay] = await Promise.all([sleepy.token("eve"), sleepy.token("fay")]);
      const poll = async (cursor: string, wait: number) =>
        (await sleepy.call("GET", `stream/${fay.token}?wait=${wait}&cursor=${cursor}`)).json;
      expect(await poll(fay.cursor, 1)).not.toHaveProperty("pause");
      expect(await poll(fay.cursor, 1)).toMatchObject({ stanzas: [], pause: 45, hold: 1 });
      const headers = { accept: "text/event-stream" };
      const live = await sleepy.call("GET", `stream/${fay.token}?live=1&wait=1&cursor=${fay.cursor}`, { headers });
      expect(live.text).not.toContain("retry: 45000");
      const message = { to: ["fay"], text: "Still there?" };
      await sleepy.call("POST", `send/${eve.token}`, { body: { type: "message", message } });
      const told = v.parse(Answer, await poll(fay.cursor, 5));
      expect(told).not.toHaveProperty("pause");
      expect(told.stanzas).toMatchObject([{}, { message: { text: "Still there?" } }]);
      expect(await poll(told.cursor, 0)).not.toHaveProperty("pause");
    } finally {
      await sleepy.stop();
    }
  });

  it("answers a burst in few answers, twenty-five a second after the first ones, and loses none of it", async () => {
    const [cid, dan] = await Promise.all([server.token("cid"), server.token("dan")]);
    const say = (text: string) =>
      server.call("POST", `send/${cid.token}`, { body: { type: "message", message: { to: ["dan"], text } } });
    await say("0");
    const texts = Array.from({ length: 250 }, (_, i) => `${i}`);
    const burst = (async () => {
      for (const text of texts.slice(1)) await say(text);
    })();
    const [seen, answers]: [string[], number[]] = [[], []];
    for (let cursor = dan.cursor; seen.length < texts.length; ) {
      const { json } = await server.call("GET", `stream/${dan.token}?wait=10&cursor=${cursor}`);
      const answer = v.parse(Answer, json);
      expect(answer.prev).toBe(cursor);
      cursor = answer.cursor;
      answers.push(Date.parse(answer.timestamp));
      seen.push(...answer.stanzas.flatMap((it) => it.message?.text ?? []));
    }
    await burst;
    expect([...seen].sort()).toEqual([...texts].sort());
    // The first are sent before the user is cached here, and five at once; a timer may be early by a millisecond.
    const [from = 0, to = 0] = [answers[0], answers.at(-1)];
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.length).toBeLessThanOrEqual(8 + (to - from) / 39);
  });

  it("delays a user's own events by fifty milliseconds, so that more can join them, but not those of others", async () => {
    const [eve, kim] = await Promise.all([server.token("eve"), server.token("kim")]);
    const say = (from: string, to: string, text: string) =>
      server.call("POST", `send/${from}`, { body: { type: "message", message: { to: [to], text } } });
    await say(eve.token, "kim", "0");
    const texts = Array.from({ length: 250 }, (_, i) => `${i}`);
    const burst = (async () => {
      for (const text of texts.slice(1)) await say(eve.token, "kim", text);
      await say(kim.token, "eve", "Enough!");
    })();
    const [seen, answers]: [string[], number[]] = [[], []];
    for (let cursor = eve.cursor; !seen.includes("Enough!"); ) {
      const { json } = await server.call("GET", `stream/${eve.token}?wait=10&cursor=${cursor}`);
      const answer = v.parse(Answer, json);
      cursor = answer.cursor;
      answers.push(Date.parse(answer.timestamp));
      seen.push(...answer.stanzas.flatMap((it) => it.message?.text ?? []));
    }
    await burst;
    expect(seen).toEqual([...texts, "Enough!"]);
    // The first answers are sent before the user is cached here, and the last as soon as kim writes.
    const gaps = answers.slice(3, -1).map((at, i) => at - (answers[i + 2] ?? 0));
    // An answer whose time was noted late on a busy machine seems close to the next one.
    const median = gaps.sort((a, b) => a - b)[gaps.length >> 1];
    expect(median).toBeGreaterThanOrEqual(45);
  });
});
