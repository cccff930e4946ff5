import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { type Outsider, outsider, type Place, somebody } from "../support/outsider.js";

// PROFILE §4: what is said of positions, limits, resyncs and ends holds for streams that are held open as for polls.

const [server, other] = [inProcess(), inProcess()];
afterAll(async () => {
  await Promise.all([server.stop(), other.stop()]);
});

let ann: Outsider;
let ben: Outsider;
beforeEach(async () => {
  [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
});

const EVENTS = { accept: "text/event-stream" };

type Event = { id: string; type: string; data: Record<string, unknown> };

/** A live stream as its reader has it so far. */
class Live {
  readonly status: number;
  readonly headers: Headers;
  /** What came at once, piece by piece. */
  readonly pieces: string[] = [];
  readonly ended: Promise<void>;

  constructor(response: Response) {
    this.status = response.status;
    this.headers = response.headers;
    this.ended = this.#read(response);
  }

  get text(): string {
    return this.pieces.join("");
  }

  /** The events so far, without presence. */
  get events(): Event[] {
    const found = [...this.text.matchAll(/^id: (.*)\ndata: (.*)$/gm)].map(([, id = "", json = "{}"]) => {
      const { type, ...data } = JSON.parse(json);
      return { id, type, data };
    });
    return found.filter(({ type }) => type !== "presence");
  }

  get texts(): unknown[] {
    return this.events.flatMap(({ type, data }) =>
      type === "message" ? [Reflect.get(Object(data.message), "text")] : [],
    );
  }

  /** The newest id, with an event or without. */
  get id(): string {
    return [...this.text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? "";
  }

  async #read({ body }: Response): Promise<void> {
    for await (const piece of body ?? []) this.pieces.push(Buffer.from(piece).toString());
  }
}

const readers: AbortController[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.abort();
});

/** Opens a stream of somebody, with a query after `live=1`. */
async function open(query: string, { who = ben, headers = {}, at = server } = {}): Promise<Live> {
  const reader = new AbortController();
  readers.push(reader);
  const init = { headers: { ...EVENTS, ...headers }, signal: reader.signal };
  return new Live(await at.fetch(`stream/${who.token}?live=1${query}`, init));
}

/** Sends numbered messages to ben, and sees them arrive on both instances. */
async function talk(count: number, from = 1, at: readonly Place[] = [server, other]): Promise<void> {
  for (let i = from; i < from + count; i++) await ann.say({ to: [ben.entity], text: `${i}` });
  for (const place of at) await ben.news(ben.cursor, place);
}

