import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Site, site } from "../support/site.js";

const Delivered = v.object({ type: v.literal("delivered") });
const Answer = v.object({ cursor: v.string(), stanzas: v.array(v.looseObject({ type: v.string() })) });
type Token = Awaited<ReturnType<Site["token"]>>;

let here: Site;
let there: Site;
let people = 0;

beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test: no bridge");
  [here, there] = await Promise.all([site(store), site(store)]);
  // What happens from now on both remember.
  for (const at of [here, there]) await poll(at, await at.token("early"), "wait=1");
});
afterAll(() => Promise.all([here.stop(), there.stop()]));

/** Two who have not met: ann follows at one instance, ben at the other. */
async function pair(): Promise<{ ann: Token; ben: Token }> {
  people++;
  const [ann, ben] = await Promise.all([here.token(`ann${people}`), there.token(`ben${people}`)]);
  return { ann, ben };
}

async function say(from: Token, to: Token, text: string): Promise<number> {
  const body = { type: "message", message: { to: [to.entity], text } };
  const { json } = await here.call("POST", `send/${from.token}`, { body });
  const Sent = v.object({ results: v.tuple([v.object({ seq: v.number() })]) });
  return v.parse(Sent, json).results[0].seq;
}

/** Polls on from where somebody stands, who then stands where the answer says. */
async function poll(at: Site, who: Token, query: string) {
  const { json } = await at.call("GET", `stream/${who.token}?cursor=${who.cursor}&${query}`);
  const { cursor, stanzas } = v.parse(Answer, json);
  who.cursor = cursor;
  return stanzas;
}

/** Polls until somebody is told what another has received, who polls, too. */
async function told(at: Site, who: Token, of: Site, another: Token): Promise<unknown> {
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

describe("what somebody has received", () => {
  it("is told of a message that was corrected before they asked again", async () => {
    const { ann, ben } = await pair();
    await say(ann, ben, "Hello");
    const id = "0199c0de-0000-4000-8000-000000000001";
    const message = { id, to: [ben.entity], text: "Helo again" };
    const { json } = await here.call("POST", `send/${ann.token}`, { body: { type: "message", message } });
    const sent = v.parse(v.object({ results: v.tuple([v.object({ seq: v.number(), thread: v.string() })]) }), json);
    const [{ seq, thread }] = sent.results;
    const edit = { thread, id, text: "Hello again" };
    await here.call("POST", `send/${ann.token}`, { body: { type: "edit", edit } });
    expect(await told(here, ann, there, ben)).toMatchObject({ delivered: { entity: ben.entity, seq } });
  });

  it("is told by the next poll's cursor, at another instance, to the other one who asks for it, once", async () => {
    const { ann, ben } = await pair();
    await say(ann, ben, "one");
    const seq = await say(ann, ben, "two");
    const plain = { ...ann };
    // The answer alone may have been lost: only who asks with its cursor has received it.
    for (let heard = 0; heard < seq; ) {
      heard += (await poll(there, ben, "wait=5")).filter((it) => it.type === "message").length;
    }
    await poll(here, ann, "wait=0&delivered=1");
    expect((await poll(here, ann, "wait=1&delivered=1")).map((it) => it.type)).not.toContain("delivered");
    expect(await told(here, ann, there, ben)).toEqual({
      type: "delivered",
      delivered: { thread: expect.any(String), seq, entity: ben.entity, timestamp: expect.any(String) },
    });
    // Nobody else hears of it: not ben, not ann where she does not ask, and not again when ben comes to another instance.
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

  it("is told of one who blocks the other, as ever", async () => {
    const { ben: ann, ann: ben } = await pair();
    await here.call("POST", `send/${ben.token}`, { body: { type: "block", block: { entity: ann.entity } } });
    const seq = await say(ann, ben, "Can you hear me?");
    for (let veiled = false; !veiled; ) veiled = (await poll(here, ben, "wait=5")).some((it) => it.type === "message");
    expect(await told(there, ann, here, ben)).toMatchObject({ delivered: { seq, entity: ben.entity } });
  });
});
