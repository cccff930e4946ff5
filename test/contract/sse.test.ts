import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type InProcess, inProcess } from "../support/in-process.js";
import { type Outsider, outsider, somebody } from "../support/outsider.js";

// PROFILE §4: the answer as an event stream, complete or live.

const server = inProcess({}, { CHAT_LIVE_SECONDS: "2" });
const slow = inProcess();
afterAll(async () => {
  await Promise.all([server.stop(), slow.stop()]);
});

let ann: Outsider;
let ben: Outsider;
beforeEach(async () => {
  [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
});

const ask = (query: string, headers: Record<string, string> = {}) =>
  server.call("GET", `stream/${ben.token}?${query}`, { headers: { accept: "text/event-stream", ...headers } });

type Frame = { id?: string; event?: string; data?: unknown; retry?: number };

/** Reads an event stream as a browser does, but shows also what that would keep to itself; who is there is another matter. */
function frames(text: string): Frame[] {
  return text
    .replaceAll(/^id: .*\ndata: \{"timestamp":"[^"]*","type":"presence".*\n\n/gm, "")
    .split("\n\n")
    .filter((block) => block !== "" && !block.startsWith(":"))
    .map((block) => {
      const frame: Frame = {};
      for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        const name = line.slice(0, colon);
        const value = line.slice(colon + 1).trimStart();
        if (name === "data") frame.data = JSON.parse(value);
        else if (name === "retry") frame.retry = Number(value);
        else if (name === "id" || name === "event") frame[name] = value;
      }
      return frame;
    });
}

describe("a bounded event stream", () => {
  it("is complete, and of the type that was asked for", async () => {
    const { status, headers, text } = await ask("wait=0");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^text\/event-stream(; ?charset=utf-8)?$/i);
    expect(headers.get("content-length")).toBe(`${Buffer.byteLength(text)}`);
    expect(text.endsWith("\n\n")).toBe(true);
  });

  it.each(["text/event-stream", "Text/Event-Stream", "text/event-stream, */*;q=0.1"])(
    "is the answer to %s",
    async (accept) => {
      expect((await ask("wait=0", { accept })).headers.get("content-type")).toMatch(/^text\/event-stream/);
    },
  );

  it.each(["*/*", "application/json", "text/html, */*"])("is not the answer to %s", async (accept) => {
    expect((await ask("wait=0", { accept })).headers.get("content-type")).toBe("application/json");
  });

  it("has one event a stanza, its id the cursor after it, its data the timestamp and the stanza", async () => {
    await ann.say({ to: [ben.entity], text: "one\ntwo\r\nthree\u2028four: id: 5\n\ndata: x" });
    await ann.say({ to: [ben.entity], text: "more" });
    await ben.news();
    const { text } = await ask("wait=0");
    const [retry, ...events] = frames(text);
    expect(retry).toEqual({ retry: 100 });
    expect(events).toMatchObject([
      { id: expect.any(String), data: { timestamp: expect.any(String), type: "thread", thread: {} } },
      { data: { type: "message", message: { seq: 1, text: "one\ntwo\r\nthree\u2028four: id: 5\n\ndata: x" } } },
      { data: { timestamp: expect.stringMatching(/Z$/), type: "message", message: { seq: 2 } } },
    ]);
    expect(events.every((it) => it.event === undefined)).toBe(true);
    // From the id of each event the stream goes on with the next one.
    for (const [i, { id = "" }] of events.entries()) {
      const rest = frames((await ask("wait=0", { "last-event-id": id })).text).slice(1);
      expect(rest.flatMap((it) => it.data ?? [])).toHaveLength(events.length - 1 - i);
    }
  });

  it("ends with the cursor of the JSON answer", async () => {
    await ann.say({ to: [ben.entity], text: "one" });
    await ben.news();
    const { cursor } = await ben.poll(`?wait=0&cursor=${ben.cursor}`);
    expect(frames((await ask("wait=0")).text).at(-1)?.id).toBe(cursor);
  });

  it("that is empty has an id alone", async () => {
    const { text } = await ask("wait=0");
    expect(text).toMatch(/^retry: 100\n\nid: [^\n]+\n\n$/);
  });

  it("is held as long as a JSON answer, and comes when something does", async () => {
    await ann.say({ to: [ben.entity], text: "before" });
    await ben.news();
    const id = frames((await ask("wait=0")).text).at(-1)?.id ?? "";
    const held = ask("wait=20", { "last-event-id": id });
    await sleep(300);
    await ann.say({ to: [ben.entity], text: "now" });
    expect((await held).text).toContain('"text":"now"');
  });

  it("resumes by Last-Event-ID, so that a browser that asks again and again hears everything once", async () => {
    let id = "";
    const heard: unknown[] = [];
    for (let i = 1; i <= 10; i++) {
      await ann.say({ to: [ben.entity], text: `${i}` });
      await ben.news();
      const events = frames((await ask("wait=0&limit=2", id === "" ? {} : { "last-event-id": id })).text);
      for (const { data } of events) if (data !== undefined) heard.push(data);
      id = events.findLast((it) => it.id !== undefined)?.id ?? id;
    }
    expect(heard.slice(1)).toMatchObject(Array.from({ length: 10 }, (_, i) => ({ message: { seq: i + 1 } })));
  });

  it("refuses a wrong request by its status, since asking again would not help", async () => {
    expect((await ask("wait=x")).status).toBe(400);
    expect((await ask("cursor=nonsense")).status).toBe(400);
    const unknown = await server.call("GET", "stream/7c0f6b1e-54c4-4b0e-8a5e-3f7d2a9b6c11", {
      headers: { accept: "text/event-stream" },
    });
    expect(unknown).toMatchObject({ status: 404, json: { code: "token_unknown" } });
  });
});