describe("the position of a live stream", () => {
  it("is the Last-Event-ID first, then the cursor", async () => {
    await talk(1);
    const { cursor } = await ben.poll("?wait=0");
    await talk(1, 2);
    const ahead = await open(`&wait=1&cursor=${ben.cursor}`, { headers: { "last-event-id": cursor } });
    const back = await open(`&wait=1&cursor=${cursor}`, { headers: { "last-event-id": ben.cursor } });
    const without = await open(`&wait=1&cursor=${cursor}`);
    await Promise.all([ahead.ended, back.ended, without.ended]);
    expect([ahead.texts, back.texts, without.texts]).toEqual([["2"], ["1", "2"], ["2"]]);
  });

  it("is the token's birth when there is none, and moves no poll", async () => {
    await talk(1);
    const live = await open("&wait=1");
    await live.ended;
    expect(live.texts).toEqual(["1"]);
    const again = await open("&wait=1");
    await again.ended;
    expect(again.texts).toEqual(["1"]);
    expect((await ben.poll("?wait=0")).prev).toBe(ben.cursor);
  });

  it("is one with that of polls: each goes on where the other ended, on any instance, and nothing is lost or comes twice", async () => {
    const heard: unknown[] = [];
    let cursor = ben.cursor;
    for (let i = 1; i <= 6; i++) {
      await talk(1, i);
      const at = i % 3 === 0 ? server : other;
      if (i % 2 === 0) {
        const { stanzas, cursor: next } = await ben.poll(`?wait=0&cursor=${cursor}`, at);
        heard.push(...stanzas.flatMap(({ message }) => (message ? [Reflect.get(message, "text")] : [])));
        cursor = next;
      } else {
        const live = await open(`&wait=1&cursor=${cursor}`, { at });
        await live.ended;
        heard.push(...live.texts);
        cursor = live.id;
      }
    }
    expect(heard).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("of each event is the cursor from which a poll brings the rest", async () => {
    await talk(3);
    const live = await open(`&wait=1&cursor=${ben.cursor}`);
    await live.ended;
    for (const [i, { id }] of live.events.entries())
      expect((await ben.poll(`?wait=0&cursor=${id}`)).stanzas).toHaveLength(live.events.length - 1 - i);
  });
});

describe("a live stream", () => {
  it("with a limit writes no more than so many stanzas at once, and all of them", async () => {
    await talk(7);
    const live = await open(`&wait=1&limit=3&cursor=${ben.cursor}`);
    await live.ended;
    expect(live.texts).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    const counts = live.pieces.map((piece) => piece.match(/^data: /gm)?.length ?? 0);
    expect(Math.max(...counts)).toBeLessThanOrEqual(3);
  });

  it("brings what was acknowledged before, also without a wait", async () => {
    for (let i = 1; i <= 5; i++) {
      await ann.say({ to: [ben.entity], text: `${i}` });
      const live = await open(`&wait=0&cursor=${ben.cursor}`, { at: i % 2 === 0 ? server : other });
      await live.ended;
      expect(live.texts.at(-1)).toBe(`${i}`);
      expect(live.text).toMatch(/: end\n\n$/);
    }
  });

  it("hears what is sent at another instance", async () => {
    const live = await open("&wait=20", { at: other });
    await expect.poll(() => live.text).toContain("retry: 100");
    await ann.say({ to: [ben.entity], text: "here" });
    await expect.poll(() => live.texts).toEqual(["here"]);
  });

  it("carries each message in the form that it has now", async () => {
    const { id, thread } = await ann.say({ to: [ben.entity], text: "one" });
    const { id: gone } = await ann.say({ thread, text: "two" });
    await ann.send({ type: "edit", edit: { thread, id, text: "corrected" } });
    await ann.send({ type: "edit", edit: { thread, id: gone, text: "never said" } });
    await ann.send({ type: "retract", retract: { thread, id: gone } });
    await Promise.all([ben.news(), ben.news(ben.cursor, other)]);
    for (const at of [server, other]) {
      const live = await open(`&wait=1&cursor=${ben.cursor}`, { at });
      await live.ended;
      expect(live.texts).toEqual(["corrected", undefined]);
      expect(live.text).not.toMatch(/"two"|never said|"one"/);
      expect(live.events.map(({ type }) => type)).toEqual(["thread", "message", "message", "edit", "retract"]);
    }
  });

  it("is not compressed, whatever its reader accepts", async () => {
    const live = await open("&wait=0", { headers: { "accept-encoding": "gzip, br" } });
    expect([live.headers.get("content-encoding"), live.headers.get("cache-control")]).toEqual([
      ...[null, "private, no-store, no-transform"],
    ]);
    await live.ended;
  });

  it.each(["1.0 proxy", "HTTP/1.0 proxy", "1.1 near, 1.0 far"])(
    "is bounded for a hop of HTTP/1.0: Via: %s",
    async (via) => {
      await talk(1);
      const live = await open("&wait=20", { headers: { via } });
      await live.ended;
      expect(live.headers.get("content-length")).toBe(`${Buffer.byteLength(live.text)}`);
      expect(live.texts).toEqual(["1"]);
      expect(live.text).not.toContain(": end");
    },
  );

  it("is refused by its status when the request is wrong", async () => {
    const refused = await Promise.all([
      ...["&wait=x", "&limit=0", "&cursor=nonsense"].map((query) => open(query)),
      open("", { headers: { "last-event-id": "nonsense" } }),
      open("", { who: { ...ben, token: "7c0f6b1e-54c4-4b0e-8a5e-3f7d2a9b6c11" } }),
    ]);
    await Promise.all(refused.map(({ ended }) => ended));
    const codes = refused.map(({ status, text }) => [status, JSON.parse(text).code]);
    const bad = [400, "bad_cursor"];
    expect(codes).toEqual([[400, "invalid"], [400, "invalid"], bad, bad, [404, "token_unknown"]]);
  });

  it("is got, and by no other method", async () => {
    for (const method of ["HEAD", "POST", "PUT"]) {
      const response = await server.fetch(`stream/${ben.token}?live=1`, { method, headers: EVENTS });
      expect([response.status, response.headers.get("allow")]).toEqual([405, expect.stringMatching(/\bGET\b/)]);
      expect(method === "HEAD" ? await response.text() : "").toBe("");
    }
  });
});

describe("a resync", () => {
  it("begins a live stream whose cursor is of another epoch or ahead, and the stream goes on after it", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "1" });
    await ben.news();
    const [epoch = "", n] = ben.cursor.split(".");
    for (const cursor of ["another.5", `${epoch}.${Number(n) + 1_000_000}`]) {
      const live = await open(`&wait=20&cursor=${cursor}`);
      await expect.poll(() => live.events).toHaveLength(1);
      expect(live.events[0]).toMatchObject({
        type: "resync",
        data: { resync: { reason: "epoch", threads: [{ id: thread }] } },
      });
      await ann.say({ thread, text: `after ${cursor}` });
      await expect.poll(() => live.texts).toEqual([`after ${cursor}`]);
      // From the id of the resync nothing is named again.
      const { stanzas } = await ben.poll(`?wait=0&cursor=${live.events[0]?.id}`);
      expect(stanzas.map(({ type }) => type)).toEqual(["message"]);
    }
  });

  it("names the thread whose events are gone, and leads past the gap", async () => {
    const busy = await ann.say({ thread: somebody("busy").replace(",", "-"), to: [ben.entity], text: "busy" });
    const stanzas = Array.from({ length: 20 }, () => ({
      type: "message",
      message: { thread: busy.thread, text: "x" },
    }));
    for (let i = 0; i < 20; i++) expect((await ann.send({ stanzas })).status).toBe(200);
    const fresh = inProcess();
    try {
      const live = await open(`&wait=20&cursor=${ben.cursor}`, { at: fresh });
      await expect.poll(() => live.events.at(-1)?.data, { timeout: 10_000 }).toMatchObject({ message: { seq: 401 } });
      expect(live.events[0]).toMatchObject({
        type: "resync",
        data: { resync: { reason: "trimmed", threads: [{ id: busy.thread, seq: 401 }] } },
      });
    } finally {
      await fresh.stop();
    }
  });

  it("of many threads comes in parts, without a pause between them", async () => {
    for (let i = 0; i < 60; i++)
      await ann.call("POST", "threads", {
        kind: "room",
        id: `${somebody("r").replace(",", "-")}-${i}`,
        members: [ben.entity],
      });
    const live = await open("&wait=20&cursor=another.5");
    const named = () => live.events.map(({ data }) => Reflect.get(Object(data.resync), "threads")?.length);
    await expect.poll(named, { timeout: 10_000 }).toEqual([50, 10]);
    expect(new Set(live.events.map(({ id }) => id)).size).toBe(2);
  });
});

