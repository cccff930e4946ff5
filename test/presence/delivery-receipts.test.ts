import * as v from "valibot";
import { describe, expect, it, type TestContext } from "vitest";
import { type InProcess, inProcess, type Token } from "../support/in-process.js";

const Delivered = v.object({ type: v.literal("delivered") });
const Answer = v.object({ cursor: v.string(), stanzas: v.array(v.looseObject({ type: v.string() })) });

let people = 0;

/**
 * Two people who have not met: ann follows at one instance, ben at the other. The instances are new for each test: one that has just
 * sent receipts keeps the next for ten seconds.
 */
async function meet({ onTestFinished }: TestContext) {
  const [here, there] = [inProcess(), inProcess()];
  onTestFinished(async () => void (await Promise.all([here.stop(), there.stop()])));
  // Receipts are derived from what an instance remembers: both subscribe to the wire before anything happens.
  await Promise.all([here, there].map(async (at) => poll(at, await at.token("early"), "wait=1")));
  people++;
  const [ann, ben] = await Promise.all([here.token(`ann${people}`), there.token(`ben${people}`)]);
  return { here, there, ann, ben };
}

async function say(at: InProcess, from: Token, to: Token, text: string): Promise<number> {
  const body = { type: "message", message: { to: [to.entity], text } };
  const { json } = await at.call("POST", `send/${from.token}`, { body });
  const Sent = v.object({ results: v.tuple([v.object({ seq: v.number() })]) });
  return v.parse(Sent, json).results[0].seq;
}

/** Polls with the cursor of a user, and keeps the cursor of the answer. */
async function poll(at: InProcess, who: Token, query: string) {
  const { json } = await at.call("GET", `stream/${who.token}?cursor=${who.cursor}&${query}`);
  const { cursor, stanzas } = v.parse(Answer, json);
  who.cursor = cursor;
  return stanzas;
}

/** Polls for two users until the first gets a receipt of what the second has received. */
async function told(at: InProcess, who: Token, of: InProcess, another: Token): Promise<unknown> {
  let found: unknown;
  const following = async () => {
    while (found === undefined) await poll(of, another, "wait=1");
  };
  const asking = async () => {
    while (found === undefined) {
      found = (await poll(at, who, "wait=1&delivered=1")).find((it) => v.is(Delivered, it));
    }
  };
  await Promise.all([following(), asking()]);
  return found;
}

describe.concurrent("a delivery receipt", () => {
  it("names a message that was corrected before its recipient polled again", async (test) => {
    const { here, there, ann, ben } = await meet(test);
    await say(here, ann, ben, "Hello");
    const id = "0199c0de-0000-4000-8000-000000000001";
    const message = { id, to: [ben.entity], text: "Helo again" };
    const { json } = await here.call("POST", `send/${ann.token}`, { body: { type: "message", message } });
    const sent = v.parse(v.object({ results: v.tuple([v.object({ seq: v.number(), thread: v.string() })]) }), json);
    const [{ seq, thread }] = sent.results;
    const edit = { thread, id, text: "Hello again" };
    await here.call("POST", `send/${ann.token}`, { body: { type: "edit", edit } });
    expect(await told(here, ann, there, ben)).toMatchObject({ delivered: { entity: ben.entity, seq } });
  });

  it("follows from the cursor of the next poll, and reaches the other member at another instance, once, where they ask for it", async (test) => {
    const { here, there, ann, ben } = await meet(test);
    await say(here, ann, ben, "one");
    const seq = await say(here, ann, ben, "two");
    const plain = { ...ann };
    // An answer alone may be lost: only a poll with its cursor shows that it was received.
    for (let heard = 0; heard < seq; ) {
      heard += (await poll(there, ben, "wait=5")).filter((it) => it.type === "message").length;
    }
    await poll(here, ann, "wait=0&delivered=1");
    expect((await poll(here, ann, "wait=1&delivered=1")).map((it) => it.type)).not.toContain("delivered");
    expect(await told(here, ann, there, ben)).toEqual({
      type: "delivered",
      delivered: { thread: expect.any(String), seq, entity: ben.entity, timestamp: expect.any(String) },
    });
    // Nobody else gets it: not ben, not ann on a stream that does not ask for receipts. Nor is it sent again when ben polls at another instance.
    for (let more = 1; more > 0; ) {
      const stanzas = await poll(here, plain, "wait=0");
      expect(stanzas.map((it) => it.type)).not.toContain("delivered");
      more = stanzas.length;
    }
    const silent = poll(here, plain, "wait=1");
    await poll(here, ben, "wait=0&delivered=1");
    expect(await poll(here, ben, "wait=1&delivered=1")).toEqual([]);
    expect((await poll(here, ann, "wait=1&delivered=1")).map((it) => it.type)).not.toContain("delivered");
    expect(await silent).toEqual([]);
  });
});