describe("a live event stream", () => {
  /** Opens one and hands over what comes, piece by piece. */
  async function open(at: InProcess, query: string, headers: Record<string, string> = {}, who = ben) {
    const response = await at.fetch(`stream/${who.token}?live=1${query}`, {
      headers: { accept: "text/event-stream", ...headers },
    });
    let text = "";
    const done = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })();
    return { response, done, heard: () => text };
  }

  // Begun first and looked at last: it takes its time.
  let quiet: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    quiet = await open(slow, "&wait=16", {}, await outsider(slow, somebody("quiet")));
  });

  it("carries the general headers, and no length", async () => {
    const { response, done } = await open(server, "&wait=1");
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": expect.stringMatching(/^text\/event-stream/),
      "cache-control": "private, no-store, no-transform",
      vary: "Origin, Authorization, Cookie, Accept",
    });
    expect(response.headers.has("content-length")).toBe(false);
    await done;
  });

  it("writes events as they come, the ends of a complete one, and ends when the wait is over", async () => {
    await ann.say({ to: [ben.entity], text: "before" });
    await ben.news(ben.cursor, slow);
    const live = await open(slow, "&wait=3");
    await expect.poll(live.heard).toContain('"text":"before"');
    for (const text of ["one", "two"]) {
      await ann.say({ to: [ben.entity], text });
      await expect.poll(live.heard).toContain(`"text":"${text}"`);
    }
    await live.done;
    const [retry, ...events] = frames(live.heard());
    expect(retry).toEqual({ retry: 100 });
    expect(events.flatMap((it) => it.data ?? [])).toMatchObject([
      { type: "thread" },
      { type: "message", message: { text: "before", seq: 1 } },
      { type: "message", message: { text: "one", seq: 2 } },
      { type: "message", message: { text: "two", seq: 3 } },
    ]);
    const ids = events.flatMap((it) => it.id ?? []);
    const rest = await ben.news(ids[1], slow);
    expect(rest).toMatchObject([{ message: { text: "one" } }, { message: { text: "two" } }]);
  });

  it("lasts CHAT_LIVE_SECONDS at most", async () => {
    const began = Date.now();
    const { done } = await open(server, "&wait=50");
    await done;
    expect(Date.now() - began).toBeGreaterThan(1_500);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it("lasts CHAT_LIVE_SECONDS when nothing else is said", async () => {
    const began = Date.now();
    const { done } = await open(server, "");
    await done;
    expect(Date.now() - began).toBeGreaterThan(1_500);
  });

  it("resumes by Last-Event-ID", async () => {
    await ann.say({ to: [ben.entity], text: "one" });
    await ann.say({ to: [ben.entity], text: "two" });
    await ben.news();
    const id = frames((await ask("wait=0")).text)[2]?.id ?? "";
    const live = await open(server, "&wait=1", { "last-event-id": id });
    await live.done;
    expect(frames(live.heard()).flatMap((it) => it.data ?? [])).toMatchObject([{ message: { text: "two" } }]);
  });

  it("ends when its token is revoked", async () => {
    const live = await open(slow, "&wait=50");
    await sleep(300);
    await slow.call("DELETE", `token/${ben.token}`);
    await live.done;
    expect((await slow.call("GET", `stream/${ben.token}`)).status).toBe(404);
  });

  it("is JSON when that is asked for: then live says nothing", async () => {
    const reply = await server.call("GET", `stream/${ben.token}?live=1&wait=0`);
    expect(reply).toMatchObject({ status: 200, json: { stanzas: [] } });
  });

  it("says something every 15 s", async () => {
    await quiet.done;
    expect(quiet.heard()).toMatch(/^:$/m);
  });

  it("writes a comment soon after its first bytes, and says that it ends by itself", async () => {
    const live = await open(server, "&wait=1");
    await expect.poll(live.heard, { timeout: 900, interval: 20 }).toMatch(/^: live$/m);
    await live.done;
    expect(live.heard()).toMatch(/^retry: 100\n\n: live\n\nid: [^\n]+\n\n: end\n\n$/);
  });

  it("has a part of its time taken off, so that not all readers come back at once", async () => {
    const ages = Array.from({ length: 6 }, async () => {
      const began = performance.now();
      await (await open(server, "")).done;
      return performance.now() - began;
    });
    const [first = 0, ...others] = (await Promise.all(ages)).sort((a, b) => a - b);
    expect(first).toBeGreaterThan(1_700);
    expect((others.at(-1) ?? 0) - first).toBeGreaterThan(5);
  });

  it("ends in order when the server stops", async () => {
    const brief = inProcess();
    const live = await open(brief, "", {}, await outsider(brief, somebody("eve")));
    await sleep(200);
    await brief.stop();
    await live.done;
    expect(live.heard()).toMatch(/: end\n\n$/);
  });
});
