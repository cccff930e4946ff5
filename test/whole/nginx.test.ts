import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { onPath } from "../../local/redis.js";
import { nginx } from "../support/nginx.js";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import { raw } from "../support/raw.js";
import { type Site, site } from "../support/site.js";

const found = onPath("nginx");
if (!found && process.env.CI === "true") throw new Error("Cannot test: CI needs nginx on PATH");

describe.skipIf(!found)(found ? "behind nginx with its default settings" : "skipped: nginx is not on PATH", () => {
  let server: Site;
  let front: Awaited<ReturnType<typeof nginx>>;
  let ann: Outsider;
  let ben: Outsider;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    server = await site(store);
    front = await nginx(server.url.replace("localhost", "127.0.0.1"));
    [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    await ann.say({ to: [ben.entity], text: "first" });
    await ben.news();
  });
  afterAll(async () => {
    await front?.stop();
    await server?.stop();
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${front.url}/nereid-chat/${path}`, { headers, signal: AbortSignal.timeout(30_000) });
  const send = (text: string) =>
    fetch(`${front.url}/nereid-chat/send/${ann.token}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "message", message: { to: [ben.entity], text } }),
    });
  const lastId = (text: string) =>
    text
      .match(/^id: (.*)$/gm)
      ?.at(-1)
      ?.slice(4) ?? "";

  it("a held poll is answered when something arrives", async () => {
    const { cursor } = await ben.poll("?wait=0");
    const held = get(`stream/${ben.token}?wait=20&cursor=${cursor}`);
    await sleep(300);
    expect((await send("through the proxy")).status).toBe(200);
    const reply = await held;
    expect(reply.headers.get("cache-control")).toBe("private, no-store, no-transform");
    expect(await reply.json()).toMatchObject({ prev: cursor, stanzas: [{ message: { text: "through the proxy" } }] });
  });

  it.each(["", "&live=1"])("an event stream comes whole, and when something arrives: %s", async (live) => {
    const headers = { accept: "text/event-stream" };
    const begin = await get(`stream/${ben.token}?wait=0`, headers);
    const id = lastId(await begin.text());
    const held = get(`stream/${ben.token}?wait=20${live}`, { ...headers, "last-event-id": id });
    await sleep(300);
    await send("an event");
    const reply = await held;
    const text = await reply.text();
    expect(reply.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(reply.headers.get("content-length")).toBe(`${Buffer.byteLength(text)}`);
    expect(text).toContain('"text":"an event"');
  });

  it("an HTTP/1.0 client is served through it", async () => {
    const request = `GET /nereid-chat/stream/${ben.token}?wait=0 HTTP/1.0\r\n\r\n`;
    const reply = await raw(front.url, request, 10_000);
    expect(reply).toMatchObject({ status: 200, closed: true });
    expect(JSON.parse(reply.body)).toMatchObject({ stanzas: expect.any(Array) });
  });

  it("a conversation of 200 messages loses nothing, repeats nothing, and keeps its order", async () => {
    const headers = { accept: "text/event-stream" };
    const begin = await get(`stream/${ben.token}?wait=0`, headers);
    let id = lastId(await begin.text());
    const heard: number[] = [];
    const listen = async () => {
      for (let turn = 0; heard.length < 200; turn++) {
        const reply = await get(`stream/${ben.token}?wait=10`, { ...headers, "last-event-id": id });
        const text = await reply.text();
        // Every seventh response is lost on the way: the browser asks again from its last id.
        if (turn % 7 === 6) continue;
        for (const [, number] of text.matchAll(/"text":"no (\d+)"/g)) heard.push(Number(number));
        id = lastId(text) || id;
      }
    };
    const talk = async () => {
      for (let i = 1; i <= 200; i++) expect((await send(`no ${i}`)).status).toBe(200);
    };
    await Promise.all([listen(), talk()]);
    expect(heard).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });
});
