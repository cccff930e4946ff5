import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { outsider, somebody } from "../support/outsider.js";
import { type RawReply, raw } from "../support/raw.js";
import { type Site, session, site } from "../support/site.js";

// The document is "fully compatible with HTTP/1.0": a client that knows no chunks, no keep-alive, and no Host.

let server: Site;
beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  server = await site(store);
});
afterAll(() => server.stop());

/** Sends a request as HTTP/1.0; the response must come within 30 s. */
async function ask(method: string, path: string, headers: Record<string, string> = {}, body = ""): Promise<RawReply> {
  const length =
    body === "" ? {} : { "Content-Type": "application/json", "Content-Length": `${Buffer.byteLength(body)}` };
  const lines = Object.entries({ ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`);
  return raw(server.url, `${method} /nereid-chat/${path} HTTP/1.0\r\n${lines.join("")}\r\n${body}`, 30_000);
}

/** Expects what an HTTP/1.0 client needs to read a response and to know that it is complete. */
function expectWhole(reply: RawReply): void {
  expect(reply.headers.has("transfer-encoding")).toBe(false);
  expect(reply.headers.get("content-length")).toBe(`${Buffer.byteLength(reply.body)}`);
  expect(reply.headers.get("cache-control")).toBe("private, no-store, no-transform");
  expect(reply.closed).toBe(true);
}

const hello = (to: string) => JSON.stringify({ type: "message", message: { to: [to], text: "Hello, 1.0 ✓" } });

describe("an HTTP/1.0 client", () => {
  it("makes a token", async () => {
    const reply = await ask("POST", "token", { Authorization: `Bearer ${await session(somebody())}` });
    expect(reply.status).toBe(200);
    expectWhole(reply);
    expect(JSON.parse(reply.body)).toMatchObject({ token: expect.any(String) });
  });

  it("sends, and reads the stream", async () => {
    const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    const sent = await ask("POST", `send/${ann.token}`, {}, hello(ben.entity));
    expect(sent.status).toBe(200);
    expectWhole(sent);
    const read = await ask("GET", `stream/${ben.token}?wait=0&cursor=${ben.cursor}`);
    expect(read.status).toBe(200);
    expectWhole(read);
    expect(await ben.news()).toMatchObject([{ type: "thread" }, { message: { text: "Hello, 1.0 ✓" } }]);
  });

  it("holds a poll, which is answered when something arrives", async () => {
    const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    await ann.say({ to: [ben.entity], text: "before" });
    await ben.news();
    const { cursor } = await ben.poll("?wait=0");
    const held = ask("GET", `stream/${ben.token}?wait=20&cursor=${cursor}`);
    await ann.say({ to: [ben.entity], text: "now" });
    const reply = await held;
    expectWhole(reply);
    expect(JSON.parse(reply.body)).toMatchObject({ stanzas: [{ message: { text: "now" } }] });
  });

  it.each(["wait=0", "wait=1", "wait=1&live=1"])("reads an event stream that ends: %s", async (query) => {
    const ben = await outsider(server, somebody("ben"));
    const reply = await ask("GET", `stream/${ben.token}?${query}`, { Accept: "text/event-stream" });
    expect(reply.status).toBe(200);
    expectWhole(reply);
    expect(reply.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(reply.body).toMatch(/^retry: 100\n\nid: [^\n]+\n\n$/);
  });

  it("gets a live stream in its bounded form, as soon as something arrives", async () => {
    const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    await ann.say({ to: [ben.entity], text: "here" });
    await ben.news();
    const reply = await ask("GET", `stream/${ben.token}?live=1`, { Accept: "text/event-stream" });
    expectWhole(reply);
    expect(reply.body).toContain('"text":"here"');
  });

  it("resumes by Last-Event-ID", async () => {
    const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    await ann.say({ to: [ben.entity], text: "one" });
    await ben.news();
    const headers = { Accept: "text/event-stream" };
    const first = await ask("GET", `stream/${ben.token}?wait=0`, headers);
    const id =
      first.body
        .match(/^id: (.*)$/gm)
        ?.at(-1)
        ?.slice(4) ?? "";
    await ann.say({ to: [ben.entity], text: "two" });
    await ben.news();
    const next = await ask("GET", `stream/${ben.token}?wait=0`, { ...headers, "Last-Event-ID": id });
    expect(next.body).toContain('"text":"two"');
    expect(next.body).not.toContain('"text":"one"');
  });

  it("is refused with complete problem documents", async () => {
    const replies = [
      await ask("GET", "threads"),
      await ask("GET", "nothing"),
      await ask("PUT", "send"),
      await ask("GET", "stream/nonsense"),
      await ask("POST", "send", {}, "{"),
    ];
    expect(replies.map((it) => it.status)).toEqual([401, 404, 405, 404, 401]);
    for (const reply of replies) {
      expectWhole(reply);
      expect(reply.headers.get("content-type")).toBe("application/problem+json");
    }
  });

  it("gets an empty response where there is no content", async () => {
    const ben = await outsider(server, somebody("ben"));
    const reply = await ask("DELETE", `token/${ben.token}`);
    expect({ status: reply.status, body: reply.body, closed: reply.closed }).toEqual({
      ...{ status: 204, body: "", closed: true },
    });
    expect(reply.headers.has("transfer-encoding")).toBe(false);
  });
});
