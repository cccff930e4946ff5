import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asAnswer, messages, type Outsider, outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// PROFILE §4, sentence by sentence; the event stream has a file of its own.

const [server, other] = [inProcess(), inProcess()];
afterAll(async () => {
  await Promise.all([server.stop(), other.stop()]);
});

let ann: Outsider;
let ben: Outsider;
beforeEach(async () => {
  [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const texts = (stanzas: Parameters<typeof messages>[0]) => messages(stanzas).map((it) => it.text);

/** Sends numbered messages to ben, one after the other, and sees them arrive on both instances. */
async function talk(count: number, from = 1): Promise<void> {
  for (let i = from; i < from + count; i++) await ann.say({ to: [ben.entity], text: `${i}` });
  for (const at of [server, other]) await ben.news(ben.cursor, at);
}

const asked = (query: string, jwt: string) =>
  server.call("GET", `stream?${query}`, { headers: { authorization: `Bearer ${jwt}` } }).then(asAnswer);

describe("the query", () => {
  it.each(["wait=-1", "wait=1.5", "wait=abc", "wait=", "wait=1e1", "wait=+1", "wait=%20", "wait=NaN", "wait=0x1"])(
    "with %s is invalid",
    async (query) => {
      const issues = [{ path: "wait", message: expect.any(String) }];
      const reply = await server.call("GET", `stream/${ann.token}?${query}`);
      expect(reply).toMatchObject({ status: 400, json: { code: "invalid", issues } });
    },
  );

  it.each(["limit=0", "limit=-1", "limit=1.5", "limit=abc", "limit="])("with %s is invalid", async (query) => {
    const issues = [{ path: "limit", message: expect.any(String) }];
    const reply = await server.call("GET", `stream/${ann.token}?wait=0&${query}`);
    expect(reply).toMatchObject({ status: 400, json: { code: "invalid", issues } });
  });

  it.each([
    "wait=0&limit=1",
    "wait=0&limit=100",
    "wait=0&limit=101",
    "wait=0&limit=99999999999999999999",
    "wait=0&x=y",
  ])("with %s is taken", async (query) => {
    expect((await server.call("GET", `stream/${ann.token}?${query}`)).status).toBe(200);
  });

  it("may ask to wait for longer than there is", async () => {
    const held = ben.poll("?wait=100000000000");
    await sleep(300);
    await talk(1);
    expect((await held).stanzas).not.toEqual([]);
  });

  it.each(["nonsense", "1", ".", "a.b", "a.-1", "a.1.2", "", "a.1%00", "%F0%9F%91%8D.1", "x".repeat(5_000)])(
    "with the cursor %s brings none at all",
    async (cursor) => {
      const reply = await server.call("GET", `stream/${ann.token}?wait=0&cursor=${cursor}`);
      expect(reply).toMatchObject(problem(400, "bad_cursor"));
      const headers = { "last-event-id": cursor === "" || /%/.test(cursor) ? "-" : cursor };
      expect(await server.call("GET", `stream/${ann.token}?wait=0`, { headers })).toMatchObject(
        problem(400, "bad_cursor"),
      );
    },
  );
});

describe("an answer", () => {
  it("comes at once when something is there", async () => {
    await talk(1);
    const began = Date.now();
    const { stanzas, prev, cursor, more } = await ben.poll(`?cursor=${ben.cursor}&wait=55`);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(texts(stanzas)).toEqual(["1"]);
    expect(prev).toBe(ben.cursor);
    expect(cursor).not.toBe(prev);
    expect(more).toBeUndefined();
  });

  it("comes when something arrives, also by another instance", async () => {
    await talk(1);
    const { cursor } = await ben.poll("?wait=0");
    const held = ben.poll(`?wait=25&cursor=${cursor}`, other);
    await sleep(500);
    await talk(1, 2);
    expect(texts((await held).stanzas)).toEqual(["2"]);
  });

  it("is empty when the wait is over", async () => {
    const began = Date.now();
    expect((await ben.poll("?wait=1")).stanzas).toEqual([]);
    expect(Date.now() - began).toBeGreaterThanOrEqual(950);
  });

  it("is asked for by a session, or with the token in the header, too", async () => {
    await talk(1);
    for (const answer of [
      await asked(`wait=0&cursor=${ben.cursor}`, await session(ben.entity)),
      asAnswer(await ben.call("GET", `stream?wait=0&cursor=${ben.cursor}`)),
    ])
      expect(texts(answer.stanzas)).toEqual(["1"]);
  });

  it("is cut by the limit, and says that there is more", async () => {
    await talk(5);
    const seen: unknown[] = [];
    let cursor = ben.cursor;
    // The thread itself is the first stanza.
    for (let i = 0; i < 6; i++) {
      const answer = await ben.poll(`?cursor=${cursor}&wait=0&limit=1`);
      expect(answer.prev).toBe(cursor);
      expect(answer.stanzas).toHaveLength(1);
      expect(answer.more).toBe(i < 5 ? true : undefined);
      seen.push(...texts(answer.stanzas));
      cursor = answer.cursor;
    }
    expect(seen).toEqual(["1", "2", "3", "4", "5"]);
    expect(await ben.poll(`?cursor=${cursor}&wait=0&limit=1`)).toMatchObject({ stanzas: [] });
  });

  it("holds 100 stanzas, unless told, and at most", async () => {
    const stanzas = Array.from({ length: 20 }, (_, i) => ({
      type: "message",
      message: { to: [ben.entity], text: `${i}` },
    }));
    for (let i = 0; i < 6; i++) expect((await ann.send({ stanzas })).status).toBe(200);
    await ben.news();
    for (const query of ["", "&limit=100", "&limit=1000"]) {
      const answer = await ben.poll(`?cursor=${ben.cursor}&wait=0${query}`);
      expect(answer).toMatchObject({ more: true, stanzas: { length: 100 } });
    }
    expect(messages(await ben.news()).map((it) => it.seq)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  });

  it("ends before 1 MiB", async () => {
    const big = { type: "message", message: { to: [ben.entity], text: "x".repeat(8_000), note: "y".repeat(7_000) } };
    for (let i = 0; i < 24; i++) expect((await ann.send({ stanzas: [big, big, big] })).status).toBe(200);
    for (const at of [server, other]) await ben.news(ben.cursor, at);
    for (const at of [server, other]) {
      const reply = await at.call("GET", `stream/${ben.token}?cursor=${ben.cursor}&wait=0`);
      expect(Buffer.byteLength(reply.text)).toBeLessThan(1_048_576);
      expect(Buffer.byteLength(reply.text)).toBeGreaterThan(900_000);
      expect(reply).toMatchObject({ json: { more: true } });
    }
    expect(messages(await ben.news()).map((it) => it.seq)).toEqual(Array.from({ length: 72 }, (_, i) => i + 1));
  });
});

describe("the position", () => {
  it("of a client that repeats the bare URL moves on: it gets everything, at most once", async () => {
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      await talk(2, 2 * i + 1);
      const answer = await ben.poll("?wait=0");
      seen.push(...texts(answer.stanzas));
      expect((await ben.poll("?wait=0")).prev).toBe(answer.cursor);
    }
    expect(seen).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("is the token's birth to begin with", async () => {
    expect((await ben.poll("?wait=0")).prev).toBe(ben.cursor);
  });

  it("is now, to begin with, for a session", async () => {
    await talk(1);
    const jwt = await session(ben.entity, { nonce: 1 });
    expect((await asked("wait=0", jwt)).stanzas).toEqual([]);
    const held = asked("wait=20", jwt);
    await sleep(300);
    await talk(1, 2);
    expect(texts((await held).stanzas)).toEqual(["2"]);
    await talk(1, 3);
    expect(texts((await asked("wait=0", jwt)).stanzas)).toEqual(["3"]);
  });

  it("of a session is not lost by an answer that was empty", async () => {
    const jwt = await session(ben.entity, { nonce: 2 });
    expect((await asked("wait=0", jwt)).stanzas).toEqual([]);
    await talk(1);
    expect(texts((await asked("wait=0", jwt)).stanzas)).toEqual(["1"]);
  });

  it("is one for each credential", async () => {
    const tablet = await outsider(server, ben.entity);
    await talk(1);
    expect(texts((await ben.poll("?wait=0")).stanzas)).toEqual(["1"]);
    expect(texts((await tablet.poll("?wait=0")).stanzas)).toEqual(["1"]);
  });

  it("is the same whether the token comes in the path or in the header", async () => {
    await talk(1);
    expect(texts((await ben.poll("?wait=0")).stanzas)).toEqual(["1"]);
    expect(asAnswer(await ben.call("GET", "stream?wait=0")).stanzas).toEqual([]);
  });

  it("is not moved by an answer to a cursor, nor by an event stream", async () => {
    await talk(1);
    await ben.poll(`?cursor=${ben.cursor}&wait=0`);
    const headers = { accept: "text/event-stream" };
    expect((await server.call("GET", `stream/${ben.token}?wait=0`, { headers })).text).toContain('"text":"1"');
    expect(texts((await ben.poll("?wait=0")).stanzas)).toEqual(["1"]);
  });

  it("is the Last-Event-ID first, then the cursor", async () => {
    await talk(1);
    const { cursor } = await ben.poll("?wait=0");
    await talk(1, 2);
    const ask = async (query: string, id: string) =>
      asAnswer(
        await server.call("GET", `stream/${ben.token}?wait=0&cursor=${query}`, { headers: { "last-event-id": id } }),
      );
    const ahead = await ask(ben.cursor, cursor);
    expect({ prev: ahead.prev, texts: texts(ahead.stanzas) }).toEqual({ prev: cursor, texts: ["2"] });
    const back = await ask(cursor, ben.cursor);
    expect({ prev: back.prev, texts: texts(back.stanzas) }).toEqual({ prev: ben.cursor, texts: ["1", "2"] });
  });
});

describe("reading", () => {
  it("destroys nothing: an old cursor gives the same again", async () => {
    await talk(3);
    const first = await ben.poll(`?cursor=${ben.cursor}&wait=0`);
    await ben.poll(`?cursor=${first.cursor}&wait=0`);
    const again = await ben.poll(`?cursor=${ben.cursor}&wait=0`);
    expect(again.stanzas).toEqual(first.stanzas);
    const elsewhere = await ben.poll(`?cursor=${ben.cursor}&wait=0`, other);
    expect(elsewhere.stanzas).toEqual(first.stanzas);
  });

  it("with wait=0 sees whatever was acknowledged before, on every instance", async () => {
    await talk(1);
    let { cursor } = await ben.poll("?wait=0");
    for (let i = 2; i <= 20; i++) {
      await ann.say({ to: [ben.entity], text: `${i}` });
      const answer = await ben.poll(`?cursor=${cursor}&wait=0`, i % 2 === 0 ? server : other);
      expect(texts(answer.stanzas)).toEqual([`${i}`]);
      cursor = answer.cursor;
    }
  });

  it("is everybody's own: strangers hear nothing", async () => {
    const eve = await outsider(server, somebody("eve"));
    await talk(2);
    expect(await eve.news()).toEqual([]);
  });

  it("shows the sender's own messages on all of their streams", async () => {
    const tablet = await outsider(server, ann.entity);
    await talk(2);
    expect(texts(await ann.news())).toEqual(["1", "2"]);
    expect(texts(await tablet.news())).toEqual(["1", "2"]);
  });
});

describe("a cursor that cannot be continued", () => {
  it("of another epoch is told to read all of the user's threads again", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "1" });
    const room = await ann.say({ thread: somebody("room").replace(",", "-"), to: [ben.entity], text: "1" });
    const answer = await ben.poll("?cursor=another.5&wait=0");
    expect(answer.prev).toBe("another.5");
    expect(answer.stanzas[0]).toMatchObject({ type: "resync", resync: { reason: "epoch" } });
    expect(answer.stanzas[0]?.resync).toEqual({
      reason: "epoch",
      threads: expect.arrayContaining([
        { id: thread, seq: 1, unread: 1 },
        { id: room.thread, seq: 1, unread: 1 },
      ]),
    });
    await ann.say({ thread, text: "2" });
    const next = await ben.poll(`?cursor=${answer.cursor}&wait=0`);
    expect(texts(next.stanzas)).toEqual(["2"]);
  });

  it("ahead of the log is told so, too, at once", async () => {
    const [epoch = "", n] = ben.cursor.split(".");
    const ahead = `${epoch}.${Number(n) + 1_000_000}`;
    const answer = await ben.poll(`?cursor=${ahead}&wait=10`);
    expect(answer).toMatchObject({
      prev: ahead,
      stanzas: [{ type: "resync", resync: { reason: "epoch", threads: [] } }],
    });
  });

  it("that a delivery log was trimmed past names exactly that thread, and loses nothing of the others", async () => {
    const quiet = await ann.say({ thread: somebody("quiet").replace(",", "-"), to: [ben.entity], text: "quiet" });
    const busy = await ann.say({ thread: somebody("busy").replace(",", "-"), to: [ben.entity], text: "busy" });
    const stanzas = Array.from({ length: 20 }, () => ({
      type: "message",
      message: { thread: busy.thread, text: "x" },
    }));
    for (let i = 0; i < 40; i++) expect((await ann.send({ stanzas })).status).toBe(200);
    // An instance that was not there remembers nothing of it.
    const fresh = inProcess();
    try {
      const { prev, stanzas } = await ben.poll(`?cursor=${ben.cursor}&wait=0`, fresh);
      expect(prev).toBe(ben.cursor);
      expect(stanzas[0]).toEqual({
        type: "resync",
        resync: { reason: "trimmed", threads: [{ id: busy.thread, seq: 801, unread: 801 }] },
      });
      expect(texts(stanzas)).toContain("quiet");
      expect(quiet.seq).toBe(1);
    } finally {
      await fresh.stop();
    }
  });
});

describe("a new member", () => {
  it("begins with the event that brought them in, whatever their cursor; older messages are in the history", async () => {
    const cid = await outsider(server, somebody("cid"));
    const { thread } = await ann.say({ thread: somebody("room").replace(",", "-"), to: [ben.entity], text: "old" });
    expect((await ann.call("PATCH", `threads/${thread}`, { add: [cid.entity] })).status).toBe(200);
    await ann.say({ thread, text: "new" });
    for (const at of [server, other])
      expect(await cid.news(cid.cursor, at)).toMatchObject([
        { type: "thread", thread: { id: thread, action: "added", entities: [cid.entity] } },
        { type: "message", message: { text: "new", seq: 2 } },
      ]);
    const history = await cid.call("GET", `threads/${thread}/messages`);
    expect(history).toMatchObject({ json: { messages: [{ text: "old" }, { text: "new" }] } });
  });
});

describe("more than 8 polls of one user", () => {
  it("end the oldest early, empty, with a pause", async () => {
    await talk(1);
    const { cursor } = await ben.poll("?wait=0");
    const held = [ben.poll(`?wait=20&cursor=${cursor}`)];
    for (let i = 1; i < 9; i++) {
      await sleep(80);
      held.push(ben.poll(`?wait=20&cursor=${cursor}`));
    }
    expect(await held[0]).toMatchObject({ stanzas: [], pause: 10 });
    await ann.say({ to: [ben.entity], text: "2" });
    for (const answer of await Promise.all(held.slice(1))) {
      expect(texts(answer.stanzas)).toEqual(["2"]);
      expect(answer.pause).toBeUndefined();
    }
  });
});