describe("delivery", () => {
  it("of messages of others in direct threads alone is to be acknowledged, and told when a poll does so", async () => {
    const room = somebody("room").replace(",", "-");
    await ann.say({ thread: room, to: [ben.entity], text: "in a room" });
    const live = await open(`&wait=40&cursor=${ben.cursor}`);
    await expect.poll(() => live.texts).toEqual(["in a room"]);
    await sleep(200);
    expect(live.text).not.toContain(": ack");
    const hers = await open(`&wait=40&delivered=1&cursor=${ann.cursor}`, { who: ann });
    const { thread, seq } = await ann.say({ to: [ben.entity], text: "to you" });
    await expect.poll(() => live.text).toMatch(/"text":"to you".*\n\n: ack\n\n/);
    await sleep(200);
    expect(hers.events.map(({ type }) => type)).not.toContain("delivered");
    await ben.poll(`?wait=0&cursor=${live.id}`);
    const told = () => hers.events.filter(({ type }) => type === "delivered").map(({ data }) => data.delivered);
    await expect.poll(told, { timeout: 15_000 }).toMatchObject([{ thread, seq, entity: ben.entity }]);
    expect(hers.text).not.toContain(": ack");
  }, 40_000);
});

describe("the end of a live stream", () => {
  it("comes in order when its token is revoked, also elsewhere, and the token is refused then", async () => {
    const live = await open("&wait=40", { at: other });
    await expect.poll(() => live.text).toContain(": live");
    await server.call("DELETE", `token/${ben.token}`);
    await live.ended;
    expect(live.text).toMatch(/: end\n\n$/);
    expect((await open("", { at: other })).status).toBe(404);
  });

  it("comes in order when its token expires", async () => {
    const brief = inProcess({}, { CHAT_TOKEN_TTL: "2" });
    try {
      const eve = await outsider(brief, somebody("eve"));
      const began = performance.now();
      const live = await open("&wait=40", { who: eve, at: brief });
      await live.ended;
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(live.text).toMatch(/: end\n\n$/);
      expect((await open("", { who: eve, at: brief })).status).toBe(404);
    } finally {
      await brief.stop();
    }
  });

  it("comes to the oldest of more than 8 readers of one user, who are to wait longer then", async () => {
    const all: Live[] = [];
    for (let i = 0; i < 9; i++) {
      all.push(await open("&wait=30"));
      await expect.poll(() => all.at(-1)?.text).toContain(": live");
      await sleep(30);
    }
    await all[0]?.ended;
    expect(all[0]?.text).toMatch(/retry: 10000\n\n.*: end\n\n$/s);
    await ann.say({ to: [ben.entity], text: "still here" });
    for (const live of all.slice(1)) {
      await expect.poll(() => live.texts).toEqual(["still here"]);
      expect(live.text).not.toMatch(/retry: 10000|: end/);
    }
  });

  it("of one who leaves by themselves makes room among the readers of their user", async () => {
    for (let i = 0; i < 12; i++) {
      const live = await open("&wait=30");
      readers.at(-1)?.abort();
      await live.ended;
    }
    const rest = await Promise.all(Array.from({ length: 8 }, () => open("&wait=2")));
    await Promise.all(rest.map(({ ended }) => ended));
    for (const live of rest) expect(live.text).not.toContain("retry: 10000");
  });
});
